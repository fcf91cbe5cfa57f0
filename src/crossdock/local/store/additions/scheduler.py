"""EventBridge Scheduler: what an update doesn't say goes back to its default (Scheduler API, UpdateSchedule)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _with_defaults(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def update_schedule(self: Any, **given: Any) -> Any:
        given["state"] = given.get("state") or "ENABLED"
        given["schedule_expression_timezone"] = given.get("schedule_expression_timezone") or "UTC"
        return as_written(self, **given)

    return update_schedule


WRAPPED: Wrapped = (("EventBridgeSchedulerBackend", "update_schedule", _with_defaults),)
