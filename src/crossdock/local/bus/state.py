"""What EventBridge remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class Bus:
    """One event bus. `statements` are its resource policy's, by Sid."""

    account: str
    region: str
    name: str
    arn: str
    created: datetime
    description: str = ""
    statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Rule:
    """One rule. `targets` are the API's Target structures by id; `ran` is when its schedule last fired."""

    account: str
    region: str
    bus: str
    name: str
    arn: str
    created_by: str
    pattern: str = ""
    schedule: str = ""
    enabled: bool = True
    description: str = ""
    role: str = ""
    ran: datetime | None = None
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A delivery that was given up: to which target of which rule, and the target's own error."""

    at: datetime
    rule: str
    target: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A delivery that is under way. `target` is as the rule had it then."""

    rule: Rule
    target: Mapping[str, Any]
    event: Mapping[str, Any]
    forwarded: bool
    since: datetime


@dataclass(slots=True, kw_only=True)
class Connection:
    """How an API destination is told who calls. `kind`: BASIC, API_KEY or OAUTH_CLIENT_CREDENTIALS; `secret`: the ARN
    that AWS would keep `parameters` under."""

    arn: str
    name: str
    account: str
    region: str
    kind: str
    parameters: dict[str, Any]
    secret: str
    description: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True, kw_only=True)
class ApiDestination:
    """A web address that rules may send to; `*` in it stands for path parameters of a target."""

    arn: str
    name: str
    account: str
    region: str
    connection: str
    address: str
    method: str
    rate: int
    description: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class State:
    """Buses, rules, connections and API destinations by ARN; deliveries that failed, oldest first, and those under way,
    by an id."""

    buses: dict[str, Bus] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    pending: dict[str, Pending] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    api_destinations: dict[str, ApiDestination] = field(default_factory=dict)
