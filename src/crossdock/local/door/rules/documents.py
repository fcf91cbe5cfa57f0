"""Policy documents as they are written: what AWS would not store is refused in the service's own words.

Sources: the error lists of the APIs named in `_WRITES`; IAM User Guide, policy grammar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock import iam
from crossdock.errors import PolicyError
from crossdock.iam import PolicyKind
from crossdock.iam.actions import matching, resource_types
from crossdock.local.door.rules.asked import Asked
from crossdock.local.engine import AwsError


@dataclass(frozen=True, slots=True)
class _Written:
    """member  where the document is; a dot goes into a map. `code`: of the error when it is malformed."""

    member: str
    kind: PolicyKind
    code: str


_IDENTITY = _Written("PolicyDocument", PolicyKind.IDENTITY, "MalformedPolicyDocument")
_KEY = _Written("Policy", PolicyKind.KEY, "MalformedPolicyDocumentException")
_QUEUE = _Written("Attributes.Policy", PolicyKind.RESOURCE, "InvalidAttributeValue")
_WRITES: Mapping[tuple[str, str], _Written] = {
    **{("iam", name): _IDENTITY for name in (
        "CreatePolicy", "CreatePolicyVersion", "PutRolePolicy", "PutUserPolicy", "PutGroupPolicy")},
    ("iam", "CreateRole"): _Written("AssumeRolePolicyDocument", PolicyKind.TRUST, "MalformedPolicyDocument"),
    ("iam", "UpdateAssumeRolePolicy"): _Written("PolicyDocument", PolicyKind.TRUST, "MalformedPolicyDocument"),
    ("s3", "PutBucketPolicy"): _Written("Policy", PolicyKind.RESOURCE, "MalformedPolicy"),
    ("kms", "CreateKey"): _KEY,
    ("kms", "PutKeyPolicy"): _KEY,
    ("sqs", "CreateQueue"): _QUEUE,
    ("sqs", "SetQueueAttributes"): _QUEUE,
    ("sns", "CreateTopic"): _Written("Attributes.Policy", PolicyKind.RESOURCE, "InvalidParameter"),
    ("sns", "SetTopicAttributes"): _Written("AttributeValue", PolicyKind.RESOURCE, "InvalidParameter"),
    ("secretsmanager", "PutResourcePolicy"): _Written("ResourcePolicy", PolicyKind.RESOURCE,
                                                      "MalformedPolicyDocumentException"),
    ("ecr", "SetRepositoryPolicy"): _Written("policyText", PolicyKind.REPOSITORY, "InvalidParameterException"),
}


def check(asked: Asked) -> None:
    """Raises AwsError for a policy that is malformed, or about a resource that is not the one it is put on."""
    rule = _WRITES.get((asked.service, asked.operation))
    if rule is None or (asked.service == "sns" and asked.params.get("AttributeName", "Policy") != "Policy"):
        return
    document = member(asked.params, rule.member)
    if not document:
        return
    if problems := iam.validate(document, rule.kind):
        raise AwsError(rule.code, f"Policy document should not be malformed: {'; '.join(problems)}")
    if asked.service == "s3":
        _of_bucket(document, asked.text("Bucket"))


def member(params: Mapping[str, Any], path: str) -> str:
    """The text that a dotted path finds; empty when there is none."""
    value: Any = params
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value.decode() if isinstance(value, bytes) else str(value or "")


def _of_bucket(document: str, bucket: str) -> None:
    """Every resource of a bucket's policy is the bucket or an object of it (S3 User Guide, bucket policies)."""
    try:
        policy = iam.parse(document, PolicyKind.RESOURCE)
    except PolicyError as error:
        raise AwsError("MalformedPolicy", str(error)) from error
    for statement in policy.statements:
        _actions(statement.actions or ())
        resources = statement.resources or statement.not_resources or ()
        if not resources:
            raise AwsError("MalformedPolicy", "Missing required field Resource")
        for resource in resources:
            named = resource.partition(":::")[2].partition("/")[0]
            if not resource.startswith("arn:") or named != bucket:
                raise AwsError("MalformedPolicy", "Policy has invalid resource")
        kinds = {"object" if "/" in resource else "bucket" for resource in statement.resources or ()}
        if kinds and not any(_about(action, kinds) for action in statement.actions or ("s3:*",)):
            raise AwsError("MalformedPolicy", "Action does not apply to any resource(s) in statement")


def _actions(patterns: tuple[str, ...]) -> None:
    if any(pattern != "*" and not matching(pattern) for pattern in patterns):
        raise AwsError("MalformedPolicy", "Policy has invalid action")


def _about(pattern: str, kinds: set[str]) -> bool:
    """Whether an action is one on buckets or objects, as far as S3's list of actions says."""
    found = {kind.name for action in matching(pattern) for kind in resource_types(action)}
    return not found & {"bucket", "object"} or bool(found & kinds)
