"""How answers are made comparable, compared and explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from witnessing.asking import QUESTIONS
from witnessing.compare import NOTHING, Difference, Explanation, Verdict, differences, explained, read, unused
from witnessing.normal import normal
from witnessing.page import render
from witnessing.recorded import Recorded

OURS = {"s3/keys": {"status": "404", "told": {"a": "1", "b": "2"}, "list": ["x", "y"]}}
THEIRS = {"s3/keys": {"status": "404", "told": {"a": "1", "b": "3"}, "list": ["y", "x"], "more": True}}


def test_what_is_random_is_not_compared() -> None:
    said = "stack-Jobs-1A2B3C4D5E6F at http://127.0.0.1:4000/x of 2024-01-02T03:04:05.678Z, AKIAABCDEFGHIJKLMNOP"
    assert normal(said, "http://127.0.0.1:4000") == "stack-Jobs-<suffix> at ENDPOINT/x of <time>, <AKIA...>"
    assert normal(["1b4e28ba-2fa1-11d2-883f-0016d3cca427", 3, None]) == ["<uuid>", 3, None]


def test_accounts_regions_and_policy_versions_are_compared() -> None:
    said = "arn:aws:iam::111111111111:role/us-east-1-role 2012-10-17"
    assert normal(said) == said


def test_facts_differ_by_their_path_and_lists_as_wholes() -> None:
    found = list(differences(OURS, THEIRS))
    assert found == [Difference("s3/keys", "told/b", "2", "3"), Difference("s3/keys", "list", ["x", "y"], ["y", "x"]),
                     Difference("s3/keys", "more", NOTHING, True)]
    assert found[0].name == "s3/keys:told/b"


def entry(*facts: str, verdict: Verdict = Verdict.UNSAID) -> Explanation:
    return Explanation(facts=facts, verdict=verdict, why="because")


def test_the_first_explanation_that_covers_a_difference_is_its_own() -> None:
    found = list(differences(OURS, THEIRS))
    first, second = entry("s3/keys:told/*"), entry("s3/*")
    why = explained(found, [first, second])
    assert [why[each.name] for each in found] == [first, second, second]
    assert explained(found, [first]) == {"s3/keys:told/b": first}


def test_an_explanation_with_nothing_to_explain_is_found() -> None:
    found = list(differences(OURS, THEIRS))
    assert unused(found, [entry("s3/keys:told/b", "s3/keys:status")], OURS) == ["s3/keys:status"]


def test_a_fault_that_both_share_is_no_idle_explanation() -> None:
    found = list(differences(OURS, THEIRS))
    assert unused(found, [entry("s3/keys:status", "s3/none:x", verdict=Verdict.FAULT)], OURS) == ["s3/none:x"]


@pytest.mark.parametrize("text", ["- {facts: [a], verdict: documented, why: so}", "- {facts: [a], why: so}",
                                  "- {facts: [a], verdict: liked, why: so}"])
def test_an_entry_that_does_not_say_all_is_refused(tmp_path: Path, text: str) -> None:
    table = tmp_path / "table.yaml"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"page|lacks|liked"):
        read(table)


def test_the_page_shows_each_difference_under_its_explanation() -> None:
    name = next(iter(QUESTIONS))
    told = Recorded(date="2024-01-02", witness="other 1", ours={name: {"a": "x|y", "b": 1}}, theirs={name: {"a": "z"}})
    text = render(told, [entry(f"{name}:a"), entry(f"{name}:b", verdict=Verdict.ABSENT)])
    assert f"| {name}:a | `x\\|y` | `z` |" in text
    assert "| absent | 1 |" in text
    assert "told 2 facts:\n0 alike, 2 otherwise" in text
