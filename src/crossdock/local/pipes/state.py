"""What Pipes remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crossdock.local.functions.state import EventSource


@dataclass(slots=True, kw_only=True)
class Pipe:
    """A pipe. `members` are as the API takes them (role, parameters, enrichment, target); `feed` is its source with how
    far it was read; `wanted` is RUNNING or STOPPED; `reason` what went wrong last."""

    arn: str
    name: str
    account: str
    region: str
    source: str
    members: dict[str, Any]
    feed: EventSource
    wanted: str = "RUNNING"
    reason: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
