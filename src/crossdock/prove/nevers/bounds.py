"""Services write the policies of their roles themselves: what they must never be able to do ends at the permissions
boundary, so it alone is asked; and nobody makes a role without it, or changes it.

Source: IAM User Guide, access_policies_boundaries (delegating responsibility to others using permissions boundaries).
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.model.proof import Given
from crossdock.prove.claims import Claim, Probe
from crossdock.prove.judge import role_arn
from crossdock.prove.nevers.rights import ANYTHING, SELF
from crossdock.prove.parts import Part, Thing
from crossdock.prove.resources import of_type, partition

ALONE = (Given.BOUNDARY,)
_MAKES = ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
          "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:DeleteRole")
_CHANGES = ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion", "iam:DeletePolicy")
_NAMED = (
    ("dynamodb:PutItem", "arn:{partition}:dynamodb:{here}:table/somebody-elses"),
    ("events:PutEvents", "arn:{partition}:events:{here}:event-bus/somebody-elses"),
    ("logs:PutLogEvents", "arn:{partition}:logs:{here}:log-group:/aws/lambda/somebody-elses:log-stream:any"),
    ("sns:Publish", "arn:{partition}:sns:{here}:somebody-elses"),
    ("sqs:SendMessage", "arn:{partition}:sqs:{here}:somebody-elses"),
    ("iam:CreateRole", "arn:{partition}:iam::{account}:role/somebody-elses"),
    ("iam:PassRole", "arn:{partition}:iam::{account}:role/somebody-elses"),
    ("codebuild:StartBuild", "arn:{partition}:codebuild:{here}:project/somebody-elses"),
    ("codepipeline:StartPipelineExecution", "arn:{partition}:codepipeline:{here}:somebody-elses"),
)
"""Beside what no role may do, what a boundary might leave open: things that are named after nobody here."""


def claims(probe: Probe, part: Part, cast: tuple[Part, ...], objects: tuple[Thing, ...]) -> Iterator[Claim]:
    """What a role of a service must not do whatever its policies say; what nobody must do to boundaries."""
    yield from _boundaries(probe, part)
    if part.ours:
        yield from _unbounded(probe, part)
    else:
        yield from _things(probe, part)
        yield from _objects(probe, part, objects)
        yield from _keys(probe, part)
        yield from _others(probe, part, cast)


def _boundaries(probe: Probe, part: Part) -> Iterator[Claim]:
    for policy in of_type(probe.scene.platform, "AWS::IAM::ManagedPolicy"):
        if policy.home.account == part.account:
            for action in _CHANGES:
                yield from probe.tries(part, action, policy.arn, "nobody changes a permissions boundary",
                                       given=(Given.NOTHING,) if part.ours else ALONE)


def _unbounded(probe: Probe, part: Part) -> Iterator[Claim]:
    """Roles named as those of services are, without a boundary or with one that ends nothing."""
    policies = f"arn:{partition(probe.region)}:iam::aws:policy"
    basic = {"iam:PolicyARN": f"{policies}/service-role/AWSLambdaBasicExecutionRole"}
    role = role_arn(probe.region, part.account, f"{probe.scene.assembly.platform}-{part.environment}-any")
    for action in _MAKES:
        context = basic if action.endswith("tachRolePolicy") else {}
        for boundary in ("", f"{policies}/AdministratorAccess"):
            yield from probe.tries(part, action, role, "nobody makes or changes a role outside of its boundary",
                                   context={**context, "iam:PermissionsBoundary": boundary})
    yield from probe.tries(part, "iam:PutRolePermissionsBoundary", role, "nobody takes a boundary away",
                           context={"iam:PermissionsBoundary": f"{policies}/AdministratorAccess"})
    for boundary in probe.boundaries:
        yield from probe.tries(part, "iam:DeleteRolePermissionsBoundary", role, "nobody takes a boundary away",
                               context={"iam:PermissionsBoundary": boundary})


def _things(probe: Probe, part: Part) -> Iterator[Claim]:
    here = f"{probe.region}:{part.account}"
    for action, resource in (*ANYTHING, *_NAMED):
        arn = resource.format(partition=partition(probe.region), here=here, account=part.account)
        yield from probe.tries(part, action, arn, "no service does what its boundary ends", given=ALONE)
    for action in SELF:
        yield from probe.tries(part, action, part.who, "no service changes its own rights", given=ALONE)
    bucket = f"arn:{partition(probe.region)}:s3:::{probe.scene.assembly.platform}-{part.environment}-elsewhere/any"
    for action in ("s3:GetObject", "s3:PutObject"):
        yield from probe.tries(part, action, bucket, "no service hands anything to another organization", given=ALONE,
                               owner="999999999999")


def _objects(probe: Probe, part: Part, objects: tuple[Thing, ...]) -> Iterator[Claim]:
    """Of what is delivered a service's roles read configuration of their own environment, and change nothing."""
    for thing in objects:
        arn = f"arn:{partition(probe.region)}:s3:::{thing.bucket}/{thing.key}"
        owner = probe.scene.owner(thing.bucket)
        near = thing.environment == part.environment and thing.folder.startswith("configuration/")
        for action in ("s3:PutObject", "s3:DeleteObject", *(() if near else ("s3:GetObject",))):
            yield from probe.tries(part, action, arn, "no service reaches what is delivered to others", owner=owner,
                                   given=ALONE)
        yield from probe.tries(part, "s3:GetObject", arn, "no service reads a bucket of another account",
                               owner="999999999999", given=ALONE)


