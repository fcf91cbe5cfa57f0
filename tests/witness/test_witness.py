"""crossdock's local AWS beside another emulator: answers as recorded, and every difference explained."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest
from witnessing import compare, page, recorded, sides
from witnessing.asking import Facts, answers

WANTED = bool(os.environ.get("CROSSDOCK_WITNESS"))


@pytest.fixture(scope="module")
def ours() -> Mapping[str, Facts]:
    """What the local AWS answers now."""
    with sides.crossdock() as side:
        return answers(side)


@pytest.fixture(scope="module")
def theirs() -> Mapping[str, Facts]:
    """What the witness answers now."""
    if WANTED and not sides.installed():
        sides.install()
    if not sides.installed():
        pytest.skip(f"{sides.WITNESS} is not in {sides.ENVIRONMENT.name}: CROSSDOCK_WITNESS=1 installs it")
    with sides.ministack() as side:
        return answers(side)


def test_the_local_aws_answers_as_recorded(ours: Mapping[str, Facts]) -> None:
    changed = [f"{each.name}: {each.ours!r}, recorded {each.theirs!r}"
               for each in compare.differences(ours, recorded.read().ours)]
    assert changed == [], "python scripts/witness.py --record keeps what changed on purpose"
    assert list(ours) == list(recorded.read().ours)


def test_no_answer_is_a_breakdown() -> None:
    broken = [f"{question}:{fact}" for question, facts in recorded.read().ours.items()
              for fact, value in compare.flat(facts).items() if str(value).startswith(("broken:", "500 "))]
    assert broken == []


def test_the_witness_answers_as_recorded(theirs: Mapping[str, Facts]) -> None:
    changed = [f"{each.name}: {each.ours!r}, recorded {each.theirs!r}"
               for each in compare.differences(theirs, recorded.read().theirs)]
    assert changed == [], "python scripts/witness.py --record keeps what another version answers"


def test_every_difference_is_explained() -> None:
    told, table = recorded.read(), compare.read(recorded.TABLE)
    found = list(compare.differences(told.ours, told.theirs))
    explained = compare.explained(found, table)
    assert [each.name for each in found if each.name not in explained] == []
    assert compare.unused(found, table, told.ours) == []


def test_the_page_tells_what_was_recorded() -> None:
    assert recorded.PAGE.read_text(encoding="utf-8") == page.render(recorded.read(), compare.read(recorded.TABLE))
