"""A live tree on a terminal: steps, stacks with a sentence per resource, pipelines, the running action's log."""

from __future__ import annotations

import time
from types import TracebackType
from typing import IO, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from crossdock.model.events import Event
from crossdock.views.progress import RESOURCES, Node, Progress, State
from crossdock.views.words import duration

OPEN_DEPTH, SHORT = 2, 12
"""Steps that ended well still show what is in them: this deep, when it is no more than this."""

_MARK = {State.RUNNING: ("…", "yellow"), State.DONE: ("✓", "green"), State.FAILED: ("✗", "red")}


class Terminal:
    """Draws the tree again as events come and four times a second for the clocks."""

    def __init__(self, stream: IO[str]) -> None:
        self._console = Console(file=stream, highlight=False)
        self._progress = Progress()
        self._live = Live(
            console=self._console, get_renderable=self._render, refresh_per_second=4, transient=False,
            vertical_overflow="crop",
        )

    def __call__(self, event: Event) -> None:
        self._progress.feed(event)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.refresh()
        self._live.stop()

    def _render(self) -> Group:
        now, width = time.time(), self._console.width
        rows = [row for node in self._progress.roots.values() for row in lines(node, now)]
        room = max(5, self._console.height - 2)
        return Group(*(_styled(row, width) for row in rows[-room:]))


def lines(node: Node, now: float, depth: int = 0) -> list[tuple[int, Node | str, str]]:
    """The rows of a node: (depth, node or log line, elapsed). What went well is folded, but for short lists."""
    rows: list[tuple[int, Node | str, str]] = [(depth, node, duration(node.elapsed(now)))]
    if node.state is State.DONE:
        if depth < OPEN_DEPTH and len(node.children) <= SHORT:
            rows += [row for child in node.children.values() for row in lines(child, now, depth + 1)]
        return rows
    children = list(node.children.values())
    ended = [child for child in children if child.state is State.DONE and not child.children]
    dropped = {id(child) for child in ended[:-RESOURCES]}
    rows += [row for child in children if id(child) not in dropped for row in lines(child, now, depth + 1)]
    rows += [(depth + 1, said, "") for said in node.lines]
    return rows


def _styled(row: tuple[int, Node | str, str], width: int) -> Text:
    depth, what, elapsed = row
    indent = "  " * depth
    if isinstance(what, str):
        said = Text(f"{indent}│ {what}", style="dim", no_wrap=True, overflow="ellipsis")
        said.truncate(width, overflow="ellipsis")
        return said
    mark, colour = _MARK[what.state]
    said = Text(no_wrap=True)
    said.append(f"{indent}{mark} ", style=colour)
    said.append(what.title, style="bold" if depth == 0 else "")
    if what.detail:
        said.append(f"  {what.detail}", style="dim" if what.state is not State.FAILED else "red")
    said.truncate(max(10, width - len(elapsed) - 2), overflow="ellipsis")
    said.append(" " * max(1, width - said.cell_len - len(elapsed) - 1) + elapsed, style="dim")
    return said
