"""Up, down, status, reset: the local AWS as a person or a rehearsal starts and stops it.

State lives in one directory (`.crossdock/local`), with a lock that the server holds while it runs, its address in
`server.json` and AWS profiles in `aws/{config,credentials}`.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.errors import LocalError
from crossdock.local.door.log_reader import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A running local AWS. `root` is where it keeps what it holds, below `state`; one that is not `kept` ends with who
    started it. `companions`: name -> `127.0.0.1:PORT`."""

    state: Path
    root: Path
    endpoint: str
    pid: int
    accounts: Mapping[str, str]
    region: str
    kept: bool
    companions: Mapping[str, str]

    @property
    def config_file(self) -> Path:
        return self.state / "aws" / "config"

    @property
    def credentials_file(self) -> Path:
        return self.state / "aws" / "credentials"

    def substitutions(self) -> list[str]:
        """What ran otherwise than on AWS, a sentence each."""
        path = self.root / "substitutions.json"
        found: list[str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        return found

    def denials(self, since: float = 0.0) -> list[dict[str, Any]]:
        """Calls that the door refused since a moment: caller, action, resource, missing."""
        return [line for line in read(self.root / "access.jsonl", since=since) if line["decision"] != "allowed"]

    def down(self) -> None:
        down(self.state)


ENDING_SECONDS = 8.0
"""How long a server may take to end when who started it was killed."""
_parents: dict[Path, int] = {}
"""Our ends of the pipes that bind servers to this process: they close when it ends, however it ends."""
_servers: dict[Path, subprocess.Popen[bytes]] = {}
"""Servers that this process started: it has to ask how they ended."""


def up(
    state: Path, *, accounts: Mapping[str, str], shared: str, organization: str, region: str, keep: bool = False,
    companions: Mapping[str, Mapping[str, str]] | None = None, home: Path | None = None,
) -> Local:
    """Start the local AWS. `accounts`: name -> id; `shared` names the account that manages the organization.

    `companions`: name -> command and ready of what is started beside it, in the folder `home` (local.companions).

    With keep=True it goes on from what an earlier one that was kept left here, however that ended. With keep=False it
    starts from nothing, what was kept stays aside, and the server and everything it started end with this process,
    even when that is killed. Raises LocalError when one already runs on this state, or it could not start.
    """
    state = state.resolve()
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    _await_turn(state)
    if (killed := _servers.pop(state, None)) is not None:
        killed.wait(10)
    read_end, write_end = os.pipe()
    settings = {"accounts": dict(accounts), "shared": shared, "organization": organization, "region": region,
                "parent": 0 if keep else read_end, "home": str((home or state).resolve()),
                "companions": {name: dict(one) for name, one in (companions or {}).items()}}
    with (state / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "crossdock.local.daemon", str(state)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=log, start_new_session=True, pass_fds=() if keep else (read_end,),
            env=_environment(), cwd=state,
        )
    os.close(read_end)
    _servers[state] = process
    if keep:
        os.close(write_end)
    else:
        _parents[state] = write_end
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  pipes were asked for
    try:
        process.stdin.write(json.dumps(settings).encode())
        process.stdin.close()
        line = process.stdout.readline()
    except BaseException:  # most likely Ctrl-C: it is on its way up, and nobody would stop it later
        process.kill()
        process.wait()
        raise
    finally:
        process.stdout.close()
    answer = json.loads(line) if line else {}
    if "endpoint" not in answer:
        process.wait(10)
        tail = (state / "server.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()[-12:]
        raise LocalError(message=f"the local AWS did not start: {answer.get('error', f'see {state}/server.log')}",
                         hint=answer.get("hint", ""), details=answer.get("details", ()) if answer else tail)
    found = status(state)
    if found is None:
        raise LocalError(message=f"the local AWS stopped as soon as it started: see {state}/server.log")
    return found


def _await_turn(state: Path) -> None:
    """Wait for a server that ends since who started it was killed. Raises LocalError for one that stays."""
    deadline = time.monotonic() + ENDING_SECONDS
    while (running := status(state)) is not None or _locked(state):
        if (running is not None and running.kept) or time.monotonic() > deadline:
            raise LocalError(message=f"a local AWS already runs on {state}", hint="stop it: crossdock local down")
        time.sleep(0.05)


def _environment() -> dict[str, str]:
    """The server's environment: nothing of the user's AWS settings may reach it."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MOTO_", "GIT_"))}


def status(state: Path) -> Local | None:
    """The local AWS that runs on this state, or None. A server that was killed leaves its lock free."""
    state = state.resolve()
    try:
        settings = json.loads((state / "server.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if not _locked(state):
        return None
    return Local(state=state, root=Path(settings["root"]), endpoint=settings["endpoint"], pid=settings["pid"],
                 accounts=settings["accounts"], region=settings["region"], kept=not settings["parent"],
                 companions=settings.get("companions", {}))


def _locked(state: Path) -> bool:
    """Whether a server lives here, on its way up or down too."""
    with (state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def down(state: Path, *, grace: float = 10.0) -> bool:
    """Stop the server and all that it started. False when none ran."""
    state = state.resolve()
    running = status(state)
    if (pipe := _parents.pop(state, None)) is not None:
        os.close(pipe)
    if running is None:
        if (killed := _servers.get(state)) is not None and killed.poll() is not None:
            del _servers[state]
        return False
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        try:
            os.kill(running.pid, number)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if status(state) is None and not _alive(state, running.pid):
                return True
            time.sleep(0.02)
    return True


def _alive(state: Path, pid: int) -> bool:
    """Whether a server still runs; one of ours that ended is reaped."""
    started = _servers.get(state)
    if started is not None and started.pid == pid:
        if started.poll() is None:
            return True
        del _servers[state]
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # no such file system here, or it ended just now: the next look tells
        return True
    return stat.rpartition(")")[2].split()[0] != "Z"  # ended, and whoever inherited it is slow to notice


def reset(state: Path) -> None:
    """Stop the server and forget its state."""
    down(state)
    if state.exists():
        shutil.rmtree(state)


def env(state: Path, account: str) -> dict[str, str]:
    """Variables with which a shell acts as the administrator of an account. Raises LocalError when it can't."""
    running = status(state)
    if running is None:
        raise LocalError(message="the local AWS is not running", hint="start it: crossdock local up")
    if account not in running.accounts and account != "rehearsal":
        raise LocalError(message=f"there is no account {account}", hint=f"one of {', '.join(sorted(running.accounts))}")
    return {
        "AWS_CONFIG_FILE": str(running.config_file), "AWS_SHARED_CREDENTIALS_FILE": str(running.credentials_file),
        "AWS_PROFILE": account, "AWS_ENDPOINT_URL": running.endpoint, "AWS_REGION": running.region,
        "AWS_DEFAULT_REGION": running.region,  # what version 1 of the AWS CLI reads
        "AWS_EC2_METADATA_DISABLED": "true",
    }
