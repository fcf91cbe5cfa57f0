"""DynamoDB: a stream can be turned on again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _corrected_streams(as_written: Callable[..., None]) -> Callable[..., None]:
    def update_table_streams(self: Any, table: Any, stream_specification: dict[str, Any]) -> None:
        """A stream that was turned off can be turned on again: moto asks whether there ever was one."""
        if table.latest_stream_label and not (table.stream_specification or {}).get("StreamEnabled"):
            table.latest_stream_label = None
        as_written(self, table, stream_specification)

    return update_table_streams


WRAPPED: Wrapped = (("DynamoDBBackend", "update_table_streams", _corrected_streams),)
