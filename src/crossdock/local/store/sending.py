"""What topics and buckets send: moto would put it straight into its own queues and functions, whatever their policies
say, and call web addresses; here it leaves the store as parcels, which somebody carries through the door.

Shapes: SNS Developer Guide, sns-message-and-json-formats; Lambda Developer Guide, with-sns; S3 User Guide,
notification-content-structure and ev-events.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.s3 import notifications
from moto.sns.models import Subscription
from moto.sns.utils import FilterPolicyMatcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Something on its way from a topic or a bucket.

    service       the principal that sends it, on behalf of `source` (an ARN) in `account`
    to            the ARN of a queue, topic, function; empty: the default event bus of the account
    attributes    message attributes as SQS takes them; of an event: source, detail-type
    dead_letters  the ARN of a queue for what can't be delivered; empty: it is lost
    """

    service: str
    source: str
    account: str
    region: str
    to: str
    body: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""
    deduplication: str = ""
    dead_letters: str = ""


_leaving: list[Parcel] = []
"""Written and emptied under the store's lock."""


def collected() -> list[Parcel]:
    """What was sent since this was last asked."""
    gone = list(_leaving)
    _leaving.clear()
    return gone


def apply() -> None:
    """Once, before the store is used."""
    Subscription.publish = _publish
    notifications.send_event = _send_event
    notifications.send_test_event = _send_test_event
    if not hasattr(FilterPolicyMatcher, "as_written"):
        FilterPolicyMatcher.as_written = FilterPolicyMatcher._field_match
        FilterPolicyMatcher._field_match = staticmethod(_field_match)


def _field_match(field: str, rules: list[Any], *rest: Any) -> bool:
    """moto lowers what it compares and not what it compares with (SNS Developer Guide, string-value-matching)."""
    key = "equals-ignore-case"
    lowered = [{**rule, key: rule[key].lower()} if isinstance(rule, dict) and isinstance(rule.get(key), str) else rule
               for rule in rules]
    return bool(FilterPolicyMatcher.as_written(field, lowered, *rest))


def _publish(
    self: Subscription, message: str, message_id: str, subject: str | None = None,
    message_attributes: dict[str, Any] | None = None, group_id: str | None = None,
    deduplication_id: str | None = None, message_structure: str | None = None,
) -> None:
    """To a queue or a function. Whoever has to confirm a subscription first (web addresses, mail, telephones) never
    does here, and gets nothing."""
    matcher = self._filter_policy_matcher
    if self.protocol not in ("sqs", "lambda") or (matcher and not matcher.matches(message_attributes, message)):
        return
    if message_structure == "json":
        message = self._parse_message_structure(message, self.protocol)
    body, attributes = message, {}
    if self.protocol == "lambda":
        body = json.dumps({"Records": [{
            "EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": self.arn,
            "Sns": _for_a_function(self.get_post_data(message, message_id, subject, message_attributes)),
        }]})
    elif str(self.attributes.get("RawMessageDelivery")).lower() == "true":
        attributes = {name: _raw(value) for name, value in (message_attributes or {}).items()}
    else:
        told = self.get_post_data(message, message_id, subject, message_attributes=message_attributes)
        body = json.dumps(told, indent=2)
    redrive = json.loads(self.attributes.get("RedrivePolicy") or "{}")
    _leaving.append(Parcel(
        service="sns.amazonaws.com", source=self.topic.arn, account=self.topic.account_id,
        region=self.topic.arn.split(":")[3], to=self.endpoint, body=body, attributes=attributes, group=group_id or "",
        deduplication=deduplication_id or "", dead_letters=redrive.get("deadLetterTargetArn", ""),
    ))


def _raw(value: Mapping[str, Any]) -> dict[str, Any]:
    if value["Type"].startswith("Binary"):
        return {"DataType": value["Type"], "BinaryValue": value["Value"]}
    return {"DataType": value["Type"], "StringValue": str(value["Value"])}


def _for_a_function(told: dict[str, Any]) -> dict[str, Any]:
    """Functions get other spellings, and what is not there as null."""
    spelt = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}
    return {"Subject": None, "MessageAttributes": {}} | {spelt.get(name, name): told[name] for name in told}


def _from_bucket(bucket: Any, to: str, body: str, **more: Any) -> Parcel:
    return Parcel(service="s3.amazonaws.com", source=bucket.arn, account=bucket.account_id, region=bucket.region_name,
                  to=to, body=body, **more)


def _send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:  # noqa: ARG001  as moto calls it
    wanted = bucket.notification_configuration
    if wanted is None:
        return
    for one in (*wanted.cloud_function, *wanted.queue, *wanted.topic):
        if one.matches(event_name, key.name):
            event = notifications._get_s3_event(event_name, bucket, key, one.id)
            _leaving.append(_from_bucket(bucket, one.arn, json.dumps(event)))
    if wanted.event_bridge is not None and (kind := _KINDS.get(str(event_name.value).split(":")[1])):
        detail = {"version": "0", "bucket": {"name": bucket.name}, "object": {
            "key": key.name, "size": key.size, "etag": key.etag.replace('"', ""),
            **({"version-id": key.version_id} if bucket.is_versioned else {})}, "requester": bucket.account_id}
        reason = _REASONS.get(str(event_name.value))
        _leaving.append(_from_bucket(bucket, "", json.dumps(detail | ({"reason": reason} if reason else {})),
                                     attributes={"source": "aws.s3", "detail-type": kind}))


_KINDS = {"ObjectCreated": "Object Created", "ObjectRemoved": "Object Deleted", "ObjectTagging": "Object Tags Added",
          "ObjectAcl": "Object ACL Updated", "ObjectRestore": "Object Restore Completed"}
_REASONS = {"s3:ObjectCreated:Put": "PutObject", "s3:ObjectCreated:Copy": "CopyObject",
            "s3:ObjectCreated:Post": "POST Object",
            "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
            "s3:ObjectRemoved:Delete": "DeleteObject", "s3:ObjectRemoved:DeleteMarkerCreated": "DeleteObject"}


def _send_test_event(account_id: str, bucket: Any) -> None:  # noqa: ARG001  as moto calls it
    """Queues and topics are told that they will be (S3 User Guide, notification-content-structure)."""
    wanted = bucket.notification_configuration
    for arn in dict.fromkeys(one.arn for one in (*wanted.queue, *wanted.topic)):
        _leaving.append(_from_bucket(bucket, arn, json.dumps(notifications._get_test_event(bucket.name))))
