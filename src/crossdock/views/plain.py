"""One line per event that matters, for logs, pipes and terminals that want no colour."""

from __future__ import annotations

from types import TracebackType
from typing import IO, Self

from crossdock.model.events import Event, Kind
from crossdock.views.words import duration, ending, one_line, resource_failed, resource_rests, without


class Plain:
    """Writes lines to a stream as events come."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        said = text(event)
        if said:
            self._stream.write(said + "\n")
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.flush()


def text(event: Event) -> str:
    """The event in one line; empty for what a person need not read."""
    facts, subject = event.facts, event.subject
    match event.kind:
        case Kind.STEP_STARTED:
            because = f" ({', '.join(facts['because'])})" if facts.get("because") else ""
            return f"{facts.get('verb', '>')} {subject}{because}"
        case Kind.STEP_ENDED:
            detail = f": {facts['detail']}" if facts.get("detail") else ""
            return f"{'ok' if facts.get('ok') else 'FAILED'} {subject}{detail} ({duration(facts.get('seconds', 0.0))})"
        case Kind.RESOURCE:
            return _resource(event)
        case Kind.PUSHED:
            how = "pushed" if facts.get("changed", True) else "already"
            return (
                f"{subject}: {how} {facts['commit'][:12]} on {facts['branch']} of {facts['repository']}"
                f"{without(facts.get('uncommitted', ()))}"
            )
        case Kind.EXECUTION:
            return f"{subject}: execution {facts['execution']} {facts['status']}"
        case Kind.STAGE:
            return ""  # its actions say it
        case Kind.ACTION:
            took = f" ({duration(facts['seconds'])})" if "seconds" in facts else ""
            failed = facts.get("summary") and ending(facts["status"]) is False
            summary = f": {facts['summary'].splitlines()[0]}" if failed else ""
            return f"  {facts['stage']}/{subject} {facts['status']}{took}{summary}"
        case Kind.LOG:
            return f"    | {one_line(facts['line'])}"
        case Kind.CHECK:
            return f"{'ok' if facts['ok'] else 'FAILED'} {facts['service']} {subject}: {facts['detail']}"
        case Kind.SUBSTITUTION:
            return f"note: {subject}"
        case Kind.RUN_STARTED | Kind.RUN_ENDED | Kind.DELIVERED | Kind.FAILED:
            return ""


def _resource(event: Event) -> str:
    facts = event.facts
    if resource_failed(facts["status"]):
        return f"    {event.subject} ({facts['type']}) {facts['status']}: {facts.get('reason', '')}"
    if resource_rests(facts["status"]):
        sentence = f" - {facts['sentence']}" if facts.get("sentence") else ""
        return f"    {event.subject} {facts['status']}{sentence}"
    return ""
