"""Which cases there are: a list of tab-separated lines, and a folder of checkouts it points into."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

KINDS = ("sam", "pipeline", "buildspec", "nested")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of the list.

    path      below the repository; `template.yaml#LogicalId` for a buildspec inside a template, `(repository)` for all
    checkout  the repository's folder: `FOLDER/<owner>/<name>`
    """

    kind: str
    name: str
    repository: str
    commit: str
    path: str
    checkout: Path

    @property
    def file(self) -> Path:
        return self.checkout / self.path.partition("#")[0]


def read(listing: Path, folder: Path) -> tuple[Case, ...]:
    """The cases of a list with columns kind, name, repository, commit, path."""
    with listing.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return tuple(
        Case(kind=row["kind"].removesuffix("s") if row["kind"] != "sam" else "sam", name=row["name"],
             repository=row["repository"], commit=row["commit"], path=row["path"],
             checkout=folder / row["repository"])
        for row in rows
    )
