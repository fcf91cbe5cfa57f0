"""What is known of user pools. `members` are as the API takes them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class User:
    """A user. `status`: UNCONFIRMED, CONFIRMED, FORCE_CHANGE_PASSWORD or RESET_REQUIRED; `code`: what the user would
    have been sent; `secret`: salt and hash of the password."""

    name: str
    attributes: dict[str, str]
    secret: tuple[str, str] = ("", "")
    status: str = "UNCONFIRMED"
    enabled: bool = True
    code: str = ""
    groups: list[str] = field(default_factory=list)
    sub: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: datetime = field(default_factory=_now)
    modified: datetime = field(default_factory=_now)

    @property
    def shown(self) -> list[dict[str, str]]:
        return [{"Name": name, "Value": value} for name, value in {"sub": self.sub, **self.attributes}.items()]


@dataclass(slots=True, kw_only=True)
class Client:
    id: str
    secret: str
    members: dict[str, Any]
    created: datetime = field(default_factory=_now)
    modified: datetime = field(default_factory=_now)


@dataclass(slots=True, kw_only=True)
class Pool:
    """A user pool. `key`: the PEM of the key that signs its tokens; `refresh`: refresh token -> (user, client)."""

    id: str
    account: str
    region: str
    arn: str
    members: dict[str, Any]
    key: str
    users: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    servers: dict[str, dict[str, Any]] = field(default_factory=dict)
    domain: str = ""
    refresh: dict[str, tuple[str, str]] = field(default_factory=dict)
    sessions: dict[str, tuple[str, str]] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=_now)
    modified: datetime = field(default_factory=_now)

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.id}"
