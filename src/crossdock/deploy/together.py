"""Several pieces of work at once, each after those that it waits for, told as one sequence of what happens."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
AT_ONCE = 8
"""Stacks that are changed at the same time: CloudFormation's calls are throttled by account and region."""


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """A piece of work. `after`: indexes of tasks before it in the list, which must have succeeded."""

    work: Callable[[], Iterator[T]]
    after: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Ended:
    task: int
    error: BaseException | None


def together(tasks: Sequence[Task[T]], *, at_once: int = AT_ONCE) -> Iterator[T]:
    """What the tasks tell, as it comes. After a failure none begins any more; those under way are seen to their end.

    Raises what the first one that failed raised. Work that nobody waits for any more (the sequence is closed, or
    Ctrl-C) stops at its next word; what it asked AWS for goes on there.
    """
    told: queue.SimpleQueue[T | _Ended] = queue.SimpleQueue()
    left, running, done = list(range(len(tasks))), 0, set[int]()
    over = threading.Event()
    failure: BaseException | None = None
    try:
        while left or running:
            for index in [i for i in left if tasks[i].after <= done] if failure is None else []:
                if running < at_once:
                    left.remove(index)
                    running += 1
                    threading.Thread(target=_run, args=(index, tasks[index], told, over), daemon=True).start()
            if not running:
                break
            match told.get():
                case _Ended(task=index, error=error):
                    running -= 1
                    failure = failure or error
                    if error is None:
                        done.add(index)
                case item:
                    yield item
    finally:
        over.set()
    if failure is not None:
        raise failure


def _run(index: int, task: Task[T], told: queue.SimpleQueue[T | _Ended], over: threading.Event) -> None:
    error: BaseException | None = None
    try:
        for item in task.work():
            told.put(item)
            if over.is_set():
                return
    except BaseException as raised:  # noqa: BLE001  handed to the one who waits, who raises it
        error = raised
    told.put(_Ended(index, error))
