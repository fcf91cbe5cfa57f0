"""The AWS SDK for JavaScript, which Lambda's Node.js runtimes bring: taken once from npm's registry, for all functions.

Lambda Developer Guide, "Building Lambda functions with Node.js", "Runtime-included SDK versions": v3 from nodejs18.x
on, v2 before. What of it a function imports is read from its files; npm runs no scripts of packages, and only for what
isn't there yet. A miss is remembered for as long as this process runs.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

_IMPORT = re.compile(
    r"""(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*["'](?P<name>@(?:aws-sdk|smithy)/[\w.-]+|aws-sdk)(?:/[^"']*)?["']"""
)
_INSTALLING = threading.Lock()
_missed: set[str] = set()
SECONDS = 120.0


def provided(task: Path, layers: Sequence[str], cache: Path) -> Path | None:
    """The folder whose `node_modules` holds what a function imports of the SDK; None when it imports none of it, or
    brings its own."""
    wanted = {name for name in _imported(task) if not _has(name, task, layers)}
    if not wanted:
        return None
    folder = cache / "node-sdk"
    with _INSTALLING:
        missing = sorted(name for name in wanted - _missed if not (folder / "node_modules" / name).is_dir())
        if missing:
            _install(folder, missing)
        for name in missing if len(missing) > 1 else ():
            if not (folder / "node_modules" / name).is_dir():
                _install(folder, (name,))
        _missed.update(name for name in missing if not (folder / "node_modules" / name).is_dir())
    return folder


def _imported(task: Path) -> Iterator[str]:
    for file in task.rglob("*"):
        if file.suffix in (".js", ".mjs", ".cjs") and "node_modules" not in file.parts and file.is_file():
            for found in _IMPORT.finditer(file.read_text(encoding="utf-8", errors="replace")):
                yield found["name"]


def _has(name: str, task: Path, layers: Sequence[str]) -> bool:
    folders = [folder for folder in task.rglob("node_modules") if folder.is_dir()]
    return any((folder / name).is_dir() for folder in (*folders, *map(Path, layers)))


def _install(folder: Path, names: Sequence[str]) -> None:
    """What can't be had stays missing: the function says which when it wants it."""
    npm = shutil.which("npm")
    if npm is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run([npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0",
                        "--prefix", str(folder), *names], capture_output=True, check=False, timeout=SECONDS,
                       stdin=subprocess.DEVNULL, cwd=folder)
    except subprocess.TimeoutExpired:
        return
