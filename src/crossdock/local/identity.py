"""Who calls: principals, their credentials, and sessions made from them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What sort of principal calls (aws:PrincipalType distinguishes the same)."""

    ROOT = "root"
    USER = "user"
    ROLE = "role"
    FEDERATED = "federated"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One principal as the door sees it.

    arn            what `sts:GetCallerIdentity` would answer: a user ARN, a session ARN, an account root ARN; for a
                   service principal its name (`events.amazonaws.com`)
    principal_arn  aws:PrincipalArn: the role ARN (with path) for sessions, else `arn`
    account        12 digits; empty for service principals and anonymous callers
    called_via     services through which the call comes, first to last (forward access); aws:CalledVia
    source_arn     for a service principal: the resource for which the service acts; aws:SourceArn
    user_name      of a user; for a federated session, of the user behind it
    transitive     keys of those tags that go on to sessions made from this one
    system_tags    tags of AWS's own that a service working for this caller puts on what it makes; no rights are asked
                   for them
    """

    kind: Kind
    arn: str
    principal_arn: str = ""
    account: str = ""
    user_id: str = ""
    user_name: str = ""
    session_policies: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    called_via: tuple[str, ...] = ()
    source_arn: str = ""
    source_account: str = ""
    issued: datetime | None = None
    external: Mapping[str, str] = field(default_factory=dict)
    system_tags: Mapping[str, str] = field(default_factory=dict)

    def via(self, service: str) -> Caller:
        """The same principal, its call made by a service on its behalf (forward access session)."""
        return replace(self, called_via=(*self.called_via, service))


ANONYMOUS = Caller(kind=Kind.ANONYMOUS, arn="anonymous")


def service_principal(name: str, *, source_arn: str = "", source_account: str = "") -> Caller:
    """An AWS service acting for a resource, e.g. `events.amazonaws.com` for a rule."""
    return Caller(kind=Kind.SERVICE, arn=name, principal_arn=name, source_arn=source_arn, source_account=source_account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An access key; temporary when it has a token."""

    access_key: str
    secret_key: str
    token: str = ""
    expires: datetime | None = None


class Sessions:
    """Temporary credentials that were issued, and who they stand for. Unknown keys stand for nobody."""

    def __init__(self) -> None:
        self._issued: dict[str, tuple[Credentials, Caller]] = {}
        self._lock = threading.Lock()

    def issue(self, caller: Caller, *, seconds: int = 3600) -> Credentials:
        """New temporary credentials for this caller."""
        now = datetime.now(UTC)
        credentials = Credentials(
            access_key="ASIA" + "".join(secrets.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16)),
            secret_key=secrets.token_urlsafe(30),
            token="FwoGZXIvYXdz" + secrets.token_urlsafe(96),
            expires=now + timedelta(seconds=seconds),
        )
        with self._lock:
            self._issued[credentials.access_key] = (credentials, replace(caller, issued=caller.issued or now))
        return credentials

    def find(self, access_key: str) -> tuple[Credentials, Caller] | None:
        """The credentials of this key and their caller, expired or not."""
        return self._issued.get(access_key)
