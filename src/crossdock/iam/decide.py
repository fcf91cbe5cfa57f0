"""May this principal do this? One pure function over a request and the policies in force (IAM User Guide, policy
evaluation logic, in one account and across accounts; Organizations User Guide, SCP and RCP evaluation).

Three-valued: with unknown context keys the answer is `allowed` or a denial only if it is so for every value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from crossdock.iam import grants, services
from crossdock.iam.compiled import Cause, Compiled
from crossdock.iam.grants import Grant
from crossdock.iam.keys import fold
from crossdock.iam.policy import Policy
from crossdock.iam.principals import PrincipalType, Way
from crossdock.iam.request import Facts, Request
from crossdock.iam.statement import PolicyKind


class Verdict(StrEnum):
    """IMPLICIT_DENY: nothing grants it. UNKNOWN: it hangs on a key whose value is not known; never let it through."""

    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicit_deny"
    EXPLICIT_DENY = "explicit_deny"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A side that must allow and does not.

    kind     the kind of policy that lacks an Allow; RESOURCE also for key, trust and repository policies
    account  whose policies they are, 12 digits
    level    for SCPs and RCPs: 0 is the organization's root, the last the account
    """

    kind: PolicyKind
    account: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict and its reasons.

    because  the statements that allow or deny; for UNKNOWN those that hang on an unknown key
    missing  for IMPLICIT_DENY (and UNKNOWN, as far as certain): each side without an Allow
    """

    verdict: Verdict
    because: tuple[Cause, ...] = ()
    missing: tuple[Leg, ...] = ()

    @property
    def allowed(self) -> bool:
        """True only when it is certain."""
        return self.verdict is Verdict.ALLOWED


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The policies that bear on a request.

    scps, rcps  one tuple per level (root, organizational units, account) of the principal's and of the resource's
                account; none for accounts outside an organization and for the management account. A level that is
                present and empty has no policy attached, so nothing passes. RCPFullAWSAccess is written out
    session     every session policy passed when the session was made; empty when there was none
    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    boundary: Policy | None = None
    session: tuple[Policy, ...] = ()
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()
    grants: tuple[Grant, ...] = ()


@dataclass(slots=True)
class _Answer:
    """Whether something allows, by which statements (those it hangs on when None), and which legs lack an Allow."""

    value: bool | None
    causes: list[Cause] = field(default_factory=list)
    missing: list[Leg] = field(default_factory=list)


def decide(request: Request, policies: Policies, unknown_keys: Iterable[str] = frozenset()) -> Decision:
    """Decide one request. ValueError for a principal type, or a session ARN, that is none."""
    unknown = frozenset(map(fold, unknown_keys)) if unknown_keys else frozenset[str]()
    facts = Facts(request, unknown, bounded=policies.boundary is not None)
    if facts.action == "sts:getcalleridentity" and facts.caller.type is not PrincipalType.ANONYMOUS:
        return Decision(verdict=Verdict.ALLOWED)  # STS API: needs no permission, and no policy takes it away
    in_force = _in_force(facts, policies)
    certain, doubtful = _denies(facts, in_force)
    if certain:
        return Decision(verdict=Verdict.EXPLICIT_DENY, because=tuple(certain))
    answer = _all(_legs(facts, in_force))
    if answer.value is False:
        return Decision(verdict=Verdict.IMPLICIT_DENY, missing=tuple(answer.missing))
    if answer.value is None or doubtful:
        causes = (*doubtful, *(answer.causes if answer.value is None else ()))
        return Decision(verdict=Verdict.UNKNOWN, because=causes, missing=tuple(answer.missing))
    return Decision(verdict=Verdict.ALLOWED, because=tuple(answer.causes))


def _in_force(facts: Facts, given: Policies) -> Policies:
    """Leave out what does not bind this caller or this resource."""
    caller = facts.caller
    own = caller.account != "" and caller.type is not PrincipalType.ROOT
    resource = given.resource
    if resource is not None and resource.kind is PolicyKind.TRUST and not services.trust_policy_counts(facts):
        resource = None
    return Policies(
        identity=given.identity if own else (),
        resource=resource,
        boundary=given.boundary if own else None,
        session=given.session if own else (),
        scps=given.scps if services.bound_by_scps(caller) else (),
        rcps=given.rcps if services.bound_by_rcps(facts) else (),
        grants=given.grants if facts.service == "kms" else (),
    )


def _denies(facts: Facts, policies: Policies) -> tuple[list[Cause], list[Cause]]:
    """The Deny statements that apply, and those that may."""
    certain: list[Cause] = []
    doubtful: list[Cause] = []
    for statement in _deny_statements(facts, policies):
        if statement.whom(facts.caller) is None:
            continue
        answer = statement.applies(facts)
        if answer is not False:
            (certain if answer else doubtful).append(statement.cause)
    return certain, doubtful


def _deny_statements(facts: Facts, policies: Policies) -> Iterator[Compiled]:
    for level in policies.rcps:
        for policy in level:
            yield from policy.denies
    for level in policies.scps:
        for policy in level:
            yield from policy.denies
    if policies.resource is not None and not services.keeps_bucket_policy(facts):
        yield from policies.resource.denies
    for policy in policies.identity:
        yield from policy.denies
    if policies.boundary is not None:
        yield from policies.boundary.denies
    for policy in policies.session:
        yield from policy.denies


def _legs(facts: Facts, policies: Policies) -> Iterator[_Answer]:
    """What must all allow."""
    owner, caller = facts.request.resource_account, facts.caller
    for level, attached in enumerate(policies.rcps):
        yield _allow(facts, attached, Leg(kind=PolicyKind.RCP, account=owner, level=level))
    for level, attached in enumerate(policies.scps):
        yield _allow(facts, attached, Leg(kind=PolicyKind.SCP, account=caller.account, level=level))
    ways = _ways(facts, policies)
    resource = Leg(kind=PolicyKind.RESOURCE, account=owner)
    if caller.account == "":
        yield _any((ways[Way.DIRECT], _granted(facts, policies.grants)), resource)
    elif not services.may_assume_roles(facts):
        yield _Answer(False, missing=[Leg(kind=PolicyKind.IDENTITY, account=caller.account)])
    elif caller.account == owner:
        yield _same_account(facts, policies, ways, resource)
    else:
        yield from _trusted_side(facts, policies)
        if services.works_across_accounts(facts):
            yield _any((*ways, _granted(facts, policies.grants)), resource)
        else:
            yield _Answer(False, missing=[resource])


def _same_account(facts: Facts, policies: Policies, ways: Sequence[_Answer], resource: Leg) -> _Answer:
    """Identity or resource policy; where the resource's policy must agree, identity policies need its delegation."""
    direct = ways[Way.DIRECT]
    if direct.value is True:
        return direct
    identity = _identity(facts, policies)
    if services.demands_resource_policy(facts):
        identity = _all((_any((ways[Way.ACCOUNT],), resource), identity))
    basis = _any((identity, ways[Way.ISSUER], _granted(facts, policies.grants)))
    basis.missing = identity.missing
    limited = _all((basis, *_limits(facts, policies)))
    answer = _any((direct, limited))
    answer.missing = limited.missing
    return answer


