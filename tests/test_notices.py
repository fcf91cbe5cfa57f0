"""The lock carries hashes and no addresses; the notices name what it installs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def test_every_locked_package_has_a_hash() -> None:
    for lock in LOCKS:
        entries = re.split(r"\n(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8"))
        assert entries
        assert all("--hash=sha256:" in entry for entry in entries if "==" in entry), lock


def test_no_lock_names_an_address() -> None:
    for lock in LOCKS:
        assert "://" not in lock.read_text(encoding="utf-8")
        assert "--index" not in lock.read_text(encoding="utf-8")


def test_the_notices_name_every_package_of_the_lock() -> None:
    lock = (ROOT / "requirements/run.txt").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([A-Za-z0-9._-]+==[^\s;\\]+)", lock, re.MULTILINE))
    notices = (ROOT / "docs/third-party.md").read_text(encoding="utf-8")
    named = {f"{n}=={v}" for n, v in re.findall(r"^\| ([A-Za-z0-9._-]+) \| (\d\S*) \|", notices, re.MULTILINE)}
    assert named == locked
