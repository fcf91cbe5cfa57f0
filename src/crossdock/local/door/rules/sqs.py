"""Queues: values of attributes, and messages that are none (SQS API, SetQueueAttributes, SendMessage)."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.local.door.rules.asked import Asked
from crossdock.local.engine import AwsError

RANGES: Mapping[str, tuple[int, int]] = {
    "DelaySeconds": (0, 900), "MaximumMessageSize": (1024, 1_048_576), "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20), "VisibilityTimeout": (0, 43_200),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
}
OTHERS = frozenset({
    "Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "SqsManagedSseEnabled", "FifoQueue",
    "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit",
})


def check(asked: Asked) -> None:
    """Raises AwsError InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue, MissingParameter."""
    match asked.operation:
        case "CreateQueue" | "SetQueueAttributes":
            for name, value in (asked.params.get("Attributes") or {}).items():
                _attribute(name, value)
        case "SendMessage" if not asked.params.get("MessageBody"):
            raise AwsError("MissingParameter", "The request must contain the parameter MessageBody.")
        case "SendMessage" if asked.text("MessageDeduplicationId") and not asked.text("QueueUrl").endswith(".fifo"):
            raise AwsError("InvalidParameterValue", "The request include parameter MessageDeduplicationId which is not "
                           "valid for this queue type.")


def _attribute(name: str, value: str) -> None:
    if name not in RANGES:
        if name not in OTHERS:
            raise AwsError("InvalidAttributeName", f"Unknown Attribute {name}.")
        return
    least, most = RANGES[name]
    if not str(value).isdigit() or not least <= int(value) <= most:
        raise AwsError("InvalidAttributeValue", f"Invalid value for the parameter {name}.")