def _trusted_side(facts: Facts, policies: Policies) -> Iterator[_Answer]:
    yield _identity(facts, policies)
    yield from _limits(facts, policies)


def _identity(facts: Facts, policies: Policies) -> _Answer:
    if facts.caller.type is PrincipalType.ROOT:
        return _Answer(True)
    return _allow(facts, policies.identity, Leg(kind=PolicyKind.IDENTITY, account=facts.caller.account))


def _limits(facts: Facts, policies: Policies) -> Iterator[_Answer]:
    """Boundary and session policies; a federated user without a session policy has no permissions."""
    account = facts.caller.account
    if policies.boundary is not None:
        yield _allow(facts, (policies.boundary,), Leg(kind=PolicyKind.BOUNDARY, account=account))
    if policies.session or facts.caller.type is PrincipalType.FEDERATED_USER:
        yield _allow(facts, policies.session, Leg(kind=PolicyKind.SESSION, account=account))


def _allow(facts: Facts, policies: Iterable[Policy], leg: Leg) -> _Answer:
    """Does one of these policies allow?"""
    doubts: list[Cause] = []
    for policy in policies:
        for statement in policy.allows:
            answer = statement.applies(facts)
            if answer is True:
                return _Answer(True, [statement.cause])
            if answer is None:
                doubts.append(statement.cause)
    return _Answer(None, doubts) if doubts else _Answer(False, missing=[leg])


def _ways(facts: Facts, policies: Policies) -> tuple[_Answer, _Answer, _Answer]:
    """What the resource's policy allows the caller, by the way in which it names the caller."""
    found = (_Answer(False), _Answer(False), _Answer(False))
    for statement in policies.resource.allows if policies.resource else ():
        way = statement.whom(facts.caller)
        if way is None or found[way].value is True:
            continue
        answer = statement.applies(facts)
        if answer is True:
            found[way].value, found[way].causes = True, [statement.cause]
            if way is Way.DIRECT:
                break
        elif answer is None:
            found[way].value = None
            found[way].causes.append(statement.cause)
    return found


def _granted(facts: Facts, given: tuple[Grant, ...]) -> _Answer:
    doubts: list[Cause] = []
    for grant in given:
        answer = grants.allows(grant, facts)
        if answer is True:
            return _Answer(True, [grant.cause])
        if answer is None:
            doubts.append(grant.cause)
    return _Answer(None, doubts) if doubts else _Answer(False)


def _any(answers: Iterable[_Answer], leg: Leg | None = None) -> _Answer:
    """One of them suffices; `leg` is missing when none does."""
    doubts: list[Cause] = []
    for answer in answers:
        if answer.value is True:
            return answer
        if answer.value is None:
            doubts += answer.causes
    return _Answer(None, doubts) if doubts else _Answer(False, missing=[leg] if leg else [])


def _all(answers: Iterable[_Answer]) -> _Answer:
    """All of them are needed. Those that lack are all named."""
    value: bool | None = True
    granted: list[Cause] = []
    doubts: list[Cause] = []
    missing: list[Leg] = []
    for answer in answers:
        if answer.value is True:
            granted += answer.causes
            continue
        missing += answer.missing
        if answer.value is None:
            doubts += answer.causes
        value = False if answer.value is False or value is False else None
    return _Answer(value, granted if value else doubts, missing)
