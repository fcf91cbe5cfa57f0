"""DynamoDB Streams: an iterator begins with the ARN of its stream. Source: DynamoDB API reference, GetShardIterator."""

from __future__ import annotations

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

RULES: dict[str, Rules] = {"GetRecords": (Rule("dynamodb:GetRecords", ("{Stream}",)),)}


def prepare(operation: str, params: Params) -> Params:  # noqa: ARG001  one signature for all services
    """The stream that an iterator belongs to."""
    return {**params, "Stream": str(params.get("ShardIterator", "")).partition("|")[0]}
