"""Where moto says no to what AWS takes: corrected once, before the store is used."""

from __future__ import annotations

import json
from typing import Any

from moto.iam.policy_validation import IAMPolicyDocumentValidator
from moto.sqs.exceptions import SQSException
from moto.sqs.models import Queue
from moto.utilities.tagging_service import TaggingService


def apply() -> None:
    IAMPolicyDocumentValidator._validate_version = _validate_version
    Queue._setup_dlq = _setup_dlq
    if not hasattr(TaggingService, "validate_own_tags"):
        TaggingService.validate_own_tags = TaggingService.validate_tags
        TaggingService.validate_tags = _validate_tags


def _validate_tags(self: Any, tags: list[dict[str, str]], limit: int = 0) -> str:
    """Tags of AWS's own are kept too: whose they are is asked at the door."""
    others = [tag for tag in tags if not tag.get(self.key_name, "").startswith("aws:")]
    said: str = self.validate_own_tags(others, **({"limit": limit} if limit else {}))
    return said


_setup = Queue._setup_dlq


def _setup_dlq(self: Any, policy: Any) -> None:
    """A dead-letter queue that is not there is a bad value of the policy (SQS API Reference, SetQueueAttributes)."""
    try:
        _setup(self, policy)
    except SQSException as error:
        if "Could not find DLQ" not in str(error):
            raise
        told = json.dumps(self.redrive_policy, separators=(",", ":"))
        said = f"Value {told} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist."
        raise SQSException("InvalidParameterValue", said) from error


def _validate_version(self: IAMPolicyDocumentValidator) -> None:
    """A policy without a Version is one of 2008-10-17 (IAM User Guide, reference_policies_elements_version), and IAM
    stores it: the policies of SAM's templates are such."""
    assert self._policy_json.get("Version", "2012-10-17") == "2012-10-17"  # noqa: S101  moto's way of saying no


def body(service: str, given: bytes) -> bytes:
    """A request as moto understands it: its Kinesis knows a stream in an iterator by name only."""
    if service != "kinesis" or b"StreamARN" not in given:
        return given
    try:
        params = json.loads(given)
    except ValueError:  # a protocol other than JSON
        return given
    arn = str(params.get("StreamARN") or "")
    return json.dumps({"StreamName": arn.rpartition("/")[2], **params}).encode() if arn else given
