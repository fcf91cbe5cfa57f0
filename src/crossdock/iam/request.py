"""A request as policies see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from crossdock.iam.keys import Value, context
from crossdock.iam.principals import Caller, PrincipalType

_SESSION = re.compile(r"arn:([a-z0-9-]+):sts::(\d{12}):(assumed-role|federated-user)/([^/]+)(/.*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One action on one resource by one principal.

    principal          a user, root, session or federated-user ARN; a role ARN for some session that no policy names; a
                       service principal (`events.amazonaws.com`); a provider for a web identity; None when anonymous
    principal_type     a PrincipalType or its value
    principal_account  12 digits; empty for services and anonymous callers
    action             `service:Action`, e.g. `s3:GetObject`
    resource           its ARN; `*` for an action without resource-level permission
    resource_account   12 digits of the owner; bucket names carry none, so it is asked for
    context            complete: a key that is absent here is absent from the request. A list is a multivalued key
    session_arn        the session's ARN where `principal` is a role
    issuer             role behind a session, or user behind a federated session, when `aws:PrincipalArn` is not set
    aws_managed_key    the resource is a KMS key that AWS manages: resource control policies leave it alone
    """

    principal: str | None
    principal_type: PrincipalType | str
    action: str
    resource: str
    resource_account: str
    principal_account: str | None = None
    context: Mapping[str, object] = field(default_factory=dict)
    session_arn: str = ""
    issuer: str = ""
    canonical_id: str = ""
    aws_managed_key: bool = False


class Facts:
    """A request made ready for compiled statements: folded keys, a lower-case action, the caller's names."""

    __slots__ = ("action", "caller", "context", "request", "resource", "service", "unknown")

    def __init__(self, request: Request, unknown: frozenset[str], *, bounded: bool) -> None:
        self.request = request
        self.action = request.action.lower()
        self.service = self.action.partition(":")[0]
        self.resource = request.resource
        self.unknown = unknown
        self.context: dict[str, Value] = context(request.context)
        for key in unknown:
            self.context.pop(key, None)
        self.caller = _caller(request, self.context, bounded=bounded)

    def supposing(self, values: Mapping[str, Value | None]) -> Facts:
        """The same request if its unknown keys had these values; None means absent. The caller stays who it is."""
        copy = object.__new__(Facts)
        for name in self.__slots__:
            setattr(copy, name, getattr(self, name))
        copy.context = self.context | {key: value for key, value in values.items() if value is not None}
        copy.unknown = self.unknown - values.keys()
        return copy


def _caller(request: Request, known: Mapping[str, Value], *, bounded: bool) -> Caller:
    kind = PrincipalType(request.principal_type)
    arn = request.principal or ""
    if kind in (PrincipalType.SERVICE, PrincipalType.ANONYMOUS, PrincipalType.WEB_IDENTITY):
        return Caller(type=kind, arn=arn)
    issuer = ""
    if kind is PrincipalType.ROLE or (kind is PrincipalType.SESSION and ":role/" in arn):
        arn, issuer = request.session_arn, arn
    elif kind in (PrincipalType.SESSION, PrincipalType.FEDERATED_USER):
        issuer = request.issuer or _issuer(arn, known)
    return Caller(
        type=kind, arn=arn, issuer=issuer, account=request.principal_account or "", unique_id=_unique_id(known),
        canonical_id=request.canonical_id, bounded=bounded and kind is not PrincipalType.ROOT,
    )  # fmt: skip


def _issuer(arn: str, known: Mapping[str, Value]) -> str:
    """The role or user behind a session: aws:PrincipalArn, or the session's ARN without the path that it drops."""
    told = known.get("aws:principalarn")
    if isinstance(told, str) and told != arn:
        return told
    session = _SESSION.fullmatch(arn)
    if session is None:
        raise ValueError(f"{arn} is not the ARN of a session")
    partition, account, kind, name, _ = session.groups()
    return f"arn:{partition}:iam::{account}:{'role' if kind == 'assumed-role' else 'user'}/{name}"


def _unique_id(known: Mapping[str, Value]) -> str:
    told = known.get("aws:userid")
    return told.partition(":")[0] if isinstance(told, str) else ""
