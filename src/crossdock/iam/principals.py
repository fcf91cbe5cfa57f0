"""Who a statement means: Principal and NotPrincipal against a caller (IAM User Guide, Principal, NotPrincipal)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeAlias

from crossdock.iam.statement import Principals


class PrincipalType(StrEnum):
    """What kind of principal calls. ROLE is a role without a session known: some session that no policy names.

    WEB_IDENTITY  a token of an identity provider, before it has become a session (AssumeRoleWithWebIdentity, SAML)
    """

    ROOT = "root"
    USER = "user"
    ROLE = "role"
    SESSION = "assumed-role"
    FEDERATED_USER = "federated-user"
    WEB_IDENTITY = "web-identity"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


class Way(IntEnum):
    """How a statement names the caller; the lower, the less else is asked (IAM User Guide, policy evaluation).

    DIRECT   its user, session or federated-user ARN, its service, or everyone
    ISSUER   the role of a session, the user behind a federated session
    ACCOUNT  its account: a delegation to the policies of that account
    """

    DIRECT = 0
    ISSUER = 1
    ACCOUNT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The names under which policies know a caller.

    arn        user, session or federated-user ARN; a service's or provider's name; "" for a role without a session
    issuer     role ARN with its path, or the ARN of the user behind a federated session
    account    12 digits; "" for services and anonymous callers
    unique_id  AIDA..., AROA...: what stays in a policy when the named user or role was deleted
    bounded    the user or role has a permissions boundary
    """

    type: PrincipalType
    arn: str = ""
    issuer: str = ""
    account: str = ""
    unique_id: str = ""
    canonical_id: str = ""
    bounded: bool = False


PrincipalMatch: TypeAlias = Callable[[Caller], Way | None]


def compile_principals(principal: Principals | None, not_principal: Principals | None) -> PrincipalMatch:
    """The test of whether, and in which way, a statement means a caller."""
    if principal is not None:
        return _named(principal)
    if not_principal is not None:
        return _all_but(not_principal)
    return _anyone


def _anyone(_caller: Caller) -> Way | None:
    return Way.DIRECT


def _named(listed: Principals) -> PrincipalMatch:
    if listed.everyone:
        return _anyone
    accounts, service, federated, canonical = listed.aws, listed.service, listed.federated, listed.canonical

    def way(caller: Caller) -> Way | None:
        if caller.account:
            return _aws_way(caller, accounts, canonical)
        known = {PrincipalType.SERVICE: service, PrincipalType.WEB_IDENTITY: federated}.get(caller.type)
        return Way.DIRECT if known and caller.arn in known else None

    return way


def _aws_way(caller: Caller, listed: frozenset[str], canonical: frozenset[str]) -> Way | None:
    session = caller.issuer != ""
    if caller.arn in listed or (caller.canonical_id and caller.canonical_id in canonical):
        return Way.DIRECT
    if caller.unique_id in listed:
        return Way.ISSUER if session else Way.DIRECT
    if session and caller.issuer in listed:
        return Way.ISSUER
    return Way.ACCOUNT if caller.account in listed else None


def _all_but(listed: Principals) -> PrincipalMatch:
    """A caller is exempt only when its account is listed, and with it the user, or the role and the session.

    One with a permissions boundary is never exempt (IAM User Guide, permissions boundaries).
    """

    def way(caller: Caller) -> Way | None:
        if caller.bounded:
            return Way.DIRECT
        return None if listed.everyone or _exempt(caller, listed) else Way.DIRECT

    return way


def _exempt(caller: Caller, listed: Principals) -> bool:
    match caller.type:
        case PrincipalType.SERVICE:
            return caller.arn in listed.service
        case PrincipalType.WEB_IDENTITY:
            return caller.arn in listed.federated
        case PrincipalType.ANONYMOUS:
            return False
        case PrincipalType.ROOT:
            return caller.account in listed.aws
        case PrincipalType.USER:
            return {caller.account, caller.arn} <= listed.aws
        case PrincipalType.ROLE | PrincipalType.SESSION | PrincipalType.FEDERATED_USER:
            return {caller.account, caller.issuer, caller.arn} <= listed.aws
