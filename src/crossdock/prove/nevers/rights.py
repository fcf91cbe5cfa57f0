"""Nobody takes more rights than it was given: by assuming, passing, changing or making roles.

Sources: IAM User Guide, id_roles_use_passrole, access_policies_boundaries, best practices.
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.model.proof import Given, Need, Step
from crossdock.prove.claims import Claim, Probe, either
from crossdock.prove.judge import role_arn
from crossdock.prove.parts import Kind, Part
from crossdock.prove.resources import partition

SELF = (
    "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary", "iam:DeleteRole",
)  # fmt: skip
RECEIVERS = ("ec2.amazonaws.com", "lambda.amazonaws.com", "codebuild.amazonaws.com", "ecs-tasks.amazonaws.com")
GUARDED = ("codepipeline.amazonaws.com", "codebuild.amazonaws.com", "events.amazonaws.com")
"""Services that name the resource for which they assume a role. Lambda and CloudFormation are handed a role by
somebody of its own account (PassRole), so another account cannot make them use it."""
ANYTHING = (
    ("cloudformation:DeleteStack", "arn:{partition}:cloudformation:{here}:stack/somebody-elses/*"),
    ("cloudtrail:StopLogging", "arn:{partition}:cloudtrail:{here}:trail/any"),
    ("codebuild:DeleteProject", "arn:{partition}:codebuild:{here}:project/somebody-elses"),
    ("codecommit:DeleteRepository", "arn:{partition}:codecommit:{here}:somebody-elses"),
    ("codepipeline:DeletePipeline", "arn:{partition}:codepipeline:{here}:somebody-elses"),
    ("dynamodb:DeleteTable", "arn:{partition}:dynamodb:{here}:table/any"),
    ("ec2:RunInstances", "arn:{partition}:ec2:{here}:instance/*"),
    ("events:PutRule", "arn:{partition}:events:{here}:rule/any"),
    ("kms:ScheduleKeyDeletion", "arn:{partition}:kms:{here}:key/any"),
    ("lambda:DeleteFunction", "arn:{partition}:lambda:{here}:function:somebody-elses"),
    ("logs:DeleteLogGroup", "arn:{partition}:logs:{here}:log-group:somebody-elses:log-stream:"),
    ("organizations:LeaveOrganization", "*"),
    ("s3:DeleteObject", "arn:{partition}:s3:::somebody-elses/any"),
    ("secretsmanager:GetSecretValue", "arn:{partition}:secretsmanager:{here}:secret:any-AbCdEf"),
    ("ssm:GetParameter", "arn:{partition}:ssm:{here}:parameter/any"),
    ("sts:AssumeRole", "arn:{partition}:iam::{account}:role/somebody-elses"),
)


def claims(probe: Probe, part: Part, cast: tuple[Part, ...]) -> Iterator[Claim]:
    """What one role must not become, hand on or make."""
    yield from _assumes(probe, part, cast)
    yield from _own_rights(probe, part, cast)
    yield from _anything_else(probe, part)
    yield from _assumed_by_others(probe, part)


def _assumes(probe: Probe, part: Part, cast: tuple[Part, ...]) -> Iterator[Claim]:
    for other in cast:
        if other.kind is Kind.DEPLOYMENT and part.kind is Kind.BUILD:
            what = "no build becomes a role that deploys"
        elif part.environment != other.environment and other.environment:
            what = f"no role of {part.home} becomes one of {other.environment}"
        else:
            what = "no role becomes another but those that it must"
        context = {"sts:RoleSessionName": "session"}
        yield from probe.tries(part, "sts:AssumeRole", other.who, what, context=context,
                               given=_sides(part, other))


def _sides(part: Part, other: Part) -> tuple[Given, ...]:
    """Who becomes a person's role is told by policies of its own account: there the trust policy leaves it to them."""
    if other.kind in (Kind.DEVELOPER, Kind.APPROVER) and part.account == other.account:
        return (Given.RESOURCE,) if part.ours else ()
    return either(part) if other.ours else (Given.CALLER,)


def _own_rights(probe: Probe, part: Part, cast: tuple[Part, ...]) -> Iterator[Claim]:
    """Nobody changes what limits him, or hands a role on to who should not have it."""
    for other in cast:
        near = other.account == part.account and other.kind in (Kind.DEPLOYMENT, Kind.EXECUTION)
        if other is not part and not near:
            continue
        whose, whom = ("its own", "itself") if other is part else ("a deploying role's", "a role that deploys")
        for action in SELF:
            for boundary in probe.boundaries:
                yield from probe.tries(part, action, other.who, f"no role changes {whose} rights",
                                       context={"iam:PermissionsBoundary": boundary})
        for service in RECEIVERS:
            yield from probe.passes(part, other.who, service, f"no role hands {whom} to a service")
    admin = f"arn:{partition(probe.region)}:iam::aws:policy/AdministratorAccess"
    anyone = role_arn(probe.region, part.account, "somebody-else")
    near_by = role_arn(probe.region, part.account, f"{probe.scene.assembly.platform}-{part.environment}-any")
    for boundary in probe.boundaries:
        for who in (anyone, near_by):
            yield from probe.tries(part, "iam:AttachRolePolicy", who, "no role makes an administrator",
                                   context={"iam:PolicyARN": admin, "iam:PermissionsBoundary": boundary})
        for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"):
            yield from probe.tries(part, action, anyone, "no role makes one outside of its environment",
                                   context={"iam:PermissionsBoundary": boundary})
    user = f"arn:{partition(probe.region)}:iam::{part.account}:user/somebody"
    for action in ("iam:CreateUser", "iam:CreateAccessKey", "iam:PutUserPolicy"):
        yield from probe.tries(part, action, user, "no role makes a user")
    for service in ("ec2.amazonaws.com", "codebuild.amazonaws.com"):
        yield from probe.passes(part, near_by, service, "no role hands one to a service that it is not made for")
    for service in ("ec2.amazonaws.com", "lambda.amazonaws.com"):
        yield from probe.passes(part, anyone, service, "no role hands on one outside of its environment")


def _anything_else(probe: Probe, part: Part) -> Iterator[Claim]:
    """Things that are nobody's here; the resource's side is taken to allow them."""
    here = f"{probe.region}:{part.account}"
    for action, resource in ANYTHING:
        arn = resource.format(partition=partition(probe.region), here=here, account=part.account)
        yield from probe.tries(part, action, arn, "no role does what no delivery asks for",
                               given=(Given.RESOURCE,) if part.ours else ())


def _assumed_by_others(probe: Probe, part: Part) -> Iterator[Claim]:
    """Roles of the platform serve the service that they are made for, and no other."""
    source = f"arn:{partition(probe.region)}:any:{probe.region}:{part.account}:any"
    for service in (*RECEIVERS, *GUARDED, "cloudformation.amazonaws.com") if part.ours else ():
        need = Need(
            who=service, action="sts:AssumeRole", resource=part.who, owner=part.account, why="",
            step=Step(environment=part.environment, service=part.service, action=part.kind.value),
            context={"aws:SourceAccount": part.account, "aws:SourceArn": source},
        )
        if need not in probe.allowed:
            yield Claim("no role serves another service than its own", need)
