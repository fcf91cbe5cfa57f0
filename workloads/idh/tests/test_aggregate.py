from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import World
from idh.aggregate.job import K, Published, SnapshotExists, counts, publish, release
from idh.storage import Folder

cells = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from("1234")), st.integers(1, 40), max_size=24
)


@settings(max_examples=200, deadline=None)
@given(cells)
def test_no_published_cell_and_no_difference_of_published_cells_is_small(finest: dict[tuple[str, ...], int]) -> None:
    shown = {
        tuple(part for part in (c.skill, c.specialty, c.state) if part): c.physicians for c in release(finest).cells
    }
    assert all(number >= K for number in shown.values())
    for depth in (1, 2):
        for parent, number in shown.items():
            if len(parent) == depth:
                parts = [cell for cell in shown if len(cell) == depth + 1 and cell[:depth] == parent]
                assert (
                    number - sum(shown[cell] for cell in parts) == 0 or number - sum(shown[cell] for cell in parts) >= K
                )
    for cell in shown:
        assert len(cell) == 1 or cell[:-1] in shown


def test_a_lone_small_cell_takes_the_next_smallest_with_it() -> None:
    found = release({("botox", "derm", "CA"): 50, ("botox", "derm", "NY"): 20, ("botox", "derm", "DE"): 3})
    assert [(c.state, c.physicians) for c in found.cells] == [("", 73), ("", 73), ("CA", 50)]
    assert (found.primary, found.complementary) == (1, 1)


def test_a_skill_of_few_is_not_published_at_all() -> None:
    assert release({("rare", "derm", "CA"): 5, ("rare", "derm", "NY"): 5}).cells == ()


def test_a_period_is_released_once(tmp_path: Path) -> None:
    storage = Folder(tmp_path)
    first, other = release({("a", "x", "1"): 20}), release({("a", "x", "1"): 21})
    assert publish(storage, "2025-Q2", first) == publish(storage, "2025-Q2", first)
    with pytest.raises(SnapshotExists):
        publish(storage, "2025-Q2", other)


def test_a_physician_counts_once_and_not_after_opting_out(world: World) -> None:
    finest = counts(world.db)
    found = release(finest)
    skill, group = next((key, list(rows)) for key, rows in groupby(found.cells, key=lambda c: c.skill))
    assert isinstance(group[0], Published)
    allowed = world.db.execute(
        """SELECT count(DISTINCT physician_id) FROM survey JOIN physician_record USING (record_id)
        WHERE list_contains(string_split(skills, '|'), ?) AND probability >= 0.9 AND anchor NOT IN (SELECT anchor
            FROM suppressed)""",
        [skill],
    ).fetchall()[0][0]
    assert group[0].physicians == allowed
