"""Cases that AWS refuses as well, each with what is said here, and why AWS would say no.

`docs/cases/alike.tsv`: kind, name, a part of what is said, why. A case that fails with other words counts as failed.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from casework.outcome import Outcome

FILE = Path(__file__).parent.parent.parent / "docs" / "cases" / "alike.tsv"


def judged(kind: str, name: str, outcome: Outcome) -> Outcome:
    """The outcome, or that AWS says no too."""
    part, why = _known().get((kind, name), ("", ""))
    if outcome.verdict != "failed" or not part or not any(part in said for said in outcome.why):
        return outcome
    return Outcome("alike", [why], [*outcome.why, *outcome.notes])


@cache
def _known() -> dict[tuple[str, str], tuple[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {(row["kind"], row["name"]): (row["said"], row["why"]) for row in rows}
