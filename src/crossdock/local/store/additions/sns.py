"""SNS: a topic tells how it signs and whether it is traced, where that was set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped

_TOLD = {"SignatureVersion": "signature_version", "TracingConfig": "tracing_config"}


def _with_more(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def get_topic_attributes(self: Any) -> Any:
        answer = as_written(self)
        topic = self.backend.get_topic(self._get_param("TopicArn"))
        for name, attribute in _TOLD.items():
            if value := getattr(topic, attribute, None):
                answer.result["Attributes"][name] = value
        return answer

    return get_topic_attributes


WRAPPED: Wrapped = (("SNSResponse", "get_topic_attributes", _with_more),)
