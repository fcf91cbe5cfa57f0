"""First-class integrations of HTTP APIs: one action of one service, its parameters mapped from the request.

API Gateway Developer Guide, "Integration subtype reference" and "Create AWS service integrations for HTTP APIs".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError

from crossdock.local.engine import HttpResponse, NotEmulated, snake
from crossdock.local.gateway import lambdas
from crossdock.local.gateway.errors import bad_request
from crossdock.local.gateway.exchange import Visit, answer
from crossdock.local.gateway.v2 import expressions
from crossdock.local.gateway.v2.state import Integration
from crossdock.local.identity import Caller
from crossdock.local.world import World

if TYPE_CHECKING:
    from crossdock.local.gateway.v2.expressions import Values


@dataclass(frozen=True, slots=True)
class Action:
    """An operation of a service: the parameters that it must and may have, and what becomes of them."""

    service: str
    operation: str
    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    shaped: Callable[[Mapping[str, str]], dict[str, Any]] = dict


def _entry(given: Mapping[str, str]) -> dict[str, Any]:
    names = ("Detail", "DetailType", "Source", "EventBusName", "Time", "TraceHeader")
    entry: dict[str, Any] = {name: given[name] for name in names if name in given}
    if "Resources" in given:
        entry["Resources"] = json.loads(given["Resources"])
    return {"Entries": [entry]}


def _message(given: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = dict(given)
    if "DelaySeconds" in made:
        made["DelaySeconds"] = int(made["DelaySeconds"])
    for name in ("MessageAttributes", "MessageSystemAttributes"):
        if name in made:
            made[name] = json.loads(made[name])
    return made


def _received(given: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = dict(given)
    for name in ("MaxNumberOfMessages", "VisibilityTimeout", "WaitTimeSeconds"):
        if name in made:
            made[name] = int(made[name])
    for name in ("AttributeNames", "MessageAttributeNames"):
        if name in made:
            made[name] = json.loads(made[name])
    return made


def _machine(given: Mapping[str, str]) -> dict[str, Any]:
    return {name[0].lower() + name[1:]: value for name, value in given.items()}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ACTIONS: Mapping[str, Action] = {
    "EventBridge-PutEvents": Action("events", "PutEvents", _words("Detail DetailType Source"),
                                    _words("Time EventBusName Resources TraceHeader"), _entry),
    "SQS-SendMessage": Action("sqs", "SendMessage", _words("QueueUrl MessageBody"), _words(
        "DelaySeconds MessageAttributes MessageDeduplicationId MessageGroupId MessageSystemAttributes"), _message),
    "SQS-ReceiveMessage": Action("sqs", "ReceiveMessage", _words("QueueUrl"), _words(
        "AttributeNames MaxNumberOfMessages MessageAttributeNames ReceiveRequestAttemptId VisibilityTimeout "
        "WaitTimeSeconds"), _received),
    "SQS-DeleteMessage": Action("sqs", "DeleteMessage", _words("ReceiptHandle QueueUrl")),
    "SQS-PurgeQueue": Action("sqs", "PurgeQueue", _words("QueueUrl")),
    "Kinesis-PutRecord": Action("kinesis", "PutRecord", _words("StreamName Data PartitionKey"),
                                _words("SequenceNumberForOrdering ExplicitHashKey")),
    "StepFunctions-StartExecution": Action("stepfunctions", "StartExecution", _words("StateMachineArn"),
                                           _words("Name Input"), _machine),
    "StepFunctions-StartSyncExecution": Action("stepfunctions", "StartSyncExecution", _words("StateMachineArn"),
                                               _words("Name Input TraceHeader"), _machine),
    "StepFunctions-StopExecution": Action("stepfunctions", "StopExecution", _words("ExecutionArn"),
                                          _words("Cause Error"), _machine),
}  # fmt: skip


def check(integration: Integration) -> None:
    """Raise for an integration that can't be: AwsError as API Gateway does, NotEmulated for other subtypes."""
    action = ACTIONS.get(integration.subtype)
    if action is None:
        raise NotEmulated(f"the integration subtype {integration.subtype} of HTTP APIs")
    if not integration.credentials:
        raise bad_request(f"Credentials ARN is required for {integration.subtype}")
    given = integration.parameters.keys()
    if missing := sorted(action.required - given):
        raise bad_request(f"Missing required parameters for {integration.subtype}: {', '.join(missing)}")
    if more := sorted(given - action.required - action.optional - {"Region"}):
        raise bad_request(f"Unknown parameters for {integration.subtype}: {', '.join(more)}")


def call(
    world: World, integration: Integration, target: lambdas.Target, visit: Visit, values: Values, caller: Caller
) -> HttpResponse:
    """The action's answer as JSON. Raises AwsError where the role can't be assumed."""
    action = ACTIONS[integration.subtype]
    filled = {name: expressions.filled(text, values) for name, text in integration.parameters.items()}
    if empty := [name for name in action.required if not filled.get(name)]:
        return _told(visit, 400, {"message": f"missing values: {', '.join(sorted(empty))}"})
    region = filled.pop("Region", "") or target.region
    who = lambdas.principal(world, target, caller)
    client = world.client(action.service, who, region)
    try:
        given = action.shaped({name: value for name, value in filled.items() if value})
        told = getattr(client, snake(action.operation))(**given)
    except ClientError as error:
        said = error.response["Error"]
        return _told(visit, error.response["ResponseMetadata"]["HTTPStatusCode"],
                     {"__type": said["Code"], "message": said["Message"]})
    except (ParamValidationError, ValueError) as error:
        return _told(visit, 400, {"message": re.sub(r"\s+", " ", str(error))})
    told.pop("ResponseMetadata", None)
    return _told(visit, 200, told)


def _told(visit: Visit, status: int, body: Mapping[str, Any]) -> HttpResponse:
    return answer(status, [("content-type", "application/json"), ("apigw-requestid", visit.id)],
                  json.dumps(body, default=str).encode())
