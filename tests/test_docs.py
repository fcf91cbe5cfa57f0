"""Documents that are made from the code say what the code does."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_coverage_page_is_what_the_local_aws_covers() -> None:
    from crossdock.local import coverage

    assert (DOCS / "coverage.md").read_text(encoding="utf-8") == coverage.document()


def test_every_room_that_the_architecture_names_exists() -> None:
    import re

    source = DOCS.parent / "src" / "crossdock"
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = {path for path in re.findall(r"`((?!tests/)[a-z_]+/[a-z_/]*(?:\.py)?)`", text)}
    assert named
    assert [path for path in sorted(named) if not (source / path).exists()] == []
