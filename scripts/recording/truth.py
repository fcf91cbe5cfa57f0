"""What makes a recording true: that the command succeeded, on which example, and that nothing of the machine shows."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recording.cast import Cast

EXAMPLE = "examples/hello"

SUCCESS = re.compile(r"^\S+ to \S+ \(account \d{12}\): Succeeded at commit [0-9a-f]{12}\b", re.MULTILINE)
"""The line that crossdock prints at the end of a rehearsal for each delivery that arrived."""

_ENDING = 40
"""How many of the last lines are the end of a recording: what a screen and its summary hold."""


def origin(root: Path, command: Sequence[str], status: int) -> dict[str, Any]:
    """What a recording was made from, for its header: git's name for the committed example, crossdock's version."""
    return {"command": list(command), "status": status, "example": example(root), "crossdock": version(root)}


def example(root: Path) -> str:
    """Git's object name of the committed example: it changes with every byte and every file name below it."""
    return _git(root, "rev-parse", f"HEAD:{EXAMPLE}").strip()


def uncommitted(root: Path) -> list[str]:
    """Files of the example that differ from what is committed: no recording can name what it shows then."""
    return [line[3:] for line in _git(root, "status", "--porcelain", "--", EXAMPLE).splitlines()]


def version(root: Path) -> str:
    """crossdock's version, read and not imported: recording needs no installation in the same environment."""
    source = (root / "src/crossdock/__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', source, re.MULTILINE)
    if found is None:
        raise ValueError("src/crossdock/__init__.py names no version")
    return found[1]


def revealed(cast: Cast, places: Mapping[str, Path]) -> list[str]:
    """What the recording tells of this machine; `places` says what each folder is. The root folder tells nothing."""
    raw = "".join(output.text for output in cast.outputs)
    return [
        f"the path of {what}" for what, path in places.items()
        if len(path.parts) > 1 and any(str(path) in text for text in (raw, cast.text, cast.text.replace("\n", "")))
    ]


def faults(cast: Cast, current: Mapping[str, Any]) -> list[str]:
    """Why a kept recording is not one of what is committed; empty when it is."""
    found = []
    if cast.origin.get("status") != 0:
        found.append("the recorded command did not succeed")
    if not SUCCESS.search("\n".join(cast.text.rstrip().splitlines()[-_ENDING:])):
        found.append("it does not end with the line that tells of a delivery that succeeded")
    for name, what in (("example", EXAMPLE), ("crossdock", "crossdock")):
        if cast.origin.get(name) != current[name]:
            found.append(f"it was made from another version of {what}: {cast.origin.get(name)}, now {current[name]}")
    return found


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True)
    return done.stdout
