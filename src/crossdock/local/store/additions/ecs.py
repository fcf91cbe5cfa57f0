"""ECS: what a service is made with counts from its beginning, not from its first update; lists show no cluster that was
deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.utils import camelcase_to_underscores

from crossdock.local.store.additions.base import Wrapped

_MORE = ("capacityProviderStrategy", "deploymentConfiguration", "enableECSManagedTags", "enableExecuteCommand",
         "healthCheckGracePeriodSeconds", "placementConstraints", "placementStrategy", "availabilityZoneRebalancing")


def _with_all(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def create_service(self: Any) -> Any:
        answer = as_written(self)
        for member in _MORE:
            if (value := self._get_param(member)) is not None:
                setattr(answer.result["service"], camelcase_to_underscores(member), value)
        return answer

    return create_service


def _active(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def list_clusters(self: Any) -> list[str]:
        gone = {cluster.arn for cluster in self.clusters.values() if cluster.status == "INACTIVE"}
        return [arn for arn in as_written(self) if arn not in gone]

    return list_clusters


WRAPPED: Wrapped = (
    ("responses.EC2ContainerServiceResponse", "create_service", _with_all),
    ("EC2ContainerServiceBackend", "list_clusters", _active),
)
