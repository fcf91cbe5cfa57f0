"""One operation on one stack: who acts, until when, and how an error of a service reads in an event."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from crossdock.errors import TemplateError
from crossdock.local.cloudformation.policies import Policy
from crossdock.local.cloudformation.resources.handler import Context, Failed, code, system_tags
from crossdock.local.cloudformation.state import Resource, Stack
from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller
from crossdock.template import Unresolved

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core
    from crossdock.local.cloudformation.engine import CloudFormation

CUSTOM_TYPE = "AWS::CloudFormation::CustomResource"
EXPECTED = (ClientError, BotoCoreError, AwsError, Failed, TemplateError, Unresolved, KeyError, ValueError)
"""What a handler may end with for what the template says (a missing property is a KeyError). Told in an event."""


@dataclass(slots=True, kw_only=True)
class Run:
    """An operation under way. `stop` is set when a part of it failed; `outer` tells so of the stack around it.

    order   logical id -> logical ids that it needs, in the target
    policy  the stack policy in force during this update
    """

    engine: Core
    stack: Stack
    caller: Caller
    stop: threading.Event = field(default_factory=threading.Event)
    deadline: float = float("inf")
    imports: set[str] = field(default_factory=set)
    undoing: bool = False
    order: Mapping[str, frozenset[str]] = field(default_factory=dict)
    outer: Callable[[], bool] = lambda: False
    policy: Policy = ()

    @property
    def late(self) -> bool:
        return time.monotonic() > self.deadline

    def stopped(self) -> bool:
        return self.stop.is_set() or self.late or self.outer()

    def rollback(self) -> Run:
        """The same operation, now undoing: nothing that stopped it stops that."""
        return replace(self, stop=threading.Event(), deadline=float("inf"), undoing=True, outer=lambda: False)

    def context(self, resource: Resource) -> Context:
        return Context(
            engine=cast("CloudFormation", self.engine), stack=self.stack,
            caller=replace(self.caller, system_tags=system_tags(self.stack, resource.logical_id, resource.type)),
            logical_id=resource.logical_id, type=resource.type, stopped=self.stopped, undoing=self.undoing,
        )  # fmt: skip


_HANDLER_CODES: Mapping[str, tuple[str, ...]] = {
    "AccessDenied": ("AccessDenied", "UnauthorizedOperation", "NotAuthorized", "AuthorizationError", "Forbidden"),
    "AlreadyExists": ("AlreadyExists", "AlreadyOwnedByYou", "NameExists", "ResourceConflict", "QueueNameExists"),
    "NotFound": ("NotFound", "NoSuch", "NonExistent", "DoesNotExist"),
    "ServiceLimitExceeded": ("LimitExceeded", "TooMany"),
    "Throttling": ("Throttl", "RequestLimit"),
    "InvalidRequest": ("Invalid", "Validation", "Malformed", "BadRequest", "MissingParameter", "NotEmulated"),
}
"""HandlerErrorCode (CloudFormation CLI User Guide, "Handler error codes") by what a service's own code contains."""

_SERVICES = {
    "kms": "Kms", "s3": "S3", "iam": "Iam", "sns": "Sns", "sqs": "Sqs", "ssm": "Ssm", "logs": "CloudWatchLogs",
    "events": "EventBridge", "lambda": "Lambda", "codecommit": "CodeCommit", "codebuild": "CodeBuild",
    "codepipeline": "CodePipeline", "apigateway": "ApiGateway", "apigatewayv2": "ApiGatewayV2", "dynamodb": "DynamoDb",
    "secretsmanager": "SecretsManager", "stepfunctions": "Sfn", "cloudwatch": "CloudWatch",
    "elasticache": "ElastiCache", "elasticloadbalancingv2": "ElasticLoadBalancingV2", "autoscaling": "AutoScaling",
    "opensearchservice": "OpenSearch", "certificatemanager": "Acm", "servicediscovery": "ServiceDiscovery",
    "cloudfront": "CloudFront", "cloudtrail": "CloudTrail", "codedeploy": "CodeDeploy", "appconfig": "AppConfig",
}  # fmt: skip
"""As AWS's SDK for Java calls them in its exceptions, which handlers pass on."""


def handler_code(service_code: str) -> str:
    for name, signs in _HANDLER_CODES.items():
        if any(sign in service_code for sign in signs):
            return name
    return "GeneralServiceException"


def reason(error: BaseException, resource: Resource) -> str:
    """The reason of a failed event, in the words that AWS uses for this kind of failure."""
    token = uuid.uuid4()
    match error:
        case Failed():
            return error.reason
        case ClientError() if resource.type.startswith("Custom::") or resource.type == CUSTOM_TYPE:
            return _not_asked(error, str(resource.properties.get("ServiceToken", "")))
        case ClientError():
            service = resource.type.split("::")[1].lower()
            meta = error.response.get("ResponseMetadata", {})
            where = (
                f"Service: {_SERVICES.get(service, service.capitalize())}, "
                f"Status Code: {meta.get('HTTPStatusCode', 400)}, Request ID: {meta.get('RequestId', '')}"
            )
            said = error.response["Error"].get("Message", "")
            return _handler_says(f"{said} ({where})", token, handler_code(code(error)))
        case AwsError():
            return _handler_says(error.message, token, handler_code(error.code))
        case TemplateError():
            return error.problems[0].what
        case Unresolved():
            return f"Unresolved resource dependency {error}"
        case KeyError():
            missing = error.args[0] if error.args else "?"
            return (
                f"Properties validation failed for resource {resource.logical_id} with message:\n"
                f"#: required key [{missing}] not found"
            )
        case _:
            return _handler_says(str(error), token, "InvalidRequest")


def _not_asked(error: ClientError, token: str) -> str:
    """A custom resource's function or topic that can't be called: no handler stands between, so that AWS tells what
    its own client was told."""
    meta = error.response.get("ResponseMetadata", {})
    return (
        f"{error.response['Error'].get('Message', '')} (Service: {'AmazonSNS' if ':sns:' in token else 'AWSLambda'}; "
        f"Status Code: {meta.get('HTTPStatusCode', 400)}; Error Code: {code(error)}; "
        f"Request ID: {meta.get('RequestId', '')}; Proxy: null)"
    )


def _handler_says(message: str, token: object, handler: str) -> str:
    return f'Resource handler returned message: "{message}" (RequestToken: {token}, HandlerErrorCode: {handler})'