def _keys(probe: Probe, part: Part) -> Iterator[Claim]:
    elsewhere = f"arn:{partition(probe.region)}:kms:{probe.region}:{part.account}:key/any"
    what = "no service uses a key that is not its own, or without the service that it encrypts for"
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        yield from probe.tries(part, action, elsewhere, what, via=("s3.amazonaws.com",), given=ALONE)
        for key in of_type(probe.scene.platform, "AWS::KMS::Key"):
            yield from probe.tries(part, action, key.arn, what, owner=key.home.account, given=ALONE)
    alias = f"alias/{probe.scene.assembly.platform}-{part.environment}-any"
    yield from probe.tries(part, "kms:Decrypt", elsewhere, what, context={"kms:ResourceAliases": (alias,)}, given=ALONE)
    # A key of another account that bears the environment's alias there.
    foreign = f"arn:{partition(probe.region)}:kms:{probe.region}:999999999999:key/any"
    yield from probe.tries(part, "kms:Decrypt", foreign, what, owner="999999999999", via=("s3.amazonaws.com",),
                           context={"kms:ResourceAliases": (alias,)}, given=ALONE)


def _others(probe: Probe, part: Part, cast: tuple[Part, ...]) -> Iterator[Claim]:
    """Environments beside this one, in the same account."""
    for name in sorted({other.environment for other in cast} - {part.environment, ""}):
        base = f"{probe.scene.assembly.platform}-{name}-any"
        here = f"arn:{partition(probe.region)}:{{}}:{probe.region}:{part.account}"
        what = f"{part.environment} touches nothing of {name}, whatever its services' policies say"
        for service, action, rest in (
            ("lambda", "lambda:InvokeFunction", f"function:{base}"), ("dynamodb", "dynamodb:GetItem", f"table/{base}"),
            ("logs", "logs:PutLogEvents", f"log-group:/aws/lambda/{base}:log-stream:any"),
            ("secretsmanager", "secretsmanager:GetSecretValue", f"secret:{base}-AbCdEf"),
            ("sqs", "sqs:ReceiveMessage", base),
            ("ssm", "ssm:GetParameter", f"parameter/{probe.scene.assembly.platform}/{name}/any"),
        ):
            yield from probe.tries(part, action, f"{here.format(service)}:{rest}", what, given=ALONE)
        bucket = f"arn:{partition(probe.region)}:s3:::{base}/any"
        yield from probe.tries(part, "s3:GetObject", bucket, what, owner=part.account, given=ALONE)
