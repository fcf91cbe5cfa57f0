"""Events: what happened, one line each, and the Run that they fold into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What an event tells. `subject` and `facts` by kind:

    RUN_STARTED      subject: what runs (`rehearse`, `apply`)
    STEP_STARTED     subject: a step's title                      facts: account, stack?
    RESOURCE         subject: logical id                          facts: stack, account, type, status, reason, sentence
    STEP_ENDED       subject: a step's title                      facts: ok, seconds, detail?
    PUSHED           subject: service                             facts: environment, repository, branch, commit,
                                                                         uncommitted?
    EXECUTION        subject: pipeline                            facts: execution, status, commit, service, environment
    STAGE            subject: stage                               facts: pipeline, execution, status
    ACTION           subject: action                              facts: pipeline, execution, stage, status, summary,
                                                                         url, seconds?
    LOG              subject: action                              facts: pipeline, line
    CHECK            subject: check                               facts: service, environment, ok, detail
    DELIVERED        subject: service                             facts: a delivery as the report has it
    SUBSTITUTION     subject: one sentence
    FAILED           subject: what failed                         facts: why, details, hint
    RUN_ENDED        subject: what ran                            facts: ok, seconds
    """

    RUN_STARTED = "run-started"
    STEP_STARTED = "step-started"
    RESOURCE = "resource"
    STEP_ENDED = "step-ended"
    PUSHED = "pushed"
    EXECUTION = "execution"
    STAGE = "stage"
    ACTION = "action"
    LOG = "log"
    CHECK = "check"
    DELIVERED = "delivered"
    SUBSTITUTION = "substitution"
    FAILED = "failed"
    RUN_ENDED = "run-ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `at` is seconds since the epoch."""

    at: float
    kind: Kind
    subject: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a sequence of events amounts to."""

    id: str
    what: str = ""
    ok: bool | None = None
    started: float = 0.0
    seconds: float = 0.0
    steps: tuple[Mapping[str, Any], ...] = ()
    deliveries: tuple[Mapping[str, Any], ...] = ()
    substitutions: tuple[str, ...] = ()
    failures: tuple[Mapping[str, Any], ...] = ()

    @staticmethod
    def fold(id_: str, events: Iterable[Event]) -> Run:
        """The run that these events tell of; `ok` stays None when the last one is missing (it was interrupted)."""
        what, ok, started, last = "", None, 0.0, 0.0
        steps: list[Mapping[str, Any]] = []
        deliveries: list[Mapping[str, Any]] = []
        substitutions: list[str] = []
        failures: list[Mapping[str, Any]] = []
        for event in events:
            last = event.at
            match event.kind:
                case Kind.RUN_STARTED:
                    what, started = event.subject, event.at
                case Kind.STEP_ENDED:
                    steps.append({"step": event.subject, **event.facts})
                case Kind.ACTION if "seconds" in event.facts:
                    facts = event.facts
                    name = f"{facts['pipeline']} {facts['stage']}/{event.subject}"
                    steps.append({"step": name, "ok": facts["status"] == "Succeeded", "seconds": facts["seconds"]})
                case Kind.DELIVERED:
                    deliveries.append(dict(event.facts))
                case Kind.SUBSTITUTION:
                    if event.subject not in substitutions:
                        substitutions.append(event.subject)
                case Kind.FAILED:
                    failures.append({"what": event.subject, **event.facts})
                case Kind.RUN_ENDED:
                    ok = bool(event.facts.get("ok"))
                case _:
                    pass
        return Run(
            id=id_, what=what, ok=ok, started=started, seconds=max(0.0, last - started), steps=tuple(steps),
            deliveries=tuple(deliveries), substitutions=tuple(substitutions), failures=tuple(failures),
        )
