"""S3: that a bucket tells EventBridge is told too."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

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


WRAPPED: Wrapped = (("S3Response", "get_bucket_notification", _with_event_bridge),)
