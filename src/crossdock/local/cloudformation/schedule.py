"""Run work along a dependency graph, independent parts in parallel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

WIDTH = 8


def run(
    order: Mapping[str, frozenset[str]], work: Callable[[str], bool], *, go_on: bool = False
) -> tuple[list[str], list[str]]:
    """Call `work(name)` for each name once all names that it depends on are done.

    Returns (failed, not started). After a failure nothing new is started, unless `go_on`: then all is still tried but
    what depends on a failed name. Names outside the graph count as done. An exception of `work` is raised, once what
    runs has ended.
    """
    waiting = {name: set(needs) & order.keys() for name, needs in order.items()}
    running: dict[Future[bool], str] = {}
    failed: list[str] = []
    with ThreadPoolExecutor(max_workers=min(WIDTH, max(1, len(order))), thread_name_prefix="stack") as pool:
        while True:
            if not failed or go_on:
                for name in [name for name, needs in waiting.items() if not needs]:
                    del waiting[name]
                    running[pool.submit(work, name)] = name
            if not running:
                return failed, list(waiting)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                if future.result():
                    for needs in waiting.values():
                        needs.discard(name)
                else:
                    failed.append(name)


def reverse(order: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """The graph for deletion: a name waits for all that depend on it."""
    users: dict[str, set[str]] = {name: set() for name in order}
    for name, needs in order.items():
        for need in needs:
            if need in users:
                users[need].add(name)
    return {name: frozenset(names) for name, names in users.items()}
