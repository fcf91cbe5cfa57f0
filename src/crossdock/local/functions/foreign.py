"""AWS's runtime client for an interpreter that is not ours: its wheel, fetched once and kept for all platforms."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from importlib import metadata
from pathlib import Path

_FETCHING = threading.Lock()
_missed: set[str] = set()


def aws_client(version: str, cache: Path) -> Path | None:
    """A folder with awslambdaric for Python `version` (`3.13`), or None: no wheel of it, or no network to fetch it.

    The version is the one that this environment locks; where that has none (macOS), there is no wheel either. A miss is
    remembered for as long as this process runs.
    """
    try:
        locked = metadata.version("awslambdaric")
    except metadata.PackageNotFoundError:
        return None
    target = cache / "runtimes" / f"awslambdaric-{locked}-python{version}"
    with _FETCHING:
        if target.is_dir():
            return target
        if version in _missed:
            return None
        if not _install(f"awslambdaric=={locked}", version, target):
            _missed.add(version)
            return None
    return target


def _install(requirement: str, version: str, target: Path) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
    wheel = ("--retries", "0", "--only-binary", ":all:", "--python-version", version, "--target", str(temporary))
    try:
        subprocess.run(
            [*pip, *wheel, requirement], capture_output=True, check=True, stdin=subprocess.DEVNULL, timeout=60,
            env=os.environ | {"PIP_DEFAULT_TIMEOUT": "5"},
        )
        temporary.rename(target)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return False
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return True
