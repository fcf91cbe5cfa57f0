"""What a failing need lacks: which side, where its statement belongs, and how to write it.

A statement for another account names the account as principal and the role by condition: a role that does not exist yet
can't be a principal, and one that was recreated no longer is the one named (IAM User Guide, Principal).
"""

from __future__ import annotations

import json
import re
from itertools import takewhile

from crossdock.iam import Cause, Decision, Leg, PolicyKind, Verdict
from crossdock.model.proof import Given, Missing, Need, Place
from crossdock.prove.collect import InForce
from crossdock.prove.held import Held
from crossdock.prove.judge import Judge, account_of
from crossdock.prove.patterns import matches


def missing(judge: Judge, need: Need, decision: Decision) -> tuple[Missing, ...]:
    """Each side without an Allow; for an explicit denial, the statement that denies."""
    in_force = judge.in_force
    if decision.verdict is Verdict.EXPLICIT_DENY:
        return tuple(_denial(judge, cause) for cause in decision.because)
    if account_of(need.who) and need.who not in in_force.roles and need.given is not Given.CALLER:
        return (Missing(leg=f"there is no role {name_of(need.who)} in account {account_of(need.who)}"),)
    if need.action == "sts:AssumeRole" and need.resource not in in_force.roles:
        return (Missing(leg=f"there is no role {name_of(need.resource)} in account {account_of(need.resource)}"),)
    return tuple(_leg(judge, need, leg) for leg in decision.missing)


def _denial(judge: Judge, cause: Cause) -> Missing:
    held = judge.held(cause.policy)
    return Missing(leg=f"denied by {cause.statement} of {cause.policy}", place=held.place(cause) if held else None)


def name_of(arn: str) -> str:
    """`role/psl-dev-build` -> `psl-dev-build`; other names as they are."""
    return arn.rpartition("/")[2]


def _leg(judge: Judge, need: Need, leg: Leg) -> Missing:
    in_force, organization = judge.in_force, judge.organization
    match leg.kind:
        case PolicyKind.IDENTITY:
            role = in_force.roles[need.who]
            place, near = _nearest(role.identity, need)
            return Missing(leg=f"no policy of {role.name} allows it{near}",
                           place=place or _role_place(in_force, need.who), add=_yaml(_statement(need)))
        case PolicyKind.BOUNDARY:
            boundary = in_force.roles[need.who].boundary
            return Missing(leg=f"the permissions boundary of {name_of(need.who)} does not allow it",
                           place=boundary.place() if boundary else None, add=_yaml(_statement(need)))
        case PolicyKind.RESOURCE:
            found = in_force.policy_on(need.resource)
            what = found.policy.name if found else f"policy of {need.resource}, which has none,"
            place, near = _nearest((found,) if found else (), need)
            return Missing(leg=f"no statement of the {what} allows it{near}", place=place,
                           add=_yaml(_statement(need, on_resource=True, organization=organization)))
        case PolicyKind.SCP | PolicyKind.RCP if judge.controls:
            target = judge.controls.target(leg.account, leg.level)
            return Missing(leg=f"no {leg.kind.words} attached to {target.name} ({target.id}) allows it to account"
                               f" {leg.account}")
        case _:
            return Missing(leg=str(leg))


def _nearest(policies: tuple[Held, ...], need: Need) -> tuple[Place | None, str]:
    """The place of the statement that comes nearest to allowing a need, and words that name it: one that allows the
    action, on what begins most like the resource. Without one, the place of the first policy."""
    found: list[tuple[int, Place]] = []
    for held in policies:
        for compiled in held.policy.allows:
            if any(matches(action, need.action) for action in compiled.statement.actions or ()):
                alike = max((_alike(one, need.resource) for one in compiled.statement.resources or ()), default=0)
                found.append((alike, held.place(compiled.cause)))
    if found:
        nearest = max(found, key=lambda one: one[0])[1]
        return nearest, f"; {nearest.statement} comes nearest"
    return (policies[0].place() if policies else None), ""


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _role_place(in_force: InForce, arn: str) -> Place:
    where = in_force.roles[arn].resource.position()
    return Place(policy=f"role {name_of(arn)}", file=where.file, line=where.line)


def _statement(need: Need, *, on_resource: bool = False, organization: str = "") -> dict[str, object]:
    account = account_of(need.who)
    statement: dict[str, object] = {"Sid": _sid(need), "Effect": "Allow"}
    equals: dict[str, object] = {}
    if on_resource and account:
        partition = need.who.split(":")[1]
        statement["Principal"] = {"AWS": f"arn:{partition}:iam::{account}:root"}
    elif on_resource:
        statement["Principal"] = {"Service": need.who}
        equals = {key: need.context[key] for key in ("aws:SourceAccount", "aws:SourceArn") if key in need.context}
    statement["Action"] = need.action
    if not on_resource or need.action.partition(":")[0] not in ("sts", "ecr"):
        statement["Resource"] = "*" if on_resource and need.action.startswith("kms:") else need.resource
    if need.action.startswith("kms:") and need.via:
        region = need.resource.split(":")[3]
        equals["kms:ViaService"] = need.via[-1].replace(".amazonaws", f".{region}.amazonaws", 1)
    if "iam:PassedToService" in need.context:
        equals["iam:PassedToService"] = need.context["iam:PassedToService"]
    if on_resource and account and account != need.owner and organization:
        equals["aws:PrincipalOrgID"] = organization
    condition: dict[str, object] = {"StringEquals": equals} if equals else {}
    if on_resource and account:
        condition["ArnEquals"] = {"aws:PrincipalArn": need.who}
    if condition:
        statement["Condition"] = condition
    return statement


def _sid(need: Need) -> str:
    service, _, name = need.action.partition(":")
    return re.sub("[^A-Za-z0-9]", "", f"{service.title()}{name}For{need.step.action.title()}")


def _yaml(statement: dict[str, object]) -> str:
    """YAML in one line; JSON is YAML."""
    return json.dumps(statement)
