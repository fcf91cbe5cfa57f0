"""Topics: what a subscription and a message may be (SNS API, Subscribe, SetSubscriptionAttributes, Publish)."""

from __future__ import annotations

import json

from crossdock.local.door.rules.asked import Asked
from crossdock.local.engine import AwsError

PROTOCOLS = frozenset({"http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"})
SCOPES = ("MessageAttributes", "MessageBody")


def check(asked: Asked) -> None:
    """Raises AwsError InvalidParameter."""
    match asked.operation:
        case "Subscribe":
            _protocol(asked.text("Protocol"))
            for name, value in (asked.params.get("Attributes") or {}).items():
                _attribute(name, value)
        case "SetSubscriptionAttributes":
            _attribute(asked.text("AttributeName"), asked.text("AttributeValue"))
        case "Publish" if not asked.params.get("Message"):
            raise _invalid("Empty message")
        case "Publish" if asked.text("MessageStructure") == "json":
            _structure(asked.text("Message"))


def _protocol(protocol: str) -> None:
    if protocol not in PROTOCOLS:
        raise _invalid(f"Amazon SNS does not support this protocol string: {protocol}")


def _attribute(name: str, value: str) -> None:
    if name == "FilterPolicyScope" and value not in SCOPES:
        raise _invalid(f"FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or "
                       "MessageAttributes")
    if name in ("FilterPolicy", "RedrivePolicy") and value:
        try:
            json.loads(value)
        except ValueError:
            raise _invalid(f"{name}: failed to parse JSON.") from None


def _structure(message: str) -> None:
    """SNS API, Publish, MessageStructure."""
    try:
        structured = json.loads(message)
    except ValueError:
        raise _invalid("Message Structure - JSON message body failed to parse") from None
    if not isinstance(structured, dict) or not isinstance(structured.get("default"), str):
        raise _invalid("Message Structure - No default entry in JSON message body")


def _invalid(what: str) -> AwsError:
    return AwsError("InvalidParameter", f"Invalid parameter: {what}")
