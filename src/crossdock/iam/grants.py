"""KMS grants: they allow the operations they list, to the principal they name, and never deny (KMS Developer Guide,
grants; KMS API, GrantConstraints)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crossdock.iam.compiled import Cause
from crossdock.iam.principal_element import account
from crossdock.iam.principals import Caller
from crossdock.iam.request import Facts
from crossdock.iam.statement import Effect

_PAIR = "kms:encryptioncontext:"
_UNCONSTRAINED = {"describekey", "retiregrant"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One grant on the key that is asked for.

    grantee     ARN of a role, user, session or account root, or a service principal
    operations  as KMS spells them: `Decrypt`, `GenerateDataKey`
    equals      EncryptionContextEquals: the request's pairs are these and no others
    subset      EncryptionContextSubset: the request's pairs hold these. In both keys ignore case, values do not
    """

    grantee: str
    operations: tuple[str, ...]
    equals: Mapping[str, str] | None = None
    subset: Mapping[str, str] | None = None
    retiring: str = ""
    name: str = ""
    actions: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "actions", frozenset(f"kms:{name.lower()}" for name in self.operations))

    @property
    def constrained(self) -> bool:
        """It asks for an encryption context."""
        return self.equals is not None or self.subset is not None

    @property
    def cause(self) -> Cause:
        """How explanations name it."""
        return Cause(kind=None, policy="", statement=self.name or f"grant to {self.grantee}", effect=Effect.ALLOW)


def allows(grant: Grant, facts: Facts) -> bool | None:
    """Does this grant allow the request? None when that hangs on an unknown encryption context."""
    if facts.action == "kms:retiregrant" and grant.retiring and _is(facts.caller, grant.retiring):
        return True
    if facts.action not in grant.actions or not _is(facts.caller, grant.grantee):
        return False
    if facts.action.partition(":")[2] in _UNCONSTRAINED or not grant.constrained:
        return True
    given = {key[len(_PAIR) :].lower(): value for key, value in facts.context.items() if key.startswith(_PAIR)}
    unknown = {key[len(_PAIR) :].lower() for key in facts.unknown if key.startswith(_PAIR)}
    return _holds(grant, given, unknown)


def _holds(grant: Grant, given: Mapping[str, object], unknown: set[str]) -> bool | None:
    answer: bool | None = True
    for constraint, exact in ((grant.equals, True), (grant.subset, False)):
        wanted = {key.lower(): value for key, value in (constraint or {}).items()}
        if constraint is None:
            continue
        if any(given.get(key) != value for key, value in wanted.items() if key not in unknown):
            return False
        if exact and set(given) - unknown - set(wanted):
            return False
        if unknown & set(wanted) or (exact and unknown):
            answer = None
    return answer


def _is(caller: Caller, named: str) -> bool:
    return account(named) in {caller.arn, caller.issuer, caller.account} - {""}


def from_api(entry: Mapping[str, object], name: str = "") -> Grant:
    """A grant as `ListGrants` or a vector writes it; member names with or without capitals and underscores."""
    members = {_plain(key): value for key, value in entry.items()}
    operations, constraints = members.get("operations"), members.get("constraints")
    pairs: dict[str, Mapping[str, str]] = {}
    if isinstance(constraints, Mapping):
        pairs = {_plain(str(k)): v for k, v in constraints.items() if isinstance(v, Mapping)}
    return Grant(
        grantee=str(members["granteeprincipal"]),
        operations=tuple(map(str, operations)) if isinstance(operations, (list, tuple)) else (),
        equals=pairs.get("encryptioncontextequals"),
        subset=pairs.get("encryptioncontextsubset"),
        retiring=str(members.get("retiringprincipal") or ""),
        name=name or str(members.get("grantid") or ""),
    )


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
