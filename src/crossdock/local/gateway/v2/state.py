"""What is known of HTTP APIs. `members` are what the API takes beside, by its own names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

DEFAULT = "$default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """A function, by its ARN or its invocation URI, an action of a service (`subtype`), or an address.

    payload     1.0 or 2.0
    seconds     how long it may take
    connection  the VPC link that it goes through; empty for none
    parameters  request parameters: those of a subtype, or mappings
    responses   status -> mappings of the answer's headers and status
    """

    id: str
    uri: str
    payload: str
    credentials: str = ""
    seconds: float = 30.0
    kind: str = "AWS_PROXY"
    subtype: str = ""
    method: str = "POST"
    connection: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    responses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`key` is `METHOD /path`, `ANY /path` or `$default`; `authorization` NONE, AWS_IAM, JWT or CUSTOM."""

    id: str
    key: str
    target: str = ""
    authorization: str = "NONE"
    members: Mapping[str, Any] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.key.partition(" ")[0] if " " in self.key else "ANY"

    @property
    def path(self) -> str:
        """The path template; `$default` for the default route."""
        return self.key.partition(" ")[2] or self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizer:
    """`kind`: REQUEST (a function) or JWT; `members`: what else CreateAuthorizer takes."""

    id: str
    name: str
    kind: str
    members: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A snapshot of routes and integrations. `auto`: made because a stage deploys by itself."""

    id: str
    created: datetime
    routes: tuple[Route, ...]
    integrations: Mapping[str, Integration]
    authorizers: Mapping[str, Authorizer] = field(default_factory=dict)
    description: str = ""
    auto: bool = False


@dataclass(slots=True, kw_only=True)
class Stage:
    """What it serves is one deployment's, none before there is one."""

    name: str
    deployment: str = ""
    auto: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    members: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True, kw_only=True)
class HttpApi:
    id: str
    account: str
    region: str
    partition: str
    name: str
    protocol: str = "HTTP"
    cors: dict[str, Any] | None = None
    disabled: bool = False
    members: dict[str, Any] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    integrations: dict[str, Integration] = field(default_factory=dict)
    authorizers: dict[str, Authorizer] = field(default_factory=dict)
    others: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """(kind, id) -> members of what is kept of a WebSocket API: models, route and integration responses."""
    deployments: dict[str, Deployment] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
