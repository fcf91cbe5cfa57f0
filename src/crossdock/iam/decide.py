"""May this principal do this? One pure function over a request and the policies in force (IAM User Guide, policy
evaluation logic, in one account and across accounts; Organizations User Guide, SCP and RCP evaluation).

Three-valued: with unknown context keys the answer is `allowed`, or one of the denials, only if the request is allowed,
or denied, for every value that they can have. A Deny that may apply to what nothing grants leaves `implicit_deny`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crossdock.iam import settle
from crossdock.iam.compiled import Cause, Compiled
from crossdock.iam.decision import Decision, Leg, Verdict
from crossdock.iam.in_force import Policies, deny_statements, in_force
from crossdock.iam.keys import fold
from crossdock.iam.legs import all_of, legs
from crossdock.iam.principals import PrincipalType
from crossdock.iam.request import Facts, Request

__all__ = ["Cause", "Decision", "Leg", "Policies", "Request", "Verdict", "decide"]


def decide(request: Request, policies: Policies, unknown_keys: Iterable[str] = frozenset()) -> Decision:
    """Decide one request. ValueError for a principal type, or a session ARN, that is none."""
    unknown = frozenset(map(fold, unknown_keys)) if unknown_keys else frozenset[str]()
    facts = Facts(request, unknown, bounded=policies.boundary is not None)
    if facts.action == "sts:getcalleridentity" and facts.caller.type is not PrincipalType.ANONYMOUS:
        return Decision(verdict=Verdict.ALLOWED)  # STS API: needs no permission, and no policy takes it away
    bearing = in_force(facts, policies)
    decision = _decide(facts, bearing)
    if decision.verdict is Verdict.UNKNOWN and unknown:
        return _settled(facts, bearing, decision)
    return decision


def _decide(facts: Facts, policies: Policies) -> Decision:
    certain, doubtful = _denies(facts, policies)
    if certain:
        return Decision(verdict=Verdict.EXPLICIT_DENY, because=tuple(certain))
    answer = all_of(legs(facts, policies))
    if answer.value is False:
        return Decision(verdict=Verdict.IMPLICIT_DENY, missing=tuple(answer.missing))
    if answer.value is None or doubtful:
        causes = (*doubtful, *(answer.causes if answer.value is None else ()))
        return Decision(verdict=Verdict.UNKNOWN, because=causes, missing=tuple(answer.missing))
    return Decision(verdict=Verdict.ALLOWED, because=tuple(answer.causes))


def _denies(facts: Facts, policies: Policies) -> tuple[list[Cause], list[Cause]]:
    """The Deny statements that apply, and those that may."""
    certain: list[Cause] = []
    doubtful: list[Cause] = []
    for statement in deny_statements(facts, policies):
        if statement.whom(facts.caller) is None:
            continue
        answer = statement.applies(facts)
        if answer is not False:
            (certain if answer else doubtful).append(statement.cause)
    return certain, doubtful


def _settled(facts: Facts, policies: Policies, unknown: Decision) -> Decision:
    """The decision that holds in every case that the unknown keys allow, or the unknown one."""
    if any(grant.constrained for grant in policies.grants):
        return unknown
    cases = settle.cases(_doubtful(facts, policies), facts.unknown)
    if cases is None:
        return unknown
    found: list[Decision] = []
    for case in cases:
        found.append(_decide(facts.supposing(case), policies))
        if found[-1].verdict is Verdict.UNKNOWN or found[-1].allowed is not found[0].allowed:
            return unknown
    denied = [decision for decision in found if decision.verdict is Verdict.IMPLICIT_DENY]
    if denied:
        return denied[0]
    because = dict.fromkeys(cause for decision in found for cause in decision.because)
    return Decision(verdict=found[0].verdict, because=tuple(because))


def _doubtful(facts: Facts, policies: Policies) -> Iterator[Compiled]:
    for statement in policies.statements():
        if statement.whom(facts.caller) is not None and statement.applies(facts) is None:
            yield statement
