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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A snapshot: what a stage serves does not change with the API."""

    id: str
    description: str
    created: datetime
    resources: Mapping[str, Resource]
    binary: tuple[str, ...]


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
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def root(self) -> Resource:
        return next(resource for resource in self.resources.values() if resource.parent is None)

    def by_path(self, path: str) -> Resource | None:
        return next((resource for resource in self.resources.values() if resource.path == path), None)


@dataclass(slots=True, kw_only=True)
class State:
    """All REST APIs by id, which is unique among accounts; (account, region) -> role that may write execution logs."""

    apis: dict[str, RestApi] = field(default_factory=dict)
    log_roles: dict[tuple[str, str], str] = field(default_factory=dict)
