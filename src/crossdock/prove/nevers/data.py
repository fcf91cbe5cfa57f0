"""No environment reads or changes what another one keeps: its buckets, secrets, parameters, tables, queues, databases.

Rights over one environment's data are told by names, so each thing that a template makes is asked by its own name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crossdock.model.proof import Given
from crossdock.prove.claims import Claim, Probe, sides
from crossdock.prove.parts import Part
from crossdock.prove.resources import Resource, of_type

_USES: Mapping[str, tuple[str, ...]] = {
    "AWS::S3::Bucket": ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
    "AWS::SecretsManager::Secret": ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"),
    "AWS::SSM::Parameter": ("ssm:GetParameter", "ssm:PutParameter"),
    "AWS::DynamoDB::Table": ("dynamodb:GetItem", "dynamodb:PutItem"),
    "AWS::SQS::Queue": ("sqs:ReceiveMessage", "sqs:SendMessage"),
    "AWS::RDS::DBCluster": ("rds:DeleteDBCluster", "rds:ModifyDBCluster"),
    "AWS::KMS::Key": ("kms:Decrypt", "kms:GenerateDataKey"),
}


def claims(probe: Probe, part: Part) -> Iterator[Claim]:
    """What a role of one environment must not do to what another environment keeps."""
    for resource in of_type(probe.scene.platform, *_USES):
        theirs = resource.home.environment
        if not part.environment or not theirs or theirs == part.environment or not resource.arn:
            continue
        what = f"{part.environment} reads and changes nothing that {theirs} keeps"
        for action in _USES[resource.type]:
            yield from probe.tries(part, action, _within(resource), what, owner=resource.home.account,
                                   given=_given(part, resource), via=_via(resource))


def _within(resource: Resource) -> str:
    return f"{resource.arn}/any" if resource.type == "AWS::S3::Bucket" else resource.arn


def _via(resource: Resource) -> tuple[str, ...]:
    """Keys are asked as they are used: through a service that encrypts with them."""
    return ("s3.amazonaws.com",) if resource.type == "AWS::KMS::Key" else ()


def _given(part: Part, resource: Resource) -> tuple[Given, ...]:
    """Services write their own policies, so in their own account the boundary alone must refuse."""
    if part.ours or part.account != resource.home.account:
        return sides(part, resource.home.account)
    return (Given.BOUNDARY,)
