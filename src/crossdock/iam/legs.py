"""The sides that must all allow, in one account and across two (IAM User Guide, policy evaluation logic)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from crossdock.iam import grants, services
from crossdock.iam.compiled import Cause
from crossdock.iam.decision import Leg
from crossdock.iam.grants import Grant
from crossdock.iam.in_force import Policies
from crossdock.iam.policy import Policy
from crossdock.iam.principals import PrincipalType, Way
from crossdock.iam.request import Facts
from crossdock.iam.statement import PolicyKind


@dataclass(slots=True)
class Answer:
    """Whether something allows, by which statements (those it hangs on when None), and which legs lack an Allow."""

    value: bool | None
    causes: list[Cause] = field(default_factory=list)
    missing: list[Leg] = field(default_factory=list)


def legs(facts: Facts, policies: Policies) -> Iterator[Answer]:
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
        yield Answer(False, missing=[Leg(kind=PolicyKind.IDENTITY, account=caller.account)])
    elif caller.account == owner:
        yield _same_account(facts, policies, ways, resource)
    else:
        yield from _trusted_side(facts, policies)
        if services.works_across_accounts(facts):
            yield _any((*ways, _granted(facts, policies.grants)), resource)
        else:
            yield Answer(False, missing=[resource])


def _same_account(facts: Facts, policies: Policies, ways: Sequence[Answer], resource: Leg) -> Answer:
    """Identity or resource policy; where the resource's policy must agree, identity policies need its delegation."""
    direct = ways[Way.DIRECT]
    if direct.value is True:
        return direct
    identity = _identity(facts, policies)
    if services.demands_resource_policy(facts):
        identity = all_of((_any((ways[Way.ACCOUNT],), resource), identity))
    basis = _any((identity, ways[Way.ISSUER], _granted(facts, policies.grants)))
    basis.missing = identity.missing
    limited = all_of((basis, *_limits(facts, policies)))
    answer = _any((direct, limited))
    answer.missing = limited.missing
    return answer


def _trusted_side(facts: Facts, policies: Policies) -> Iterator[Answer]:
    yield _identity(facts, policies)
    yield from _limits(facts, policies)


def _identity(facts: Facts, policies: Policies) -> Answer:
    if facts.caller.type is PrincipalType.ROOT:
        return Answer(True)
    return _allow(facts, policies.identity, Leg(kind=PolicyKind.IDENTITY, account=facts.caller.account))


def _limits(facts: Facts, policies: Policies) -> Iterator[Answer]:
    """Boundary and session policies; a federated user without a session policy has no permissions."""
    account = facts.caller.account
    if policies.boundary is not None:
        yield _allow(facts, (policies.boundary,), Leg(kind=PolicyKind.BOUNDARY, account=account))
    sessions = policies.sessions
    if sessions or facts.caller.type is PrincipalType.FEDERATED_USER:
        yield _allow(facts, sessions, Leg(kind=PolicyKind.SESSION, account=account))


def _allow(facts: Facts, policies: Iterable[Policy], leg: Leg) -> Answer:
    """Does one of these policies allow?"""
    doubts: list[Cause] = []
    for policy in policies:
        for statement in policy.allows:
            answer = statement.applies(facts)
            if answer is True:
                return Answer(True, [statement.cause])
            if answer is None:
                doubts.append(statement.cause)
    return Answer(None, doubts) if doubts else Answer(False, missing=[leg])


def _ways(facts: Facts, policies: Policies) -> tuple[Answer, Answer, Answer]:
    """What the resource's policy allows the caller, by the way in which it names the caller."""
    found = (Answer(False), Answer(False), Answer(False))
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


def _granted(facts: Facts, given: tuple[Grant, ...]) -> Answer:
    doubts: list[Cause] = []
    for grant in given:
        answer = grants.allows(grant, facts)
        if answer is True:
            return Answer(True, [grant.cause])
        if answer is None:
            doubts.append(grant.cause)
    return Answer(None, doubts) if doubts else Answer(False)


def _any(answers: Iterable[Answer], leg: Leg | None = None) -> Answer:
    """One of them suffices; `leg` is missing when none does."""
    doubts: list[Cause] = []
    for answer in answers:
        if answer.value is True:
            return answer
        if answer.value is None:
            doubts += answer.causes
    return Answer(None, doubts) if doubts else Answer(False, missing=[leg] if leg else [])


def all_of(answers: Iterable[Answer]) -> Answer:
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
    return Answer(value, granted if value else doubts, missing)
