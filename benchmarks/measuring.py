"""What the benchmarks share: series of measurements, a goal, facts of the machine, and how a result is printed."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Series:
    """One thing measured several times, in seconds."""

    name: str
    seconds: Sequence[float]

    def quantile(self, share: float) -> float:
        """The value below which this share of the measurements lies: 0.5 is the median."""
        ordered = sorted(self.seconds)
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def document(self) -> dict[str, object]:
        """What `--json` says of it."""
        return {
            "name": self.name, "runs": len(self.seconds), "p10": self.quantile(0.1), "p50": self.median,
            "p90": self.quantile(0.9), "least": min(self.seconds), "most": max(self.seconds),
        }

    def line(self, width: int) -> str:
        """What a person reads of it."""
        low, high = duration(self.quantile(0.1)), duration(self.quantile(0.9))
        return f"  {self.name:<{width}}  {duration(self.median):>9}  {low:>9} .. {high:<9}  {len(self.seconds)}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """How a measured value compares with its baseline of the same run. goal: the most it may be, or None."""

    name: str
    value: float
    goal: float | None = None

    @property
    def met(self) -> bool:
        return self.goal is None or self.value <= self.goal

    def line(self, width: int) -> str:
        """What a person reads of it."""
        wanted = "" if self.goal is None else f"  (goal: at most {self.goal:g}{'' if self.met else ', missed'})"
        return f"  {self.name:<{width}}  {self.value:9.2f}{wanted}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one benchmark found."""

    benchmark: str
    series: Sequence[Series]
    ratios: Sequence[Ratio]
    notes: Sequence[str] = ()
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether every goal was."""
        return all(ratio.met for ratio in self.ratios)


def timed(action: Callable[[], object]) -> float:
    """Wall seconds that an action takes."""
    began = perf_counter()
    action()
    return perf_counter() - began


def alternately(runs: int, actions: Mapping[str, Callable[[], object]], *, warm: int = 1) -> list[Series]:
    """Time each action `runs` times, in turns: what else the machine does meanwhile then falls on all alike."""
    found: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(warm + runs):
        for name, action in actions.items():
            seconds = timed(action)
            if number >= warm:
                found[name].append(seconds)
    return [Series(name, seconds) for name, seconds in found.items()]


def machine() -> dict[str, object]:
    """Facts of the machine without which the numbers say little."""
    return {
        "system": f"{platform.system()} {platform.release()}", "processor": _processor(), "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2), "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except FileNotFoundError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return named[0] if named else platform.machine()


def duration(seconds: float) -> str:
    """`12.3 s`, `4.56 ms`, `7.8 µs`."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.2f} µs"


def main(measure: Callable[[], Result], about: str) -> None:
    """The program of a benchmark: measure, print, end with 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=about.split("\n", 1)[0])
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    as_json = parser.parse_args().json
    facts = machine()  # before the work: the load that others make
    result = measure()
    if as_json:
        print(json.dumps({
            "benchmark": result.benchmark, "met": result.met, "machine": facts,
            "series": [series.document() for series in result.series],
            "ratios": [{"name": r.name, "value": r.value, "goal": r.goal, "met": r.met} for r in result.ratios],
            "notes": list(result.notes), **result.more,
        }, indent=2))
    else:
        print("\n".join(lines(result, facts)))
    sys.exit(0 if result.met else 1)


def lines(result: Result, facts: Mapping[str, object]) -> Iterator[str]:
    """A result for a person."""
    width = max(len(name) for name in [*(s.name for s in result.series), *(r.name for r in result.ratios)])
    yield f"{result.benchmark}: {'goal met' if result.met else 'goal MISSED'}"
    yield f"  {'':<{width}}  {'median':>9}  {'p10':>9} .. {'p90':<9}  runs"
    yield from (series.line(width) for series in result.series)
    yield from (ratio.line(width) for ratio in result.ratios)
    yield from (f"  note: {note}" for note in result.notes)
    yield "  " + ", ".join(f"{name} {value}" for name, value in facts.items())


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Tell on standard error what takes a while."""
    print(f"… {what}", file=sys.stderr, flush=True)
    yield
