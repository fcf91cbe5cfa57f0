"""Kinesis: the tags with which a stream is made are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _tagged(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def create_stream(self: Any) -> Any:
        answer = as_written(self)
        if tags := self._get_param("Tags"):
            self.kinesis_backend.add_tags_to_stream(None, self._get_param("StreamName"), tags)
        return answer

    return create_stream


WRAPPED: Wrapped = (("KinesisResponse", "create_stream", _tagged),)
