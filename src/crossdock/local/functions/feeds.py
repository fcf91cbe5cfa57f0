"""Event sources read: a queue's messages, a stream's shards, as the records that a function gets.

Source: Lambda Developer Guide, "Using Lambda with Amazon SQS", "... Kinesis", "... DynamoDB".
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.local.engine import NotEmulated
from crossdock.local.functions.state import EventSource
from crossdock.local.identity import Caller
from crossdock.local.world import World

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "kinesis": ("kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream"),
    "dynamodb": ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"),
}
"""What a function's role needs (Lambda Developer Guide, AWSLambdaSQSQueueExecutionRole and its like)."""


def kind(arn: str) -> str:
    """`sqs`, `kinesis` or `dynamodb`. NotEmulated names the others."""
    parts = arn.split(":")
    service = parts[2] if len(parts) > 5 else ""
    if service not in ACTIONS:
        raise NotEmulated(f"{service or 'self-managed'} event sources of Lambda")
    return service


@dataclass(frozen=True, slots=True)
class Batch:
    """Records as the function gets them, each with the id by which it is dealt with. `done` takes those ids away;
    `shard` is where they come from, empty for a queue."""

    records: tuple[tuple[str, dict[str, Any]], ...]
    done: Callable[[Iterable[str]], None]
    shard: str = ""


def read(world: World, role: Caller, source: EventSource) -> Iterable[Batch]:
    """What there is now, read as a function's role. Raises ClientError."""
    match kind(source.source):
        case "sqs":
            return [_queue(world, role, source)]
        case "kinesis":
            client = world.client("kinesis", role, source.source.split(":")[3])
            return _stream(client, source, {"StreamARN": source.source}, _kinesis)
        case _:
            client = world.client("dynamodbstreams", role, source.source.split(":")[3])
            return _stream(client, source, {"StreamArn": source.source}, _dynamodb)


def _queue(world: World, role: Caller, source: EventSource) -> Batch:
    _, _, _, region, account, name = source.source.split(":", 5)
    url = f"{world.endpoint}/{account}/{name}"
    client = world.client("sqs", role, region)
    size = min(int(source.settings["BatchSize"]), 10)
    found = client.receive_message(QueueUrl=url, MaxNumberOfMessages=size, WaitTimeSeconds=0,
                                   MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"])
    receipts = {one["MessageId"]: one["ReceiptHandle"] for one in found.get("Messages", ())}

    def done(ids: Iterable[str]) -> None:
        entries = [{"Id": str(index), "ReceiptHandle": receipts[id_]} for index, id_ in enumerate(ids)]
        if entries:
            client.delete_message_batch(QueueUrl=url, Entries=entries)

    return Batch(tuple((one["MessageId"], _message(one, source)) for one in found.get("Messages", ())), done)


def _message(one: Mapping[str, Any], source: EventSource) -> dict[str, Any]:
    attributes = {name: {**{key[0].lower() + key[1:]: value for key, value in given.items()},
                         "stringListValues": [], "binaryListValues": []}
                  for name, given in (one.get("MessageAttributes") or {}).items()}
    return {"messageId": one["MessageId"], "receiptHandle": one["ReceiptHandle"], "body": one["Body"],
            "attributes": one.get("Attributes", {}), "messageAttributes": attributes, "md5OfBody": one["MD5OfBody"],
            "eventSource": "aws:sqs", "eventSourceARN": source.source, "awsRegion": source.region}


Shape = Callable[[Mapping[str, Any], EventSource, str], tuple[str, dict[str, Any]]]


def _stream(client: Any, source: EventSource, stream: dict[str, str], shape: Shape) -> Iterable[Batch]:
    described = client.describe_stream(**stream)["StreamDescription"]
    for shard in described["Shards"]:
        id_ = str(shard["ShardId"])
        iterator = client.get_shard_iterator(**stream, ShardId=id_, **_start(source, id_))["ShardIterator"]
        found = client.get_records(ShardIterator=iterator, Limit=min(int(source.settings["BatchSize"]), 1000))
        records = tuple(shape(one, source, id_) for one in found["Records"] if _counts(source, one))

        def done(ids: Iterable[str], id_: str = id_) -> None:
            last = max(ids, key=int)
            source.positions[id_] = max(last, source.positions.get(id_, "0"), key=int)

        yield Batch(records, done, id_)


def _counts(source: EventSource, one: Mapping[str, Any]) -> bool:
    """DynamoDB has no iterator by time: of LATEST, what was there before doesn't count."""
    if source.settings["StartingPosition"] != "LATEST" or "dynamodb" not in one:
        return True
    at = one["dynamodb"].get("ApproximateCreationDateTime")
    return at is None or at.timestamp() >= int(source.created.timestamp())


def _start(source: EventSource, shard: str) -> dict[str, Any]:
    if shard in source.positions:
        member = "SequenceNumber" if kind(source.source) == "dynamodb" else "StartingSequenceNumber"
        return {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", member: source.positions[shard]}
    match source.settings["StartingPosition"]:
        case "TRIM_HORIZON":
            return {"ShardIteratorType": "TRIM_HORIZON"}
        case "AT_TIMESTAMP":
            return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": source.settings["StartingPositionTimestamp"]}
        case _:  # LATEST: from when the mapping was made, whenever it is first looked at
            at = source.created.timestamp()
            if kind(source.source) == "kinesis":
                return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": at}
            return {"ShardIteratorType": "TRIM_HORIZON"}


def _kinesis(one: Mapping[str, Any], source: EventSource, shard: str) -> tuple[str, dict[str, Any]]:
    number = str(one["SequenceNumber"])
    return number, {
        "kinesis": {"kinesisSchemaVersion": "1.0", "partitionKey": one["PartitionKey"], "sequenceNumber": number,
                    "data": base64.b64encode(one["Data"]).decode(),
                    "approximateArrivalTimestamp": one["ApproximateArrivalTimestamp"].timestamp()},
        "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": f"{shard}:{number}",
        "eventName": "aws:kinesis:record", "invokeIdentityArn": "", "awsRegion": source.region,
        "eventSourceARN": source.source,
    }


def _dynamodb(one: Mapping[str, Any], source: EventSource, _: str) -> tuple[str, dict[str, Any]]:
    number = str(one["dynamodb"]["SequenceNumber"])
    return number, {**one, "eventSourceARN": source.source}


