"""Documents that are made from the code say what the code does."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_coverage_page_is_what_the_local_aws_covers() -> None:
    from crossdock.local import coverage

    assert (DOCS / "coverage.md").read_text(encoding="utf-8") == coverage.document()
