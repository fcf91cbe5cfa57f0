"""Runs on disk: `.crossdock/runs/<id>/events.jsonl`, one event a line, written as it happens."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crossdock.errors import CrossdockError
from crossdock.model.codec import decode, encode
from crossdock.model.events import Event, Kind, Run


class Journal:
    """Where a run's events are kept. A line that was written survives whatever ends the run."""

    def __init__(self, directory: Path, what: str) -> None:
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        self.id = f"{stamp}-{what}-{secrets.token_hex(2)}"
        self.path = directory / self.id / "events.jsonl"
        self.path.parent.mkdir(parents=True)
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line(event) + "\n")

    @property
    def run(self) -> Run:
        """What the events amount to so far."""
        return Run.fold(self.id, self.events)


class Teller:
    """Tells a run's events to everyone who listens, the steps of a program as events of their own."""

    def __init__(self, *listeners: Callable[[Event], None], clock: Callable[[], float] = time.time) -> None:
        self._listeners, self.clock = listeners, clock

    def __call__(self, kind: Kind, subject: str, **facts: object) -> None:
        self.pass_on(Event(at=self.clock(), kind=kind, subject=subject, facts=facts))

    def pass_on(self, event: Event) -> None:
        """Tell an event that was made elsewhere."""
        for listener in self._listeners:
            listener(event)

    def all(self, events: Iterator[Event]) -> None:
        """Tell events as they happen."""
        for event in events:
            self.pass_on(event)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Tell when something begins and how it ends."""
        began = self.clock()
        self(Kind.STEP_STARTED, title)
        try:
            yield
        except BaseException as error:
            self(Kind.STEP_ENDED, title, ok=False, seconds=self._since(began), detail=str(error))
            raise
        self(Kind.STEP_ENDED, title, ok=True, seconds=self._since(began))

    @contextmanager
    def run(self, what: str) -> Iterator[None]:
        """Tell a whole run: what failed is told as FAILED, and the run's end in any case."""
        began, ok = self.clock(), False
        self(Kind.RUN_STARTED, what)
        try:
            yield
            ok = True
        except CrossdockError as error:
            self(Kind.FAILED, str(error), why=type(error).__name__, details=list(error.details), hint=error.advice)
            raise
        except BaseException as error:
            self(Kind.FAILED, what, why=type(error).__name__, details=[str(error)], hint="")
            raise
        finally:
            self(Kind.RUN_ENDED, what, ok=ok, seconds=self._since(began))

    def _since(self, began: float) -> float:
        return round(self.clock() - began, 3)


def line(event: Event) -> str:
    """An event as one line of JSON."""
    return json.dumps(encode(event), ensure_ascii=False, default=str)


def read(path: Path) -> Iterator[Event]:
    """The events of a journal; a last line that was cut off is left out."""
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            yield decode(Event, json.loads(text))
        except ValueError:
            return


def newest(directory: Path) -> Run | None:
    """The newest run of a platform, or None."""
    journals = sorted(directory.glob("*/events.jsonl"))
    return Run.fold(journals[-1].parent.name, read(journals[-1])) if journals else None
