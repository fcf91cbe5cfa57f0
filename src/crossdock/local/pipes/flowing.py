"""What a pipe does with the records that it reads: filter, enrich, hand over. Everything as the pipe's role."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock.local.bus.destinations import Destinations
from crossdock.local.engine import NotEmulated
from crossdock.local.identity import Caller
from crossdock.local.pipes import inputs
from crossdock.local.pipes.state import Pipe
from crossdock.local.world import World


class Failed(Exception):
    """The enrichment or the target said no."""


def check(pipe: Pipe) -> None:
    """Refuse, by name, enrichments and targets that aren't emulated."""
    enrichment = str(pipe.members.get("Enrichment") or "")
    if enrichment and enrichment.split(":")[2] not in ("lambda", "states") and ":api-destination/" not in enrichment:
        raise NotEmulated(f"{enrichment.split(':')[2]} enrichments of pipes")
    if _service(pipe) not in TARGETS:
        raise NotEmulated(f"{_service(pipe)} targets of pipes")


def flow(world: World, pipe: Pipe, role: Caller, records: Sequence[Mapping[str, Any]]) -> None:
    """Records that passed the filter, enriched and sent. Raises Failed, AwsError, ClientError."""
    facts = {"aws.pipes.pipe-arn": pipe.arn, "aws.pipes.pipe-name": pipe.name, "aws.pipes.source-arn": pipe.source,
             "aws.pipes.target-arn": str(pipe.members["Target"])}
    events: list[Any] = [dict(record) for record in records]
    if enrichment := str(pipe.members.get("Enrichment") or ""):
        events = _enriched(world, pipe, role, enrichment, events, facts)
    if not events:
        return
    parameters = pipe.members.get("TargetParameters") or {}
    template = parameters.get("InputTemplate")
    sent = [inputs.transformed(str(template), one, facts) for one in events] if template else events
    TARGETS[_service(pipe)](world, pipe, role, list(zip(events, sent, strict=True)))


def _service(pipe: Pipe) -> str:
    return str(pipe.members["Target"]).split(":")[2]


def _enriched(
    world: World, pipe: Pipe, role: Caller, arn: str, events: list[Any], facts: Mapping[str, str]
) -> list[Any]:
    """What the enrichment makes of a batch: a list, or one event."""
    template = (pipe.members.get("EnrichmentParameters") or {}).get("InputTemplate")
    given = [inputs.transformed(str(template), one, facts) for one in events] if template else events
    region = arn.split(":")[3]
    if arn.split(":")[2] == "lambda":
        told = world.client("lambda", role, region).invoke(FunctionName=arn, Payload=json.dumps(given).encode())
        text = told["Payload"].read()
        if told.get("FunctionError"):
            raise Failed(text.decode("utf-8", "replace"))
        answer = json.loads(text or b"null")
    elif ":api-destination/" in arn:
        answer = _from_address(world, pipe, role, arn, given)
    else:
        told = world.client("stepfunctions", role, region).start_sync_execution(
            stateMachineArn=arn, input=json.dumps(given))
        if told["status"] != "SUCCEEDED":
            raise Failed(f"{told.get('error')}: {told.get('cause')}")
        answer = json.loads(told["output"])
    if answer is None or answer == "":
        return []
    return answer if isinstance(answer, list) else [answer]


def _from_address(world: World, pipe: Pipe, role: Caller, arn: str, given: Any) -> Any:
    """What an API destination answers. The role must be allowed to invoke it."""
    engine = world.engine("events")
    world.authorize(role, action="events:InvokeApiDestination", resource=arn, account=arn.split(":")[4],
                    region=arn.split(":")[3])
    assert isinstance(engine, Destinations)  # noqa: S101  there is no other engine of events
    parameters = (pipe.members.get("EnrichmentParameters") or {}).get("HttpParameters") or {}
    text = engine.send_to_address(arn, json.dumps(given), parameters)
    try:
        return json.loads(text)
    except ValueError:
        return text


