"""S3: that a bucket tells EventBridge is told too, and its tags may be AWS's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import xmltodict  # type: ignore[import-untyped]
from moto.s3.exceptions import DuplicateTagKeys

from crossdock.local.store.additions.base import Wrapped

_END = "</NotificationConfiguration>"


def _with_event_bridge(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def get_bucket_notification(self: Any) -> Any:
        status, headers, body = as_written(self)
        wanted = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if wanted is not None and wanted.event_bridge is not None:
            body = re.sub(r"(<NotificationConfiguration[^>]*)/>$", rf"\1>{_END}", str(body))
            body = body.replace(_END, f"<EventBridgeConfiguration/>{_END}")
        return status, headers, body

    return get_bucket_notification


def _bucket_tags(_as_written: Callable[..., Any]) -> Callable[..., Any]:
    def bucket_tagging_from_body(self: Any) -> dict[str, str]:
        """The tags of a bucket, AWS's own among them: whose they are is asked at the door."""
        tags: dict[str, str] = {}
        sent = (xmltodict.parse(self.body, force_list={"Tag"})["Tagging"] or {}).get("TagSet") or {}
        for tag in sent.get("Tag", []):
            if tag["Key"] in tags:
                raise DuplicateTagKeys
            tags[tag["Key"]] = tag["Value"] or ""
        return tags

    return bucket_tagging_from_body


WRAPPED: Wrapped = (
    ("S3Response", "_bucket_tagging_from_body", _bucket_tags),
    ("S3Response", "get_bucket_notification", _with_event_bridge),
)
