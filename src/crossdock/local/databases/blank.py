"""A server's folder before anything was written into it: made once by initdb, then copied."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from crossdock.local import certificate
from crossdock.local.databases.installed import Installed
from crossdock.local.databases.unprivileged import User
from crossdock.local.engine import AwsError

ADMINISTRATOR = "rdsadmin"
"""RDS's own superuser, whom nobody else becomes (RDS User Guide, "Master user account privileges")."""
ENVIRONMENT: Mapping[str, str] = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
_LOCK = threading.Lock()


def copied(data: Path, installed: Installed, user: User) -> str:
    """A new data folder; returns the password of its superuser, the same for all below one state directory.

    Raises AwsError with initdb's words.
    """
    home = data.parents[4] / "blank" / str(installed.major)
    with _LOCK:
        if not (home / "data").exists():
            _make(home, installed, user)
    shutil.rmtree(data, ignore_errors=True)
    done = subprocess.run(["cp", "-a", str(home / "data"), str(data)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AwsError("InternalFailure", f"PostgreSQL could not be set up: {done.stderr.strip()}", 500)
    return (home / "password").read_text(encoding="utf-8")


def _make(home: Path, installed: Installed, user: User) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)
    data, password = home / "making", home / "password"
    data.mkdir(mode=0o700)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    for path in (data, password):
        user.owns(path)
    made = subprocess.run(
        [*user.prefix, installed.program("initdb"), "-D", str(data), "-U", ADMINISTRATOR, "--auth=scram-sha-256",
         f"--pwfile={password}", "--no-sync", "--locale=C", "--encoding=UTF8"],
        capture_output=True, text=True, check=False, env=ENVIRONMENT)  # fmt: skip
    if made.returncode:
        raise AwsError("InternalFailure", f"PostgreSQL could not be set up: {made.stderr.strip()}", 500)
    for name, content in zip(("server.crt", "server.key"), certificate.make(), strict=True):
        (data / name).touch(mode=0o600)
        (data / name).write_bytes(content)
        user.owns(data / name)
    data.rename(home / "data")
