"""DynamoDB: a stream can be turned on again; class and encryption of a table change."""

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


def _more_of_table(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def update_table(self: Any) -> Any:
        """The class and the encryption of a table change too: moto leaves them."""
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        if "TableClass" in self.body:
            table.table_class = self.body["TableClass"]
        if "SSESpecification" in self.body:
            wanted = dict(self.body["SSESpecification"])
            if wanted.get("Enabled") and "KMSMasterKeyId" not in wanted:
                wanted["KMSMasterKeyId"] = table._get_default_encryption_key(table.account_id, table.region_name)
            table.sse_specification = wanted
        return as_written(self)

    return update_table


def _made_of_class(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def create_table(self: Any) -> Any:
        answer = as_written(self)
        if chosen := self.body.get("TableClass"):
            self.dynamodb_backend.get_table(self.body["TableName"]).table_class = chosen
        return answer

    return create_table


def _with_class(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def describe(self: Any, base_key: str = "TableDescription") -> Any:
        """DescribeTable tells the class of a table to which one was given."""
        told = as_written(self, base_key)
        if chosen := getattr(self, "table_class", ""):
            told[base_key]["TableClassSummary"] = {"TableClass": chosen}
        return told

    return describe


WRAPPED: Wrapped = (
    ("DynamoDBBackend", "update_table_streams", _corrected_streams),
    ("DynamoHandler", "update_table", _more_of_table),
    ("DynamoHandler", "create_table", _made_of_class),
    ("Table", "describe", _with_class),
)
