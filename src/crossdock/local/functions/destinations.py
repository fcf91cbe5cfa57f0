"""Asynchronous invocations: how often they are tried, and where what became of them goes.

Source: Lambda Developer Guide, "Retaining records of asynchronous invocations", "Adding a dead-letter queue".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.local.functions.state import LATEST, Function, State, Version
from crossdock.local.identity import Caller
from crossdock.local.world import World

KINDS = ("sqs", "sns", "lambda", "events")


class EventInvokeConfigs:
    """The operations of the API that are about asynchronous invocation."""

    world: World
    state: State

    def _find(self, call: Call) -> tuple[Function, str]:
        raise NotImplementedError

    def put_function_event_invoke_config(self, call: Call) -> Mapping[str, Any]:
        function, qualifier = self._find(call)
        for outcome in (call.params.get("DestinationConfig") or {}).values():
            _checked(outcome.get("Destination", ""))
        members = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
        given = {name: call.params[name] for name in members if name in call.params}
        if call.operation.startswith("Update"):
            given = {**function.asynchronous.get(qualifier or LATEST, {}), **given}
        function.asynchronous[qualifier or LATEST] = {**given, "LastModified": datetime.now(UTC)}
        return self.get_function_event_invoke_config(call)

    update_function_event_invoke_config = put_function_event_invoke_config

    def get_function_event_invoke_config(self, call: Call) -> Mapping[str, Any]:
        function, qualifier = self._find(call)
        arn = f"{function.arn}:{qualifier or LATEST}"
        if (qualifier or LATEST) not in function.asynchronous:
            raise AwsError("ResourceNotFoundException", f"The function {arn} doesn't have an EventInvokeConfig", 404)
        return {"FunctionArn": arn, **function.asynchronous[qualifier or LATEST]}

    def list_function_event_invoke_configs(self, call: Call) -> Mapping[str, Any]:
        function, _ = self._find(call)
        return {"FunctionEventInvokeConfigs": [{"FunctionArn": f"{function.arn}:{qualifier}", **members}
                                               for qualifier, members in sorted(function.asynchronous.items())]}

    def delete_function_event_invoke_config(self, call: Call) -> None:
        function, qualifier = self._find(call)
        function.asynchronous.pop(qualifier or LATEST, None)


def _checked(arn: str) -> None:
    """A destination must be of a kind that is delivered to here."""
    if arn and arn.split(":")[2] not in KINDS:
        raise NotEmulated(f"{arn.split(':')[2]} destinations of Lambda")


def checked_queue(config: Mapping[str, Any]) -> None:
    """A dead-letter target is a queue or a topic."""
    arn = str(config.get("TargetArn") or "")
    if arn and arn.split(":")[2:3] not in (["sqs"], ["sns"]):
        raise AwsError("InvalidParameterValueException",
                       f"The provided target {arn} is not a valid SQS queue or SNS topic.", 400)


def tries(function: Function, qualifier: str) -> int:
    """How often an asynchronous invocation is tried: three times by default."""
    return 1 + int(function.asynchronous.get(qualifier or LATEST, {}).get("MaximumRetryAttempts", 2))


def conclude(
    world: World, function: Function, version: Version, qualifier: str, *, event: bytes, payload: bytes, why: str,
    request_id: str,
) -> str:
    """Send on what became of an asynchronous invocation, as the function's role. `why`: empty when it worked.

    Returns where to, or an empty string: nobody asked for it. Raises AwsError when it can't be sent there.
    """
    config = (function.asynchronous.get(qualifier or LATEST, {}).get("DestinationConfig") or {})
    target = (config.get("OnFailure" if why else "OnSuccess") or {}).get("Destination", "")
    queue = (version.settings.get("DeadLetterConfig") or {}).get("TargetArn", "") if why else ""
    if not target and not queue:
        return ""
    role = world.assume(str(version.settings["Role"]), service="lambda.amazonaws.com", session=function.name,
                        source_arn=function.arn, source_account=function.account)
    record = {
        "version": "1.0", "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "requestContext": {"requestId": request_id, "functionArn": f"{function.arn}:{qualifier or LATEST}",
                           "condition": "RetriesExhausted" if why else "Success",
                           "approximateInvokeCount": tries(function, qualifier) if why else 1},
        "requestPayload": json.loads(event),
        "responseContext": {"statusCode": 200, "executedVersion": version.version,
                            **({"functionError": "Unhandled"} if why else {})},
        "responsePayload": _json(payload),
    }
    if target:
        send(world, role, target, json.dumps(record), function.region)
    if queue:
        send(world, role, queue, event.decode(), function.region, attributes={
            "RequestID": request_id, "ErrorCode": "200", "ErrorMessage": why[:1024]})
    return str(target or queue)


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def send(
    world: World, role: Caller, arn: str, text: str, region: str, *, attributes: Mapping[str, str] | None = None
) -> None:
    """Text to a queue, topic, function or bus, as a role. Raises AwsError."""
    _, _, service, where, account, name = arn.split(":", 5)
    given = {key: {"DataType": "String", "StringValue": value} for key, value in (attributes or {}).items()}
    try:
        match service:
            case "sqs":
                world.client("sqs", role, where).send_message(
                    QueueUrl=f"{world.endpoint}/{account}/{name}", MessageBody=text, MessageAttributes=given)
            case "sns":
                world.client("sns", role, where).publish(TopicArn=arn, Message=text, MessageAttributes=given)
            case "lambda":
                world.client("lambda", role, where).invoke(
                    FunctionName=arn, InvocationType="Event", Payload=text.encode())
            case "events":
                record = json.loads(text)
                kind = "Success" if record["requestContext"]["condition"] == "Success" else "Failure"
                world.client("events", role, where).put_events(Entries=[{
                    "Source": "lambda", "DetailType": f"Lambda Function Invocation Result - {kind}", "Detail": text,
                    "Resources": [arn, record["requestContext"]["functionArn"]],
                    "EventBusName": name.partition("/")[2]}])
            case _:
                raise NotEmulated(f"{service} destinations of Lambda ({region})")
    except ClientError as error:
        found = error.response["Error"]
        raise AwsError(str(found["Code"]), str(found["Message"])) from error
