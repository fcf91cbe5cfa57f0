"""Count physicians per skill, specialty and state; publish only what hides everyone in a crowd.

Three levels, each the sum of the next: skill; skill and specialty; skill, specialty and state. A cell of fewer than
K physicians is
withheld. Since a published sum less its published parts tells the rest, parts that are withheld must together hide K
physicians and
be at least two; the smallest published part is withheld, too, until they are (complementary suppression; see the
Federal Committee on
Statistical Methodology's Working Paper 22). Below a withheld cell nothing is published.

Two releases of nearly the same people can be subtracted as well. A period's snapshot is therefore made once and stays.
"""

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass

import duckdb

from idh.storage import NotStored, Storage

K = 11
Cell = tuple[str, ...]  # (skill,), (skill, specialty) or (skill, specialty, state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One published count. `specialty` and `state` are empty where the cell is a sum over them."""

    skill: str
    specialty: str
    state: str
    physicians: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What may be published, and what was withheld: as small (`primary`), as betraying others (`complementary`)."""

    cells: tuple[Published, ...]
    primary: int
    complementary: int


class SnapshotExists(ValueError):
    """The period was released already, with other counts."""


def counts(db: duckdb.DuckDBPyConnection) -> dict[Cell, int]:
    """Physicians of each finest cell, from `physician`, `physician_record`, `survey`; those who opted out are not
    counted.

    A physician counts once in a cell, however many surveys say so.
    """
    rows = db.execute("""
        WITH named AS (
            SELECT DISTINCT p.physician_id, trim(unnest(string_split(v.skills, '|'))) AS skill
            FROM survey v JOIN physician_record p USING (record_id) LEFT JOIN suppressed s USING (anchor)
            WHERE v.skills <> '' AND p.probability >= 0.9 AND s.anchor IS NULL
        )
        SELECT skill, coalesce(taxonomy, ''), coalesce(upper(state), ''), count(*) FROM named JOIN physician USING
            (physician_id)
        WHERE skill <> '' GROUP BY ALL""").fetchall()
    return {(skill, specialty, state): number for skill, specialty, state, number in rows}


def release(finest: dict[Cell, int], k: int = K) -> Release:
    """Decide what of `finest` may be published, level by level from the top."""
    sums: dict[Cell, int] = defaultdict(int)
    children: dict[Cell, set[Cell]] = defaultdict(set)
    for cell, number in finest.items():
        for depth in (1, 2, 3):
            sums[cell[:depth]] += number
        children[cell[:1]].add(cell[:2])
        children[cell[:2]].add(cell)
    published: list[Cell] = []
    primary = complementary = 0
    level: list[Cell] = []
    for cell in sorted(cell for cell in sums if len(cell) == 1):
        if sums[cell] >= k:
            level.append(cell)
        else:
            primary += 1
    while level:
        published += level
        below: list[Cell] = []
        for parent in level:
            shown = sorted((c for c in children[parent] if sums[c] >= k), key=lambda c: (-sums[c], c))
            hidden = [c for c in children[parent] if sums[c] < k]
            primary += len(hidden)
            while hidden and shown and (len(hidden) < 2 or sum(sums[c] for c in hidden) < k):
                hidden.append(shown.pop())
                complementary += 1
            below += shown
        level = list(below)
        if level and len(level[0]) == 3:
            published += level
            break
    cells = tuple(
        Published(
            skill=c[0], specialty=c[1] if len(c) > 1 else "", state=c[2] if len(c) > 2 else "", physicians=sums[c]
        )
        for c in sorted(published)
    )
    return Release(cells=cells, primary=primary, complementary=complementary)


def publish(storage: Storage, period: str, found: Release) -> str:
    """Write the snapshot of a period (`2025-Q2`) and return its key; the same release again changes nothing.

    Raises SnapshotExists when the period has another one.
    """
    key = f"recommendations/snapshot={period}/cells.json"
    content = json.dumps([asdict(cell) for cell in found.cells], indent=0).encode()
    try:
        before = storage.read(key)
    except NotStored:
        storage.write(key, content)
        return key
    if hashlib.sha256(before).digest() != hashlib.sha256(content).digest():
        raise SnapshotExists(f"{period} was released with other counts")
    return key
