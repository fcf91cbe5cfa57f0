"""Cloud Map: a namespace names its hosted zone as Route 53's users do, and the zone goes with it (Cloud Map API
reference, DeleteNamespace)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _named(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def create(self: Any, *given: Any, **more: Any) -> Any:
        answer = as_written(self, *given, **more)
        for namespace in self.namespaces.values():
            told = namespace.dns_properties or {}
            if "HostedZoneId" in told:
                told["HostedZoneId"] = told["HostedZoneId"].rpartition("/")[2]
        return answer

    return create


def _with_its_zone(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def delete_namespace(self: Any, namespace_id: str) -> Any:
        from moto.route53.models import route53_backends
        from moto.utilities.utils import get_partition

        held = self.namespaces.get(namespace_id)
        zone = (held.dns_properties or {}).get("HostedZoneId") if held else None
        answer = as_written(self, namespace_id)
        zones = route53_backends[self.account_id][get_partition(self.region_name)]
        if zone in zones.zones:
            zones.delete_hosted_zone(zone)
        return answer

    return delete_namespace


WRAPPED: Wrapped = (
    ("ServiceDiscoveryBackend", "create_private_dns_namespace", _named),
    ("ServiceDiscoveryBackend", "create_public_dns_namespace", _named),
    ("ServiceDiscoveryBackend", "delete_namespace", _with_its_zone),
)
