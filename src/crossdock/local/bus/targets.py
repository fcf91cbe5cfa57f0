"""Kinds of targets that a rule may have, and how each is called: with the rule's role, or as the service principal
`events.amazonaws.com` on behalf of the rule, which the target's own policy must let in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from crossdock.local.bus.state import Rule
from crossdock.local.engine import AwsError, HttpRequest
from crossdock.local.identity import ANONYMOUS, Caller, service_principal

if TYPE_CHECKING:
    from crossdock.local.world import World

PRINCIPAL = "events.amazonaws.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A target's ARN, taken apart. `resource` is everything behind the account."""

    arn: str
    service: str
    region: str
    account: str
    resource: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one target: the text to send, and the event's id."""

    world: World
    rule: Rule
    target: Mapping[str, Any]
    address: Address
    text: str
    event_id: str

    def as_role(self) -> Caller:
        """A session of the target's role. It keeps the rule as the source for which it acts."""
        caller = self.world.assume(
            self.target["RoleArn"], service=PRINCIPAL, session=self.event_id.replace("-", "")[:32],
            source_arn=self.rule.arn, source_account=self.rule.account,
        )
        return replace(caller, source_arn=self.rule.arn, source_account=self.rule.account)

    def as_service(self) -> Caller:
        """EventBridge itself, acting for the rule."""
        return service_principal(PRINCIPAL, source_arn=self.rule.arn, source_account=self.rule.account)

    def client(self, caller: Caller) -> Any:
        return self.world.client(self.address.service, caller, self.address.region)


def parse(arn: str) -> Address:
    """A target's ARN. Raises AwsError ValidationException."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        why = "Provided Arn is not in correct format."
        raise AwsError("ValidationException", f"Parameter {arn} is not valid. Reason: {why}")
    return Address(arn=arn, service=parts[2], region=parts[3], account=parts[4], resource=parts[5])


def kind(address: Address) -> str:
    """What sort of target this is: a key of SENDERS, `bus`, or an empty string for one that is not emulated."""
    prefix = address.resource.partition("/")[0].partition(":")[0]
    expected = {"codebuild": "project", "lambda": "function", "logs": "log-group",
                "states": "stateMachine", "kinesis": "stream", "ecs": "cluster", "firehose": "deliverystream"}
    if expected.get(address.service, prefix) != prefix:
        return ""
    if address.service == "events":
        return "bus" if prefix == "event-bus" else "address" if prefix == "api-destination" else ""
    return address.service if address.service in SENDERS else ""


def _pipeline(delivery: Delivery) -> None:
    delivery.client(delivery.as_role()).start_pipeline_execution(name=delivery.address.resource)


def _build(delivery: Delivery) -> None:
    """A target's Input may override what StartBuild takes; an event as it is overrides nothing."""
    given = json.loads(delivery.text) if {"Input", "InputTransformer"} & set(delivery.target) else {}
    project = delivery.address.resource.partition("/")[2]
    delivery.client(delivery.as_role()).start_build(**{**given, "projectName": project})


def _function(delivery: Delivery) -> None:
    delivery.client(delivery.as_service()).invoke(
        FunctionName=delivery.address.arn, InvocationType="Event", Payload=delivery.text.encode()
    )


def _topic(delivery: Delivery) -> None:
    delivery.client(delivery.as_service()).publish(TopicArn=delivery.address.arn, Message=delivery.text)


def _queue(delivery: Delivery) -> None:
    group = delivery.target.get("SqsParameters", {}).get("MessageGroupId")
    delivery.client(delivery.as_service()).send_message(
        QueueUrl=queue_url(delivery.world, delivery.address), MessageBody=delivery.text,
        **({"MessageGroupId": group} if group else {}),
    )


def _log(delivery: Delivery) -> None:
    group = delivery.address.resource.partition(":")[2].removesuffix(":*")
    delivery.world.log_lines(
        delivery.as_service(), region=delivery.address.region, group=group, stream=str(uuid.uuid4()),
        lines=[delivery.text],
    )


def _machine(delivery: Delivery) -> None:
    delivery.world.client("stepfunctions", delivery.as_role(), delivery.address.region).start_execution(
        stateMachineArn=delivery.address.arn, input=delivery.text)


