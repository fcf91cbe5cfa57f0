"""Route 53: a deleted record can be made again; alias records, which have no TTL, can be deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _forgotten(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def change_resource_record_sets(self: Any, zoneid: str, change_list: list[dict[str, Any]]) -> Any:
        """A deleted record can be made again: moto looks for it among all changes there ever were."""
        answer = as_written(self, zoneid, change_list)
        journal = self.get_hosted_zone(zoneid).rr_changes
        for gone in (change["ResourceRecordSet"] for change in change_list if change["Action"] == "DELETE"):
            is_it = {key: str(gone.get(key, "")).strip(".") for key in ("Name", "Type", "SetIdentifier")}
            journal[:] = [kept for kept in journal if kept["Action"] == "DELETE" or is_it != {
                key: str(kept["ResourceRecordSet"].get(key, "")).strip(".") for key in is_it}]
        return answer

    return change_resource_record_sets


def _compared(_: Callable[..., Any]) -> Callable[..., Any]:
    def has_insert_or_update(self: Any, wanted: dict[str, Any]) -> bool:
        """Whether a record was made as it is to be deleted: moto takes one with a TTL to have values."""
        for change in self:
            made = change["ResourceRecordSet"]
            if change["Action"] in ("CREATE", "UPSERT") and made["Type"] == wanted["Type"] \
                    and made["Name"].strip(".") == wanted["Name"].strip("."):
                alike = all(made.get(key) == wanted.get(key) for key in ("TTL", "ResourceRecords"))
                if alike or "ResourceRecords" not in made:
                    return True
        return False

    return has_insert_or_update


WRAPPED: Wrapped = (
    ("Route53Backend", "change_resource_record_sets", _forgotten),
    ("ChangeList", "has_insert_or_update", _compared),
)