Pairs = list[tuple[Any, Any]]
"""Events, and what is sent of each."""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _parameters(pipe: Pipe, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (pipe.members.get("TargetParameters") or {}).get(name) or {}
    return found


def _place(pipe: Pipe) -> tuple[str, str, str]:
    """Region, account and resource of the target."""
    _, _, _, region, account, resource = str(pipe.members["Target"]).split(":", 5)
    return region, account, resource


def _function(world: World, pipe: Pipe, role: Caller, pairs: Pairs) -> None:
    kind = str(_parameters(pipe, "LambdaFunctionParameters").get("InvocationType") or "REQUEST_RESPONSE")
    told = world.client("lambda", role, _place(pipe)[0]).invoke(
        FunctionName=str(pipe.members["Target"]), Payload=json.dumps([sent for _, sent in pairs]).encode(),
        InvocationType="Event" if kind == "FIRE_AND_FORGET" else "RequestResponse")
    if told.get("FunctionError"):
        raise Failed(told["Payload"].read().decode("utf-8", "replace"))


def _machine(world: World, pipe: Pipe, role: Caller, pairs: Pairs) -> None:
    kind = str(_parameters(pipe, "StepFunctionStateMachineParameters").get("InvocationType") or "FIRE_AND_FORGET")
    states = world.client("stepfunctions", role, _place(pipe)[0])
    given = {"stateMachineArn": str(pipe.members["Target"]), "input": json.dumps([sent for _, sent in pairs])}
    if kind == "FIRE_AND_FORGET":
        states.start_execution(**given)
    elif (told := states.start_sync_execution(**given))["status"] != "SUCCEEDED":
        raise Failed(f"{told.get('error')}: {told.get('cause')}")


def _queue(world: World, pipe: Pipe, role: Caller, pairs: Pairs) -> None:
    region, account, name = _place(pipe)
    parameters = _parameters(pipe, "SqsQueueParameters")
    for event, sent in pairs:
        more = {key: str(inputs.resolved(parameters[key], event)) for key in (
            "MessageGroupId", "MessageDeduplicationId") if parameters.get(key)}
        world.client("sqs", role, region).send_message(
            QueueUrl=f"{world.endpoint}/{account}/{name}", MessageBody=_text(sent), **more)


def _topic(world: World, pipe: Pipe, role: Caller, pairs: Pairs) -> None:
    for _, sent in pairs:
        world.client("sns", role, _place(pipe)[0]).publish(TopicArn=str(pipe.members["Target"]), Message=_text(sent))


def _bus(world: World, pipe: Pipe, role: Caller, pairs: Pairs) -> None:
    region, _, resource = _place(pipe)
    if resource.startswith("api-destination/"):
        for _, sent in pairs:
            _from_address(world, pipe, role, str(pipe.members["Target"]), sent)
        return
    parameters = _parameters(pipe, "EventBridgeEventBusParameters")
    for event, sent in pairs:
        origin = str(event.get("eventSource", "")) if isinstance(event, Mapping) else ""
        source = str(inputs.resolved(parameters.get("Source"), event) or f"Pipe {pipe.name}")
        kind = str(inputs.resolved(parameters.get("DetailType"), event) or f"Event from {origin}")
        told = world.client("events", role, region).put_events(Entries=[{
            "EventBusName": str(pipe.members["Target"]), "Source": source, "DetailType": kind, "Detail": _text(sent),
            "Resources": [str(inputs.resolved(one, event)) for one in parameters.get("Resources") or ()]}])
        if told["FailedEntryCount"]:
            raise Failed(str(told["Entries"][0].get("ErrorMessage")))


def _stream(world: World, pipe: Pipe, role: Caller, pairs: Pairs) -> None:
    key = _parameters(pipe, "KinesisStreamParameters").get("PartitionKey", "")
    for event, sent in pairs:
        world.client("kinesis", role, _place(pipe)[0]).put_record(
            StreamARN=str(pipe.members["Target"]), Data=_text(sent).encode(),
            PartitionKey=str(inputs.resolved(key, event) or uuid.uuid4()))


def _log(world: World, pipe: Pipe, role: Caller, pairs: Pairs) -> None:
    region, _, resource = _place(pipe)
    group = resource.removeprefix("log-group:").removesuffix(":*")
    stream = str(_parameters(pipe, "CloudWatchLogsParameters").get("LogStreamName") or pipe.name)
    world.log_lines(role, region=region, group=group, stream=stream, lines=[_text(sent) for _, sent in pairs])


def _task(world: World, pipe: Pipe, role: Caller, pairs: Pairs) -> None:
    given = _parameters(pipe, "EcsTaskParameters")
    for _ in pairs:
        told = world.client("ecs", role, _place(pipe)[0]).run_task(
            cluster=str(pipe.members["Target"]), taskDefinition=str(given["TaskDefinitionArn"]))
        if told.get("failures"):
            raise Failed(str(told["failures"]))


def _job(world: World, pipe: Pipe, role: Caller, pairs: Pairs) -> None:
    given = _parameters(pipe, "BatchJobParameters")
    for _ in pairs:
        world.client("batch", role, _place(pipe)[0]).submit_job(
            jobName=str(given["JobName"]), jobDefinition=str(given["JobDefinition"]),
            jobQueue=str(pipe.members["Target"]))


TARGETS: Mapping[str, Callable[[World, Pipe, Caller, Pairs], None]] = {
    "lambda": _function, "states": _machine, "sqs": _queue, "sns": _topic, "events": _bus, "kinesis": _stream,
    "logs": _log, "ecs": _task, "batch": _job,
}
