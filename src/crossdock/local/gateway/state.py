"""What is known of REST APIs. Members that only travel (descriptions, parameters) stay as the API names them."""

from __future__ import annotations

import secrets
import string
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

ANY = "ANY"
_LETTERS = string.ascii_lowercase + string.digits


def new_id(taken: Container[str] = (), length: int = 10) -> str:
    """An identifier as API Gateway makes them."""
    while (made := "".join(secrets.choice(_LETTERS) for _ in range(length))) in taken:
        continue
    return made


@dataclass(slots=True, kw_only=True)
class Method:
    """A method of a resource.

    authorization  NONE, AWS_IAM, CUSTOM or COGNITO_USER_POOLS
    members        what else PutMethod takes
    responses      status code -> members of the method response
    integration    members of the integration, its responses under `integrationResponses`; None before PutIntegration
    """

    http_method: str
    authorization: str = "NONE"
    key_required: bool = False
    members: dict[str, Any] = field(default_factory=dict)
    responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    integration: dict[str, Any] | None = None


@dataclass(slots=True, kw_only=True)
class Resource:
    """A path of an API: `part` is its last segment, empty for the root."""

    id: str
    path: str
    part: str = ""
    parent: str | None = None
    methods: dict[str, Method] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Authorizer:
    """`kind`: TOKEN, REQUEST or COGNITO_USER_POOLS; `members`: what else CreateAuthorizer takes."""

    id: str
    name: str
    kind: str
    members: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Parts:
    """What methods refer to. `models` by name, `responses` (gateway responses) by type, all as the API shows them.

    policy  the API's resource policy as JSON, its resources whole ARNs; empty for none
    """

    authorizers: dict[str, Authorizer] = field(default_factory=dict)
    validators: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    policy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A snapshot: what a stage serves does not change with the API."""

    id: str
    description: str
    created: datetime
    resources: Mapping[str, Resource]
    binary: tuple[str, ...]
    parts: Parts = field(default_factory=Parts)


@dataclass(slots=True, kw_only=True)
class Stage:
    """A name under which a deployment answers. `settings`: `resource/METHOD` -> setting -> value."""

    name: str
    deployment: str
    variables: dict[str, str] = field(default_factory=dict)
    members: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True, kw_only=True)
class RestApi:
    """`members`: description, version, apiKeySource, endpointConfiguration ..."""

    id: str
    account: str
    region: str
    partition: str
    name: str
    members: dict[str, Any] = field(default_factory=dict)
    binary: list[str] = field(default_factory=list)
    disabled: bool = False
    resources: dict[str, Resource] = field(default_factory=dict)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)
    parts: Parts = field(default_factory=Parts)
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def root(self) -> Resource:
        return next(resource for resource in self.resources.values() if resource.parent is None)

    def by_path(self, path: str) -> Resource | None:
        return next((resource for resource in self.resources.values() if resource.path == path), None)


@dataclass(slots=True, kw_only=True)
class ApiKey:
    """`value` is the secret itself; `members`: name, description, customerId, enabled."""

    id: str
    account: str
    region: str
    value: str
    members: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True, kw_only=True)
class UsagePlan:
    """`stages`: (API, stage) -> throttling by method; `keys`: ids; `members`: name, description, throttle,
    quota (kept; nothing is counted)."""

    id: str
    account: str
    region: str
    members: dict[str, Any] = field(default_factory=dict)
    stages: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Domain:
    """A custom domain name. `mappings`: base path (empty for none) -> members, by REST and by HTTP APIs alike."""

    name: str
    account: str
    region: str
    members: dict[str, Any] = field(default_factory=dict)
    mappings: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    label: str = field(default_factory=new_id)


@dataclass(slots=True, kw_only=True)
class Kept:
    """What is kept as it was asked for: VPC links, client certificates."""

    id: str
    account: str
    region: str
    members: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class State:
    """All REST APIs by id, which is unique among accounts; (account, region) -> role that may write execution logs;
    keys, plans, VPC links by id, domains by (account, region, name)."""

    apis: dict[str, RestApi] = field(default_factory=dict)
    log_roles: dict[tuple[str, str], str] = field(default_factory=dict)
    keys: dict[str, ApiKey] = field(default_factory=dict)
    plans: dict[str, UsagePlan] = field(default_factory=dict)
    domains: dict[tuple[str, str, str], Domain] = field(default_factory=dict)
    links: dict[str, Kept] = field(default_factory=dict)
