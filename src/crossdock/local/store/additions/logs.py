"""CloudWatch Logs: a filter is changed, not doubled; a group takes another key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.logs.exceptions import ResourceNotFoundException

from crossdock.local.store.additions.base import Added, Wrapped


def _one_filter(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def put_metric_filter(self: Any, filter_name: str, filter_pattern: str, group: str, metrics: Any) -> Any:
        """A filter of that name is changed: moto adds another."""
        held = self.filters.metric_filters
        held[:] = [one for one in held if (one["filterName"], one["logGroupName"]) != (filter_name, group)]
        return as_written(self, filter_name, filter_pattern, group, metrics)

    return put_metric_filter


def _associate(self: Any) -> str:
    """The key that encrypts what is logged from now on."""
    _group(self).kms_key_id = self._get_param("kmsKeyId")
    return "{}"


def _disassociate(self: Any) -> str:
    _group(self).kms_key_id = None
    return "{}"


def _group(self: Any) -> Any:
    name = self._get_param("logGroupName")
    if name not in self.logs_backend.groups:
        raise ResourceNotFoundException
    return self.logs_backend.groups[name]


ADDED: Added = {"LogsResponse": {"associate_kms_key": _associate, "disassociate_kms_key": _disassociate}}
WRAPPED: Wrapped = (("LogsBackend", "put_metric_filter", _one_filter),)
