"""CloudWatch Logs: a filter is changed, not doubled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _one_filter(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def put_metric_filter(self: Any, filter_name: str, filter_pattern: str, group: str, metrics: Any) -> Any:
        """A filter of that name is changed: moto adds another."""
        held = self.filters.metric_filters
        held[:] = [one for one in held if (one["filterName"], one["logGroupName"]) != (filter_name, group)]
        return as_written(self, filter_name, filter_pattern, group, metrics)

    return put_metric_filter


WRAPPED: Wrapped = (("LogsBackend", "put_metric_filter", _one_filter),)
