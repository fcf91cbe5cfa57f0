"""A policy's parts as plain data: what its author wrote, checked and put into one shape, nothing decided yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What a statement does when it applies. Case sensitive, as on AWS."""

    ALLOW = "Allow"
    DENY = "Deny"


class PolicyKind(StrEnum):
    """Where a policy is attached; it decides which elements the document may carry and what a missing Allow means."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"
    KEY = "key"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"
    REPOSITORY = "repository"

    @property
    def words(self) -> str:
        """AWS's own words for it in error messages (IAM User Guide, troubleshoot access denied)."""
        return _TITLES.get(self, "resource-based policy")

    @property
    def on_resource(self) -> bool:
        """A resource-based policy, whatever the service calls it."""
        return self not in _TITLES


_TITLES = {
    PolicyKind.IDENTITY: "identity-based policy",
    PolicyKind.BOUNDARY: "permissions boundary",
    PolicyKind.SESSION: "session policy",
    PolicyKind.SCP: "service control policy",
    PolicyKind.RCP: "resource control policy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principals:
    """Whom a Principal or NotPrincipal element lists. Accounts are kept as 12 digits, also when written as root ARNs.

    everyone  `"*"` or `{"AWS": "*"}`, which mean the same
    """

    everyone: bool = False
    aws: frozenset[str] = frozenset()
    service: frozenset[str] = frozenset()
    federated: frozenset[str] = frozenset()
    canonical: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One operator on one key: some value matches (or, for a negated operator, none).

    operator  as written, e.g. `ForAnyValue:StringLikeIfExists`
    values    JSON booleans and numbers as their strings
    """

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement. `None` means that the element is absent; each pair (`actions`, `not_actions`) has at most one.

    index  counts from 0 in its document
    """

    effect: Effect
    index: int = 0
    sid: str = ""
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None
    principal: Principals | None = None
    not_principal: Principals | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def label(self) -> str:
        """Its Sid, or its place: `statement 1` is the first."""
        return self.sid or f"statement {self.index + 1}"
