"""What AppConfig remembers. `members` are as the API takes them."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_LETTERS = string.ascii_lowercase + string.digits


def new_id() -> str:
    """An identifier as AppConfig makes them."""
    return "".join(secrets.choice(_LETTERS) for _ in range(7))


@dataclass(slots=True, kw_only=True)
class Part:
    """A configuration profile, an environment or a deployment strategy. `versions` of a hosted profile by number,
    `deployments` to an environment by number, `active`: profile -> number of the deployment that is there."""

    id: str
    name: str
    members: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    versions: dict[int, dict[str, Any]] = field(default_factory=dict)
    deployments: dict[int, dict[str, Any]] = field(default_factory=dict)
    active: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Application:
    id: str
    account: str
    region: str
    name: str
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, Part] = field(default_factory=dict)
    environments: dict[str, Part] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Session:
    """Somebody who fetches a configuration again and again: what they were given last, from when they may ask again."""

    application: str
    environment: str
    profile: str
    seconds: int
    given: int = 0
    again: datetime | None = None


@dataclass(slots=True)
class State:
    """Applications by id; strategies by (account, region, id); sessions by token."""

    applications: dict[str, Application] = field(default_factory=dict)
    strategies: dict[tuple[str, str, str], Part] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
