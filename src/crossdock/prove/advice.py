"""What a failing need lacks: which side, where its statement belongs, and how to write it.

A statement for another account names the account as principal and the role by condition: a role that does not exist yet
can't be a principal, and one that was recreated no longer is the one named (IAM User Guide, Principal).
"""

from __future__ import annotations

import json
import re

from crossdock.iam import Decision, Leg, PolicyKind, Verdict
from crossdock.model.proof import Given, Missing, Need, Place
from crossdock.prove.collect import InForce
from crossdock.prove.judge import account_of


def missing(in_force: InForce, need: Need, decision: Decision) -> tuple[Missing, ...]:
    """Each side without an Allow; for an explicit denial, the statement that denies."""
    if decision.verdict is Verdict.EXPLICIT_DENY:
        return tuple(
            Missing(leg=f"denied by {cause.statement}", place=_placed(in_force, cause.policy)) for cause in
            decision.because)
    if account_of(need.who) and need.who not in in_force.roles and need.given is not Given.CALLER:
        return (Missing(leg=f"there is no role {name_of(need.who)} in account {account_of(need.who)}"),)
    if need.action == "sts:AssumeRole" and need.resource not in in_force.roles:
        return (Missing(leg=f"there is no role {name_of(need.resource)} in account {account_of(need.resource)}"),)
    return tuple(_leg(in_force, need, leg) for leg in decision.missing)


def _placed(in_force: InForce, policy: str) -> Place | None:
    return in_force.held[policy].place() if policy in in_force.held else None


def name_of(arn: str) -> str:
    """`role/psl-dev-build` -> `psl-dev-build`; other names as they are."""
    return arn.rpartition("/")[2]


def _leg(in_force: InForce, need: Need, leg: Leg) -> Missing:
    match leg.kind:
        case PolicyKind.IDENTITY:
            role = in_force.roles[need.who]
            ours = role.identity[0].place() if role.identity else _role_place(in_force, need.who)
            return Missing(leg=f"no policy of {role.name} allows it", place=ours, add=_yaml(_statement(need)))
        case PolicyKind.BOUNDARY:
            boundary = in_force.roles[need.who].boundary
            return Missing(leg=f"the permissions boundary of {name_of(need.who)} does not allow it",
                           place=boundary.place() if boundary else None, add=_yaml(_statement(need)))
        case PolicyKind.RESOURCE:
            found = in_force.policy_on(need.resource)
            what = found.policy.name if found else f"policy of {need.resource}, which has none,"
            return Missing(leg=f"no statement of the {what} allows it", place=found.place() if found else None,
                           add=_yaml(_statement(need, on_resource=True)))
        case _:
            return Missing(leg=str(leg))


def _role_place(in_force: InForce, arn: str) -> Place:
    where = in_force.roles[arn].resource.position()
    return Place(policy=f"role {name_of(arn)}", file=where.file, line=where.line)


def _statement(need: Need, *, on_resource: bool = False) -> dict[str, object]:
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
