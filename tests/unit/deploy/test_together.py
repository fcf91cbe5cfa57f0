"""Work at once: what waits for what, and what becomes of the rest when one fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from crossdock.deploy.together import Task, together


def test_work_that_waits_for_nothing_runs_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=10)

    def meets(name: str) -> Iterator[str]:
        both.wait()  # neither gets past it alone
        yield name

    assert sorted(together([Task(lambda: meets("a")), Task(lambda: meets("b"))])) == ["a", "b"]


def test_work_begins_when_what_it_waits_for_is_done() -> None:
    tasks = [Task(lambda: iter(["first"])), Task(lambda: iter(["second"]), frozenset({0}))]
    assert list(together(tasks)) == ["first", "second"]


def test_never_more_run_than_may() -> None:
    running, most = set[int](), list[int]()

    def work(index: int) -> Iterator[int]:
        running.add(index)
        most.append(len(running))
        yield index
        running.discard(index)

    tasks = [Task(lambda i=i: work(i)) for i in range(6)]  # type: ignore[misc]
    assert sorted(together(tasks, at_once=1)) == list(range(6))
    assert max(most) == 1


def test_a_failure_lets_what_runs_end_and_begins_nothing_more() -> None:
    failed = threading.Event()

    def fails() -> Iterator[str]:
        yield "begun"
        failed.set()
        raise ValueError("no")

    def ends() -> Iterator[str]:
        assert failed.wait(10)
        yield "ended"

    told: list[str] = []
    with pytest.raises(ValueError, match="no"):
        told.extend(together([Task(fails), Task(ends), Task(lambda: iter(["never"]), frozenset({1}))]))
    assert sorted(told) == ["begun", "ended"]


def test_what_nobody_listens_to_any_more_stops() -> None:
    stopped = threading.Event()

    def goes_on() -> Iterator[int]:
        try:
            yield from range(10**9)
        finally:
            stopped.set()

    sequence = together([Task(goes_on)])
    assert next(sequence) == 0
    sequence.close()  # type: ignore[attr-defined]
    assert stopped.wait(10)
