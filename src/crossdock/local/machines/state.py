"""What Step Functions remembers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Machine:
    """A state machine. `kind` is STANDARD or EXPRESS; `members`: logging, tracing, encryption as the API takes them.

    versions  number -> definition, role and when; aliases  name -> routing and description
    """

    arn: str
    name: str
    account: str
    region: str
    definition: str
    role: str
    kind: str = "STANDARD"
    members: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    versions: dict[int, dict[str, Any]] = field(default_factory=dict)
    published: int = 0
    aliases: dict[str, dict[str, Any]] = field(default_factory=dict)
    revision: str = "INITIAL"
    created: datetime = field(default_factory=_now)
    updated: datetime = field(default_factory=_now)

    def changed(self) -> None:
        self.revision, self.updated = str(uuid.uuid4()), _now()


@dataclass(slots=True, kw_only=True)
class Execution:
    """One run of a machine. `status`: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED; `events` as its history shows
    them."""

    arn: str
    name: str
    machine: str
    account: str
    region: str
    input: str
    version: str = ""
    alias: str = ""
    status: str = "RUNNING"
    output: str = ""
    error: str = ""
    cause: str = ""
    started: datetime = field(default_factory=_now)
    stopped: datetime | None = None
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Activity:
    arn: str
    name: str
    account: str
    region: str
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=_now)


@dataclass(slots=True)
class State:
    """All by ARN."""

    machines: dict[str, Machine] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
