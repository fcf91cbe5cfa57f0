"""Which roles an API call hands to a service, so that it asks for iam:PassRole.

The rule (IAM User Guide, id_roles_use_passrole): whoever gives a service a role to act with must be allowed to pass it;
the Service Authorization Reference names few of these dependent actions, so they are read from the APIs' models: every
member that holds a role's ARN or name, but for those of NOT_PASSED.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

ROLE = re.compile(r"(?:role(?:_?arn|name)?s?|role(?:override)|rolefor\w*arn)$", re.IGNORECASE)
PROFILE = re.compile(r"(?:^|\.)(?:iaminstanceprofile|instancerole)$", re.IGNORECASE)
"""Names of members that hold a role, and an instance profile with a role in it."""
NAMED_OTHERWISE = {
    "apigateway": ("credentials", "authorizerCredentials"),
    "apigatewayv2": ("CredentialsArn", "AuthorizerCredentialsArn"),
}
"""Members that hold a role under another name."""

RECEIVERS: Mapping[str, str] = {
    "apigatewayv2": "apigateway.amazonaws.com",
    "cloudformation": "cloudformation.amazonaws.com",
    "codeconnections": "cloudformation.sync.codeconnections.amazonaws.com",
    "codestar-connections": "cloudformation.sync.codeconnections.amazonaws.com",
    "dynamodb": "application-autoscaling.amazonaws.com",
    "opensearch": "es.amazonaws.com",
    "sesv2": "ses.amazonaws.com",
    "stepfunctions": "states.amazonaws.com",
    "synthetics": "lambda.amazonaws.com",
}
"""Which service gets the role, where it is not the API's own name (each service's guide, its service roles)."""

RECEIVERS_BY_MEMBER: tuple[tuple[str, str, str], ...] = (
    ("backup", r"ScannerRoleArn$", "malware-protection.guardduty.amazonaws.com"),
    ("batch", r"(?:jobRoleArn|executionRoleArn|taskRoleArn)$", "ecs-tasks.amazonaws.com"),
    ("batch", r"instanceRole$", "ec2.amazonaws.com"),
    ("batch", r"spotIamFleetRole$", "spotfleet.amazonaws.com"),
    ("batch", r"infrastructureRoleArn$", "ecs.amazonaws.com"),
    ("autoscaling", r"IamInstanceProfile$", "ec2.amazonaws.com"),
    ("cloudformation", r"^ExecutionRoleArn$", "resources.cloudformation.amazonaws.com"),
    ("cloudwatch", r"^RoleArn$", "streams.metrics.cloudwatch.amazonaws.com"),
    ("ecs", r"(?:^|\.)(?:taskRoleArn|executionRoleArn)$", "ecs-tasks.amazonaws.com"),
    ("elasticbeanstalk", r"CodeBuildServiceRole$", "codebuild.amazonaws.com"),
    ("iam", r"^RoleName$", "ec2.amazonaws.com"),
    ("opensearch", r"DataSourceType\.", "directquery.opensearchservice.amazonaws.com"),
    ("rds", r"MonitoringRoleArn$", "monitoring.rds.amazonaws.com"),
    ("rds", r"IamRoleArn$", "export.rds.amazonaws.com"),
)
"""Service, pattern of the member's path, the service that gets the role."""

NOT_PASSED: Mapping[str, Mapping[str, str]] = {
    # service -> pattern of `Operation.path` -> why nothing is passed
    "iam": {r"^(?!AddRoleToInstanceProfile)": "IAM changes the role itself"},
    "sts": {r"": "who assumes a role is asked for sts:AssumeRole"},
    "organizations": {r"RoleName$": "the name of a role that is made in the new account"},
    "cloudformation": {r"ExecutionRoleName$": "a name in other accounts; the administration role assumes it"},
    "ssm": {r"ExecutionRoleName$": "a name in other accounts; the automation's role assumes it"},
    "codepipeline": {r"(?:actions|rules)\[\]\.roleArn$":
                     "the pipeline's role assumes it, and must be allowed to (CodePipeline User Guide, "
                     "pipelines-create-cross-account)"},
    "codebuild": {r"approverRoles": "repository roles of a git host"},
    "cognito-identity": {r"GetCredentialsForIdentity": "the identity chooses among roles that the pool was given"},
    "ec2": {r"DescribeCapacityReservationBillingRequests": "odcr-owner or unused-reservation-billing-owner",
            r"(?:As|Disas)sociateEnclaveCertificateIamRole":
            "the certificate is given to the role, not the role to a service (Nitro Enclaves User Guide)",
            r"CreateFlowLogs\.DeliverCrossAccountRole": "a role of another account, which the first one assumes"},
    "es": {r"SAMLOptions": "a role of the search domain"},
    "opensearch": {r"SAMLOptions|RolesKey": "a role of the search domain, or where a token names it"},
    "firehose": {r"SnowflakeRole$": "a role of Snowflake"},
    "rds": {r"TargetRole$": "READ_WRITE or READ_ONLY", r"RemoveRoleFrom": "the role is taken back"},
    "s3": {r"PutBucketNotification\.": "of the API before PutBucketNotificationConfiguration, unused since"},
}


