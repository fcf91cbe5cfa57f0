"""What both clouds answered when they were last asked: `tests/witness/answers.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from witnessing.asking import Facts

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = ROOT / "tests" / "witness" / "answers.json"
TABLE = ROOT / "tests" / "witness" / "differences.yaml"
PAGE = ROOT / "docs" / "witness.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """date  ISO, of the day on which they were asked; witness: its name and version."""

    date: str
    witness: str
    ours: Mapping[str, Facts]
    theirs: Mapping[str, Facts]


def read(path: Path = ANSWERS) -> Recorded:
    return Recorded(**json.loads(path.read_text(encoding="utf-8")))


def write(recorded: Recorded, path: Path = ANSWERS) -> None:
    told = {"date": recorded.date, "witness": recorded.witness, "ours": recorded.ours, "theirs": recorded.theirs}
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
