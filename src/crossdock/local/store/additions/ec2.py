"""EC2: what came with something goes with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _without_default_acl(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def delete_vpc(self: Any, vpc_id: str) -> Any:
        """A VPC's own network ACL goes with it: moto keeps it."""
        gone = as_written(self, vpc_id)
        for name in [name for name, acl in self.network_acls.items() if acl.vpc_id == vpc_id]:
            del self.network_acls[name]
        return gone

    return delete_vpc


def _without_interface(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def delete_nat_gateway(self: Any, nat_gateway_id: str) -> Any:
        """A NAT gateway's network interface goes with it, and its address is free again: moto keeps both."""
        gone = as_written(self, nat_gateway_id)
        for address in self.describe_addresses():
            if address.eni is not None and address.eni is gone._eni:
                address.eni = address.association_id = None
        self.enis.pop(gone._eni.id, None)
        return gone

    return delete_nat_gateway


WRAPPED: Wrapped = (
    ("EC2Backend", "delete_vpc", _without_default_acl),
    ("EC2Backend", "delete_nat_gateway", _without_interface),
)