def receiver(service: str, path: str) -> str:
    """The service principal that gets the role in a member."""
    for name, pattern, principal in RECEIVERS_BY_MEMBER:
        if name == service and re.search(pattern, path):
            return principal
    return RECEIVERS.get(service, f"{service}.amazonaws.com")


def why_not(service: str, operation: str, path: str) -> str:
    """Why the role in a member is not passed; empty when it is."""
    for pattern, why in NOT_PASSED.get(service, {}).items():
        if re.search(pattern, f"{operation}.{path}"):
            return why
    return ""


def roles(service: str, operation: OperationModel) -> Iterator[str]:
    """The paths (calls/paths.py) of all members that hold a role, or an instance profile, in the order of the model."""
    if operation.input_shape is not None:
        for path in _strings(operation.input_shape, "", frozenset()):
            bare = path.removesuffix("[]").removesuffix("<>")
            if ROLE.search(bare) or PROFILE.search(bare) or bare in NAMED_OTHERWISE.get(service, ()):
                yield path


def passing(service: str, operation: OperationModel) -> Iterator[dict[str, Any]]:
    """The rules of all roles that an operation passes."""
    for path in roles(service, operation):
        if not why_not(service, operation.name, path):
            kind = "profile-role" if PROFILE.search(path) else "role"
            yield {
                "action": "iam:PassRole",
                "resources": [f"{{{kind}:{path}}}"],
                "context": {"iam:PassedToService": f"={receiver(service, path)}"},
                "when": [path],
            }
    yield from OTHERWISE.get((service, operation.name), ())


def _strings(shape: Shape, path: str, seen: frozenset[str]) -> Iterator[str]:
    """Paths of all strings below a shape; a structure inside itself is entered once."""
    if shape.name in seen:
        return
    match shape:
        case StructureShape():
            for name, inner in shape.members.items():
                yield from _strings(inner, f"{path}.{name}" if path else name, seen | {shape.name})
        case ListShape():
            yield from _strings(shape.member, path + "[]", seen)
        case MapShape():
            yield from _strings(shape.value, path + "<>", seen)
        case _ if shape.type_name == "string":
            yield path


def _patched(service: str, member: str) -> dict[str, Any]:
    """A role that a patch operation sets (API Gateway API Reference, patch operations)."""
    return {
        "action": "iam:PassRole", "resources": ["{role:@.value}"], "each": "patchOperations",
        "context": {"iam:PassedToService": f"={receiver(service, member)}"}, "when": [f"@.path=/{member}", "@.value"],
    }


def _attribute(*names: str) -> dict[str, Any]:
    """A role that is the value of an attribute (SNS API Reference, SetTopicAttributes)."""
    return {
        "action": "iam:PassRole", "resources": ["{role:AttributeValue}"], "when": ["AttributeName=" + ",".join(names)],
        "context": {"iam:PassedToService": "=sns.amazonaws.com"},
    }


_FEEDBACK = tuple(
    f"{protocol}{outcome}FeedbackRoleArn"
    for protocol in ("Application", "Firehose", "HTTP", "Lambda", "SQS") for outcome in ("Success", "Failure")
)
_IN_ATTRIBUTES = tuple(
    {"action": "iam:PassRole", "resources": [f"{{role:Attributes.{name}}}"], "when": [f"Attributes.{name}"],
     "context": {"iam:PassedToService": "=sns.amazonaws.com"}}
    for name in (*_FEEDBACK, "SubscriptionRoleArn")
)

OTHERWISE: Mapping[tuple[str, str], tuple[dict[str, Any], ...]] = {
    ("apigateway", "UpdateAccount"): (_patched("apigateway", "cloudwatchRoleArn"),),
    ("apigateway", "UpdateAuthorizer"): (_patched("apigateway", "authorizerCredentials"),),
    ("apigateway", "UpdateIntegration"): (_patched("apigateway", "credentials"),),
    ("sns", "CreateTopic"): _IN_ATTRIBUTES[:-1],
    ("sns", "SetTopicAttributes"): (_attribute(*_FEEDBACK),),
    ("sns", "Subscribe"): _IN_ATTRIBUTES[-1:],
    ("sns", "SetSubscriptionAttributes"): (_attribute("SubscriptionRoleArn"),),
}
"""Roles in members whose meaning another member tells."""