def _stream(delivery: Delivery) -> None:
    """The event's id is the partition key where the target names no path (PutTargets API, KinesisParameters)."""
    delivery.client(delivery.as_role()).put_record(
        StreamARN=delivery.address.arn, StreamName=delivery.address.resource.partition("/")[2],
        Data=delivery.text.encode(), PartitionKey=delivery.event_id)


def _firehose(delivery: Delivery) -> None:
    delivery.client(delivery.as_role()).put_record(
        DeliveryStreamName=delivery.address.resource.partition("/")[2], Record={"Data": delivery.text.encode()})


_TASK = ("LaunchType", "NetworkConfiguration", "PlatformVersion", "Group", "CapacityProviderStrategy",
         "PlacementConstraints", "PlacementStrategy", "EnableECSManagedTags", "EnableExecuteCommand")


def _task(delivery: Delivery) -> None:
    """EcsParameters are RunTask's, written in capitals; the input overrides containers (EventBridge User Guide, "Amazon
    ECS tasks as targets")."""
    given = delivery.target.get("EcsParameters", {})
    overrides = json.loads(delivery.text) if {"Input", "InputTransformer"} & set(delivery.target) else {}
    settings = {name[0].lower() + name[1:]: given[name] for name in _TASK if name in given}
    if "networkConfiguration" in settings:
        inner = settings["networkConfiguration"].get("awsvpcConfiguration", {})
        settings["networkConfiguration"] = {"awsvpcConfiguration": {
            name[0].lower() + name[1:]: value for name, value in inner.items()}}
    delivery.client(delivery.as_role()).run_task(
        cluster=delivery.address.arn, taskDefinition=given["TaskDefinitionArn"], count=given.get("TaskCount", 1),
        overrides=overrides, **settings)


def _address(delivery: Delivery) -> None:
    """The role must be allowed to invoke the destination."""
    from crossdock.local.bus.destinations import Destinations

    address = delivery.address
    delivery.world.authorize(delivery.as_role(), action="events:InvokeApiDestination", resource=address.arn,
                             account=address.account, region=address.region)
    engine = delivery.world.engine("events")
    if isinstance(engine, Destinations):
        engine.send_to_address(address.arn, delivery.text, delivery.target.get("HttpParameters") or {})


def _api(delivery: Delivery) -> None:
    """A REST API is called as the role, which must be allowed `execute-api:Invoke` (EventBridge User Guide, "Amazon API
    Gateway as a target"). Paths and queries come from HttpParameters; a status of an error is a failed delivery."""
    given = delivery.target.get("HttpParameters") or {}
    api, stage, method, *path = delivery.address.resource.split("/")
    where = "/".join(path)
    for value in given.get("PathParameterValues") or ():
        where = where.replace("*", quote(str(value), safe=""), 1)
    answer = delivery.world.engine("apigateway").http(HttpRequest(
        method="POST" if method == "*" else method, path=f"/{api}/{stage}/{where}",
        query=urlencode(given.get("QueryStringParameters") or {}), body=delivery.text.encode(),
        caller=delivery.as_role() if "RoleArn" in delivery.target else ANONYMOUS,
        headers={"host": "events.amazonaws.com", "content-type": "application/json", "user-agent": "Amazon/EventBridge",
                 **{str(name).lower(): str(value) for name, value in (given.get("HeaderParameters") or {}).items()}}))
    if answer.status >= 400:
        code = "InternalServerError" if answer.status >= 500 else "ClientError"
        raise AwsError(code, f"{delivery.address.arn} answered {answer.status}", answer.status)


def queue_url(world: World, address: Address) -> str:
    """SQS is asked by URL; asking it for the URL would need a permission that AWS does not ask for."""
    return f"{world.endpoint}/{address.account}/{address.resource}"


SENDERS: Mapping[str, Callable[[Delivery], None]] = {
    "codepipeline": _pipeline,
    "codebuild": _build,
    "lambda": _function,
    "sns": _topic,
    "sqs": _queue,
    "logs": _log,
    "states": _machine,
    "kinesis": _stream,
    "firehose": _firehose,
    "ecs": _task,
    "address": _address,
    "execute-api": _api,
}
NEEDS_ROLE = ("codepipeline", "codebuild", "states", "kinesis", "firehose", "ecs", "address")
