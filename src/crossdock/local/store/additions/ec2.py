"""EC2: what came with something goes with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.utils import add_tag_specification

from crossdock.local.store.additions.base import NoSuch, Wrapped


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


def _public(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def create_nat_gateway(self: Any, *given: Any, **more: Any) -> Any:
        """A gateway is public where nothing is said (EC2 API, CreateNatGateway)."""
        return as_written(self, *given, **{**more, "connectivity_type": more.get("connectivity_type") or "public"})

    return create_nat_gateway


def _growing(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def modify_volume(self: Any, volume_id: str, target_size: int | None = None, *given: Any, **more: Any) -> Any:
        """A volume never shrinks (EBS User Guide, "Limitations" of Elastic Volumes)."""
        if target_size and target_size < self.get_volume(volume_id).size:
            raise NoSuch("InvalidParameterValue", "New size cannot be smaller than existing size")
        return as_written(self, volume_id, target_size, *given, **more)

    return modify_volume


def _undescribed(as_written: Callable[..., None]) -> Callable[..., None]:
    def modify_network_interface_attribute(self: Any, eni_id: str, *given: Any, **more: Any) -> None:
        """A description can be taken away: moto doesn't look at an empty one."""
        as_written(self, eni_id, *given, **more)
        if "" in (given[2] if len(given) > 2 else None, more.get("description")):
            self.get_network_interface(eni_id).description = ""

    return modify_network_interface_attribute


def _let_go(as_written: Callable[..., None]) -> Callable[..., None]:
    def associate_dhcp_options(self: Any, dhcp_options: Any, vpc: Any) -> None:
        """Options that a VPC had before are free again."""
        self.disassociate_dhcp_options(vpc)
        as_written(self, dhcp_options, vpc)

    return associate_dhcp_options


def _untagged(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def delete(self: Any, *given: Any, **more: Any) -> Any:
        """The tags of what is deleted go with it: moto shows them for ever."""
        gone = as_written(self, *given, **more)
        for value in (*given, *more.values()):
            for id_ in value if isinstance(value, list) else [value]:
                if isinstance(id_, str):
                    self.tags.pop(id_, None)
        return gone

    return delete


_DELETED = (
    "delete_vpc", "delete_subnet", "delete_route_table", "delete_internet_gateway", "delete_security_group",
    "delete_egress_only_internet_gateway", "delete_network_acl", "delete_dhcp_options_set", "delete_volume",
    "delete_network_interface", "delete_flow_logs", "release_address", "delete_vpn_gateway",
)


def _own_interfaces(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def prep_nics(self: Any, nic_spec: list[dict[str, Any]], *given: Any, **more: Any) -> None:
        """An interface that is made with an instance goes with it (EC2 User Guide, "Network interface attributes",
        termination behavior); one that was there stays."""
        brought = {nic.get("NetworkInterfaceId") for nic in nic_spec or ()}
        kept = {int(nic.get("DeviceIndex", 0)) for nic in nic_spec or () if nic.get("DeleteOnTermination") is False}
        as_written(self, nic_spec, *given, **more)
        for index, interface in self.nics.items():
            if interface.id not in brought and index not in kept:
                interface.delete_on_termination = True

    return prep_nics


def _tagged_options(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def create_dhcp_options(self: Any) -> Any:
        """The tags with which options are made are kept."""
        answer = as_written(self)
        if own := add_tag_specification(self._get_param("TagSpecifications", [])):
            self.ec2_backend.create_tags([answer.result["DhcpOptions"].id], own)
        return answer

    return create_dhcp_options


def _named_privately(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def modify_vpc_endpoint(self: Any) -> Any:
        """Private names are turned on and off later too: moto doesn't look at that."""
        answer = as_written(self)
        if (wanted := self._get_bool_param("PrivateDnsEnabled")) is not None:
            self.ec2_backend.vpc_end_points[self._get_param("VpcEndpointId")].private_dns_enabled = wanted
        return answer

    return modify_vpc_endpoint


_GATEWAYS = ("s3", "dynamodb")


def _of_region(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def create_vpc_endpoint(self: Any, *given: Any, **more: Any) -> Any:
        """A gateway endpoint is one for a service of its region."""
        service, kind = str(more.get("service_name")), str(more.get("endpoint_type") or "Gateway")
        if kind == "Gateway" and service not in {f"com.amazonaws.{self.region_name}.{name}" for name in _GATEWAYS}:
            raise NoSuch("InvalidServiceName", f"The Vpc Endpoint Service '{service}' does not exist")
        return as_written(self, *given, **more)

    return create_vpc_endpoint


WRAPPED: Wrapped = (
    *(("EC2Backend", name, _untagged) for name in _DELETED),
    ("instances.Instance", "prep_nics", _own_interfaces),
    ("responses.vpcs.VPCs", "modify_vpc_endpoint", _named_privately),
    ("responses.dhcp_options.DHCPOptions", "create_dhcp_options", _tagged_options),
    ("EC2Backend", "create_nat_gateway", _public),
    ("EC2Backend", "modify_volume", _growing),
    ("EC2Backend", "associate_dhcp_options", _let_go),
    ("EC2Backend", "modify_network_interface_attribute", _undescribed),
    ("EC2Backend", "create_vpc_endpoint", _of_region),
    ("EC2Backend", "delete_vpc", _without_default_acl),
    ("EC2Backend", "delete_nat_gateway", _without_interface),
)
