"""What the benchmarks say of their measurements."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[3] / "benchmarks"))
    yield importlib.import_module("measuring")
    sys.modules.pop("measuring", None)


def test_quantiles_lie_between_measurements(measuring: Any) -> None:
    series = measuring.Series("x", [4.0, 1.0, 3.0, 2.0, 5.0])
    assert (series.median, series.quantile(0.9), series.quantile(0.0)) == (3.0, pytest.approx(4.6), 1.0)


def test_actions_are_measured_in_turns_after_warming_up(measuring: Any) -> None:
    seen: list[str] = []
    found = measuring.alternately(2, {"a": lambda: seen.append("a"), "b": lambda: seen.append("b")}, warm=1)
    assert seen == ["a", "b"] * 3
    assert [(series.name, len(series.seconds)) for series in found] == [("a", 2), ("b", 2)]


def test_a_goal_is_the_most_that_a_ratio_may_be(measuring: Any) -> None:
    ratios = [measuring.Ratio("free", 9.0), measuring.Ratio("kept", 1.3, 1.3)]
    assert measuring.Result(benchmark="b", series=[], ratios=ratios).met
    missed = measuring.Result(benchmark="b", series=[], ratios=[*ratios, measuring.Ratio("broken", 1.4, 1.3)])
    assert not missed.met
    assert any("missed" in line for line in measuring.lines(missed, {}))


def test_a_missed_goal_ends_the_program_with_one(
    measuring: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["b", "--json"])
    with pytest.raises(SystemExit) as ended:
        measuring.main(lambda: measuring.Result(benchmark="b", series=[], ratios=[measuring.Ratio("r", 2.0, 1.0)]), "b")
    assert ended.value.code == 1
    assert '"met": false' in capsys.readouterr().out


def test_every_decision_of_the_benchmark_is_asked_once_and_some_are_denials(measuring: Any) -> None:
    asked = importlib.import_module("decide").cases(0)
    sys.modules.pop("decide", None)
    requests = {(r.principal, r.action, r.resource, str(r.context)) for r, _, _ in asked}
    assert len(requests) == len(asked) == 10_000
    assert {allowed for _, _, allowed in asked} == {True, False}
