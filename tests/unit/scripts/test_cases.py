"""Public cases: verdicts, and the page that is made from the results."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]
CASES = ROOT / "docs" / "cases"


@pytest.fixture
def casework(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    yield {name: importlib.import_module(f"casework.{name}") for name in ("alike", "listing", "outcome", "page")}
    for name in [name for name in sys.modules if name.partition(".")[0] == "casework"]:
        del sys.modules[name]


def test_what_names_something_that_is_not_emulated_is_refused(casework: dict[str, ModuleType]) -> None:
    judged = casework["outcome"].judged
    said = 'A (AWS::X::Y): "the local AWS does not emulate the resource type AWS::X::Y"'
    assert judged([said, "something else"]).verdict == "refused"
    assert judged([said]).why == ["the resource type AWS::X::Y"]
    assert judged(["something else"]).verdict == "failed"


def test_aws_refuses_alike_only_in_the_words_that_are_known(casework: dict[str, ModuleType]) -> None:
    alike, outcome = casework["alike"], casework["outcome"]
    name = "sfw-sfn-sns-task-timer"
    said = "Invalid parameter: Amazon SNS does not support this protocol string: KINDLY_REPLACE_THIS"
    assert alike.judged("sam", name, outcome.Outcome("failed", [said])).verdict == "alike"
    assert alike.judged("sam", name, outcome.Outcome("failed", ["other words"])).verdict == "failed"
    assert alike.judged("sam", "another", outcome.Outcome("failed", [said])).verdict == "failed"
    assert alike.judged("sam", name, outcome.Outcome("works")).verdict == "works"


def test_the_page_of_public_cases_is_made_from_its_results(casework: dict[str, ModuleType]) -> None:
    page = casework["page"]
    results = json.loads((CASES / "results.json").read_text(encoding="utf-8"))
    assert results["counts"] == page.counts(results["cases"])
    assert (CASES / "README.md").read_text(encoding="utf-8") == page.render(results)


def test_no_public_case_is_a_wrong_success() -> None:
    results = json.loads((CASES / "results.json").read_text(encoding="utf-8"))
    assert [case["name"] for case in results["cases"] if case["verdict"] == "wrong"] == []
    assert results["date"]


def test_every_known_reason_is_of_a_listed_case() -> None:
    names = {(case["kind"], case["name"])
             for case in json.loads((CASES / "results.json").read_text(encoding="utf-8"))["cases"]}
    rows = [line.split("\t") for line in (CASES / "alike.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    tried = {kind for kind, _ in names}
    assert [row for row in rows if row[0] in tried and (row[0], row[1]) not in names] == []
