"""Writes docs/third-party.md: every package that an installation brings, with version and licence, from its metadata.

Usage: python scripts/third_party.py [--check]   run in the environment made from requirements/run.txt
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "third-party.md"
HEAD = """# Third-party packages

What `requirements/run.txt` installs besides crossdock itself, by the packages' own metadata. Made by
`scripts/third_party.py`; a test compares it with the lock. Packages that this platform doesn't install show no licence.

| package | version | licence |
| --- | --- | --- |
"""


def locked() -> list[tuple[str, str]]:
    """(name, version) of every locked package, in order."""
    text = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE)))


def licence(name: str) -> str:
    """The licence as the package states it: SPDX expression, else classifier, else its field's first line."""
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return "not installed here"
    if expression := found.get("License-Expression"):
        return str(expression)
    classifiers = [c.rpartition(" :: ")[2] for c in found.get_all("Classifier") or [] if c.startswith("License ::")]
    text = str(found.get("License") or "").strip().splitlines()
    return "; ".join(classifiers) or (text[0][:60] if text else "see its distribution")


def render() -> str:
    rows = "".join(f"| {name} | {version} | {licence(name).replace('|', '/')} |\n" for name, version in locked())
    return HEAD + rows


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if TARGET.read_text(encoding="utf-8") == render() else "docs/third-party.md is not up to date")
    TARGET.write_text(render(), encoding="utf-8")
