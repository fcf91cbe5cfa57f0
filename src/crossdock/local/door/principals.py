"""Principals in stored policies: AWS refuses one that doesn't exist, and binds the rest to unique ids (rule 27).

IAM User Guide, "AWS JSON policy elements: Principal": a role or user ARN is turned into the entity's unique id when the
policy is saved; an entity that was deleted and made again is another one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crossdock.iam import calls
from crossdock.local.engine import AwsError
from crossdock.local.store.iam import IdentityStore
from crossdock.local.store.kms import KeyStore
from crossdock.local.store.tags import secret_arn

_ENTITY = re.compile(r"arn:[\w-]+:iam::(\d{12}):(user|role)/.+")
_SESSION = re.compile(r"arn:[\w-]+:sts::(\d{12}):(assumed-role|federated-user)/.+")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*\.(amazonaws\.com(\.cn)?|amazon\.com|api\.aws|aws\.internal|aws\.com)")
_ROOT = re.compile(r"arn:[\w-]+:iam::(\d{12}):root")
_ACCOUNT = re.compile(r"\d{12}")

WRITES: Mapping[tuple[str, str], tuple[str, str, str]] = {
    ("iam", "CreateRole"): ("AssumeRolePolicyDocument", "MalformedPolicyDocument", "Invalid principal in policy: {}"),
    ("iam", "UpdateAssumeRolePolicy"): ("PolicyDocument", "MalformedPolicyDocument", "Invalid principal in policy: {}"),
    ("s3", "PutBucketPolicy"): ("Policy", "MalformedPolicy", "Invalid principal in policy"),
    ("kms", "CreateKey"): ("Policy", "MalformedPolicyDocumentException",
                           "Policy contains a statement with one or more invalid principals."),
    ("kms", "PutKeyPolicy"): ("Policy", "MalformedPolicyDocumentException",
                              "Policy contains a statement with one or more invalid principals."),
    ("sqs", "CreateQueue"): ("Attributes.Policy", "InvalidAttributeValue", "Invalid value for the parameter Policy."),
    ("sqs", "SetQueueAttributes"): ("Attributes.Policy", "InvalidAttributeValue",
                                    "Invalid value for the parameter Policy."),
    ("sns", "CreateTopic"): ("Attributes.Policy", "InvalidParameter",
                             "Invalid parameter: Policy Error: PrincipalNotFound"),
    ("sns", "SetTopicAttributes"): ("AttributeValue", "InvalidParameter",
                                    "Invalid parameter: Policy Error: PrincipalNotFound"),
    ("secretsmanager", "PutResourcePolicy"): ("ResourcePolicy", "MalformedPolicyDocumentException",
                                              "This resource policy contains an unsupported principal."),
    ("ecr", "SetRepositoryPolicy"): ("policyText", "InvalidParameterException", "Invalid parameter at 'PolicyText' "
                                     "failed to satisfy constraint: 'Invalid repository policy provided'"),
}
"""(service, operation) -> (member that holds the policy, error code, message) where a policy is written."""

ADDS: Mapping[tuple[str, str], tuple[str, str, str]] = {
    ("lambda", "AddPermission"): ("Principal", "InvalidParameterValueException", "The provided principal was invalid. "
                                  "Please check the principal and try again."),
    ("lambda", "AddLayerVersionPermission"): ("Principal", "InvalidParameterValueException", "The provided principal "
                                              "was invalid. Please check the principal and try again."),
    ("sns", "AddPermission"): ("AWSAccountId", "InvalidParameter",
                               "Invalid parameter: Policy Error: PrincipalNotFound"),
    ("sqs", "AddPermission"): ("AWSAccountIds", "InvalidParameterValue", "Value {} for parameter PrincipalId is "
                               "invalid. Reason: Unable to verify."),
}
"""The same where principals are added to a policy one by one: (member that names them, error code, message)."""


class Principals:
    """Checks policies as they are written and remembers to whom their ARNs were bound."""

    def __init__(self, unique_id: Callable[[str], str | None], accounts: Mapping[str, str]) -> None:
        self._unique_id, self._accounts = unique_id, accounts
        self.bound: dict[str, dict[str, str]] = {}

    def check(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, str]:
        """The ARN -> unique id bindings of the policy that this call writes. Raises AwsError as the service does."""
        if added := ADDS.get((service, operation)):
            return self._added(added, params)
        rule = WRITES.get((service, operation))
        document = _member(params, rule[0]) if rule else None
        if rule is None or not document or (service == "sns" and params.get("AttributeName", "Policy") != "Policy"):
            return {}
        bindings: dict[str, str] = {}
        for kind, principal in _named(document):
            if kind == "AWS" and principal != "*" and not self._exists(principal, bindings):
                raise AwsError(rule[1], rule[2].format(f'"{kind}":"{principal}"'), 400)
            if kind == "Service" and not _SERVICE.fullmatch(principal):
                raise AwsError(rule[1], rule[2].format(f'"{kind}":"{principal}"'), 400)
        return bindings

    def _added(self, rule: tuple[str, str, str], params: Mapping[str, Any]) -> dict[str, str]:
        bindings: dict[str, str] = {}
        named = params.get(rule[0]) or []
        for principal in [named] if isinstance(named, str) else named:
            if principal != "*" and "." not in principal and not self._exists(principal, bindings):
                raise AwsError(rule[1], rule[2].format(principal), 400)
        return bindings

    def _exists(self, principal: str, bindings: dict[str, str]) -> bool:
        if found := _ROOT.fullmatch(principal):
            return found[1] in self._accounts
        if _ACCOUNT.fullmatch(principal):
            return principal in self._accounts
        if found := _SESSION.fullmatch(principal):
            return found[1] in self._accounts
        if _ENTITY.fullmatch(principal):
            unique = self._unique_id(principal)
            if unique is None or "*" in principal:
                return False
            bindings[principal] = unique
            return True
        return False

    def bind(self, arn: str, bindings: dict[str, str], *, add: bool = False) -> None:
        """Remember the bindings of the policy now stored on a resource; with `add` of one more of its statements."""
        if add:
            bindings = self.bound.get(arn, {}) | bindings
        if bindings:
            self.bound[arn] = bindings
        else:
            self.bound.pop(arn, None)

    def in_force(self, arn: str, document: str | None) -> str | None:
        """A stored policy as it stands today: ARNs whose entity is gone or was made again became dead unique ids."""
        if document is None or arn not in self.bound:
            return document
        for principal, unique in self.bound[arn].items():
            if self._unique_id(principal) != unique:
                document = document.replace(json.dumps(principal), json.dumps(unique))
        return document


def _member(params: Mapping[str, Any], path: str) -> str:
    value: Any = params
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value.decode() if isinstance(value, bytes) else str(value or "")


def _named(document: str) -> Iterator[tuple[str, str]]:
    try:
        policy = json.loads(document)
    except json.JSONDecodeError:
        return  # the service itself refuses what is no JSON
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal") if isinstance(statement, dict) else None
        if isinstance(principal, str):
            yield "AWS", principal
        elif isinstance(principal, dict):
            for kind, values in principal.items():
                for value in values if isinstance(values, list) else [values]:
                    yield kind, str(value)


def written(
    service: str, operation: str, params: Mapping[str, Any], account: str, region: str, answer: bytes = b""
) -> str:
    """The ARN of the resource whose policy a call wrote."""
    match service:
        case "iam":
            return IdentityStore().entity_arn("role", str(params["RoleName"]), account) or ""
        case "s3":
            return f"arn:aws:s3:::{params['Bucket']}"
        case "kms" if operation == "CreateKey":
            return str(json.loads(answer)["KeyMetadata"]["Arn"])
        case "kms":
            return KeyStore().resolve(str(params["KeyId"]), account=account, region=region) or ""
        case "sns":
            return str(params.get("TopicArn") or f"arn:aws:sns:{region}:{account}:{params.get('Name', '')}")
        case "sqs":
            name = str(params.get("QueueName") or params.get("QueueUrl")).rpartition("/")[2]
            return f"arn:aws:sqs:{region}:{account}:{name}"
        case "ecr":
            return f"arn:aws:ecr:{region}:{account}:repository/{params['repositoryName']}"
        case "lambda":
            return calls.asks(service, operation, params, account=account, region=region)[0].resource
        case _:
            name = str(params.get("SecretId", ""))
            return secret_arn(name, account, region) or name
