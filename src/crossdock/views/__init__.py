"""What a person or a program sees of a run. Everything here consumes events and knows nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import IO, Any, Protocol

from crossdock.model.events import Event


class View(AbstractContextManager[Any], Protocol):
    """Takes events while it is entered."""

    def __call__(self, event: Event) -> None: ...


def choose(stream: IO[str], environment: Mapping[str, str], *, json: bool = False) -> View:
    """A live tree on a terminal that can draw one; JSON lines when asked; else plain lines (NO_COLOR, CI, dumb)."""
    if json:
        from crossdock.views.lines import Lines

        return Lines(stream)
    plain = environment.get("NO_COLOR") or environment.get("TERM") == "dumb" or environment.get("CI")
    if stream.isatty() and not plain:
        from crossdock.views.terminal import Terminal

        return Terminal(stream)
    from crossdock.views.plain import Plain

    return Plain(stream)
