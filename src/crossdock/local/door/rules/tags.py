"""Tags of AWS's own: `aws:` keys are put by services, and nobody else adds, changes or removes them.

Sources: Tagging AWS Resources User Guide, "Tag naming limits and requirements"; Template Reference, "CloudFormation
resource tagging"; RDS recognizes CloudFormation's tags and asks no rights for them, as others do
(aws-cloudformation-resource-providers-rds, pull request 113); S3's words as its clients show them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.iam.calls import Ask
from crossdock.local.door.rules.asked import Asked
from crossdock.local.engine import AwsError
from crossdock.local.store.tags import bucket_tags

_TAGGING = re.compile(r"Tag([A-Z].*)?|AddTags.*|CreateTags|CreateOrUpdateTags|PutBucketTagging|ChangeTagsForResource")
"""Operations that put tags and do nothing else."""
_KEYS = frozenset({"key", "tagkey"})
_CODES: Mapping[str, str] = {
    "ec2": "InvalidParameterValue", "rds": "InvalidParameterValue", "elasticache": "InvalidParameterValue",
    "cloudwatch": "InvalidParameterValue", "sqs": "InvalidParameterValue", "elbv2": "ValidationError",
    "autoscaling": "ValidationError", "cloudformation": "ValidationError",
    "iam": "InvalidInput", "sns": "InvalidParameter", "kms": "TagException",
    "lambda": "InvalidParameterValueException", "logs": "InvalidParameterException",
    "secretsmanager": "InvalidParameterException", "ecs": "InvalidParameterException",
    "ecr": "InvalidTagParameterException", "apigateway": "BadRequestException", "apigatewayv2": "BadRequestException",
    "codecommit": "InvalidSystemTagUsageException", "codepipeline": "InvalidTagsException",
    "codebuild": "InvalidInputException", "efs": "BadRequest", "kinesis": "InvalidArgumentException",
    "acm": "InvalidTagException",
}  # fmt: skip


def without(params: Mapping[str, Any], system: Mapping[str, str]) -> Mapping[str, Any]:
    """A request as its caller made it: without the tags that a service added of its own."""
    return {name: _without(value, system) for name, value in params.items()} if system else params


def _without(value: Any, system: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _without(item, system) for name, item in value.items()
                if name not in system or item != system[name]}
    if isinstance(value, list):
        kept = [_without(item, system) for item in value if not _is_one(item, system)]
        return [item for item in kept if not (isinstance(item, Mapping) and item.get("Tags") == []
                                              and set(item) == {"ResourceType", "Tags"})]
    return value


def _is_one(item: Any, system: Mapping[str, str]) -> bool:
    if not isinstance(item, Mapping):
        return False
    key = next((value for name, value in item.items() if name.lower() in _KEYS), None)
    return key in system


def only_system(operation: str, params: Mapping[str, Any], asked: Mapping[str, Any], asks: Sequence[Ask]) -> bool:
    """Whether a request puts such tags and nothing else: it is no request of its caller's."""
    if asked is params or asked == params or not _TAGGING.fullmatch(operation):
        return False
    left = asked.get("Tagging", {}).get("TagSet") if operation == "PutBucketTagging" else None
    return not left and not any(ask.context.get("aws:TagKeys") for ask in asks)


def check(asked: Asked) -> None:
    """Raises AwsError where a caller would add, change or remove a tag of AWS's own."""
    if asked.service == "s3":
        _of_bucket(asked)
        return
    keys = [key for ask in asked.asks for key in _texts(ask.context.get("aws:TagKeys"))]
    if any(key.lower().startswith("aws:") for key in keys):
        said = "aws: prefixed tag key names are not allowed for external use."
        if asked.service == "ec2":
            said = "Tag keys starting with 'aws:' are reserved for internal use"
        raise AwsError(_CODES.get(asked.service, "ValidationException"), said)


def _texts(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def _of_bucket(asked: Asked) -> None:
    """A bucket's tags are put as a whole: those of AWS's own must be among them, as they are."""
    if asked.operation not in ("PutBucketTagging", "DeleteBucketTagging"):
        return
    held = {key: value for key, value in bucket_tags(asked.account, asked.text("Bucket")).items()
            if key.startswith("aws:") and key not in asked.caller.system_tags}
    given = {str(tag.get("Key")): str(tag.get("Value", ""))
             for tag in (asked.params.get("Tagging") or {}).get("TagSet") or ()}
    if any(key.lower().startswith("aws:") and held.get(key) != value for key, value in given.items()):
        raise AwsError("InvalidTag", "System tags cannot be added/updated by requester")
    if held.keys() - given.keys():
        raise AwsError("InvalidTag", "System tags cannot be removed by requester")
