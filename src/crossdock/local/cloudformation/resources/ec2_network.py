"""AWS::EC2: the network a VPC is made of. It is kept and shown; nothing is routed here, and no packet is filtered."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, handlers
from crossdock.local.cloudformation.resources.ec2_tags import ResourceTags, specification
from crossdock.local.cloudformation.resources.handler import Context, Failed, Handler, Props, pick, words
from crossdock.local.cloudformation.resources.shapes import truth


def _flags(operation: str, member: str, *names: str) -> tuple[Own, ...]:
    """Settings that the API changes one at a time, each wrapped in a `Value`."""

    def settle(name: str) -> Own:
        def change(ctx: Context, id_: str, _old: Props, new: Props) -> None:
            value = truth(new.get(name, name == "EnableDnsSupport"))
            ctx.call("ec2", operation, {member: id_, name: {"Value": value}})

        return Own(of=name, settle=change, created=True)

    return tuple(settle(name) for name in names)


def _attach(ctx: Context, props: Props) -> str:
    vpc = str(props["VpcId"])
    if "InternetGatewayId" in props:
        ctx.call("ec2", "AttachInternetGateway", pick(props, "VpcId InternetGatewayId"))
        return f"IGW|{vpc}"
    if "VpnGatewayId" not in props:
        raise Failed("Either InternetGatewayId or VpnGatewayId must be specified")
    ctx.call("ec2", "AttachVpnGateway", pick(props, "VpcId VpnGatewayId"))
    return f"VGW|{vpc}"


def _detach(ctx: Context, props: Props) -> None:
    if "InternetGatewayId" in props:
        ctx.drop("ec2", "DetachInternetGateway", pick(props, "VpcId InternetGatewayId"))
    else:
        ctx.drop("ec2", "DetachVpnGateway", pick(props, "VpcId VpnGatewayId"))


def _reattach(ctx: Context, _: str, old: Props, new: Props) -> None:
    _detach(ctx, old)
    _attach(ctx, new)


_DESTINATIONS = "RouteTableId DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId"
_TARGETS = ("EgressOnlyInternetGatewayId GatewayId InstanceId NatGatewayId NetworkInterfaceId TransitGatewayId "
            "VpcPeeringConnectionId")
_FIRST = "CarrierGatewayId VpcEndpointId"
"""Targets that a route is made with; the store changes none to them."""


def _destination(_: Context, _id: str, props: Props) -> dict[str, Any]:
    return pick(props, _DESTINATIONS)


def _create_route(ctx: Context, props: Props) -> str:
    ctx.call("ec2", "CreateRoute", pick(props, f"{_DESTINATIONS} {_FIRST} {_TARGETS}"))
    to = next((props[name] for name in _DESTINATIONS.split()[1:] if name in props), "")
    return f"{props['RouteTableId']}|{to}"


def _associate_table(ctx: Context, props: Props) -> str:
    """A subnet has one table: another one takes the place of its own."""
    held = ctx.call("ec2", "DescribeRouteTables", {
        "Filters": [{"Name": "association.subnet-id", "Values": [props["SubnetId"]]}]})["RouteTables"]
    present = [a["RouteTableAssociationId"] for table in held for a in table["Associations"]
               if a.get("SubnetId") == props["SubnetId"]]
    if present:
        given = {"AssociationId": present[0], "RouteTableId": props["RouteTableId"]}
        return str(ctx.call("ec2", "ReplaceRouteTableAssociation", given)["NewAssociationId"])
    return str(ctx.call("ec2", "AssociateRouteTable", pick(props, "RouteTableId SubnetId"))["AssociationId"])


def _associate_acl(ctx: Context, props: Props) -> str:
    """A subnet always has an ACL: what is made is a replacement of its association."""
    current = ctx.call("ec2", "DescribeNetworkAcls", {
        "Filters": [{"Name": "association.subnet-id", "Values": [props["SubnetId"]]}]})["NetworkAcls"]
    held = next(a["NetworkAclAssociationId"] for acl in current for a in acl["Associations"]
                if a["SubnetId"] == props["SubnetId"])
    given = {"AssociationId": held, "NetworkAclId": props["NetworkAclId"]}
    return str(ctx.call("ec2", "ReplaceNetworkAclAssociation", given)["NewAssociationId"])


def _default_acl(ctx: Context, _: str, props: Props) -> None:
    """Deleting an association gives the subnet back to the VPC's default ACL."""
    vpc = ctx.call("ec2", "DescribeSubnets", {"SubnetIds": [props["SubnetId"]]})["Subnets"][0]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}]
    default = ctx.call("ec2", "DescribeNetworkAcls", {"Filters": filters})["NetworkAcls"][0]["NetworkAclId"]
    _associate_acl(ctx, {"SubnetId": props["SubnetId"], "NetworkAclId": default})


def _entry(operation: str) -> Any:
    def put(ctx: Context, props: Props) -> str:
        given = pick(props, "NetworkAclId RuleNumber Protocol RuleAction CidrBlock Ipv6CidrBlock PortRange")
        given["Egress"] = truth(props.get("Egress", False))
        if "Icmp" in props:
            given["IcmpTypeCode"] = props["Icmp"]
        ctx.call("ec2", operation, given)
        return ctx.name(64)

    return put


def _entry_key(_: Context, _id: str, props: Props) -> dict[str, Any]:
    return {**pick(props, "NetworkAclId RuleNumber"), "Egress": truth(props.get("Egress", False))}


_DHCP = {"DomainName": "domain-name", "DomainNameServers": "domain-name-servers", "NtpServers": "ntp-servers",
         "NetbiosNameServers": "netbios-name-servers", "NetbiosNodeType": "netbios-node-type"}


def _create_dhcp(ctx: Context, props: Props) -> str:
    given = [{"Key": key, "Values": props[name] if isinstance(props[name], list) else [str(props[name])]}
             for name, key in _DHCP.items() if name in props]
    answer = ctx.call("ec2", "CreateDhcpOptions", {"DhcpConfigurations": given, **specification("dhcp-options", props)})
    return str(answer["DhcpOptions"]["DhcpOptionsId"])


def _associate_dhcp(ctx: Context, props: Props) -> str:
    ctx.call("ec2", "AssociateDhcpOptions", pick(props, "DhcpOptionsId VpcId"))
    return f"{props['DhcpOptionsId']}|{props['VpcId']}"


def _leave_dhcp(ctx: Context, props: Props) -> None:
    """Back to the default options, or to those of the association that the stack has now in its place."""
    held = ctx.stack.resources.get(ctx.logical_id)
    now = held.properties if held is not None and held.properties.get("VpcId") == props["VpcId"] else props
    options = "default" if now["DhcpOptionsId"] == props["DhcpOptionsId"] else now["DhcpOptionsId"]
    ctx.drop("ec2", "AssociateDhcpOptions", {"DhcpOptionsId": options, "VpcId": props["VpcId"]})


def _add_block(ctx: Context, props: Props) -> str:
    given = pick(props, "CidrBlock Ipv6CidrBlock VpcId AmazonProvidedIpv6CidrBlock Ipv6Pool "
                        "Ipv6CidrBlockNetworkBorderGroup")  # fmt: skip
    answer = ctx.call("ec2", "AssociateVpcCidrBlock", given)
    made = answer.get("Ipv6CidrBlockAssociation") or answer["CidrBlockAssociation"]
    return str(made["AssociationId"])


def _of_vpc(ctx: Context, vpc: str) -> dict[str, Any]:
    """What came with the VPC: its default group and ACL."""
    mine = {"Name": "vpc-id", "Values": [vpc]}
    groups = ctx.call("ec2", "DescribeSecurityGroups", {
        "Filters": [mine, {"Name": "group-name", "Values": ["default"]}]})["SecurityGroups"]
    acls = ctx.call("ec2", "DescribeNetworkAcls", {
        "Filters": [mine, {"Name": "default", "Values": ["true"]}]})["NetworkAcls"]
    return {"DefaultSecurityGroup": groups[0]["GroupId"], "DefaultNetworkAcl": acls[0]["NetworkAclId"]}


def _of_subnet(ctx: Context, subnet: str) -> dict[str, Any]:
    acls = ctx.call("ec2", "DescribeNetworkAcls", {
        "Filters": [{"Name": "association.subnet-id", "Values": [subnet]}]})["NetworkAcls"]
    held = [a["NetworkAclAssociationId"] for acl in acls for a in acl["Associations"] if a["SubnetId"] == subnet]
    return {"NetworkAclAssociationId": held[0]} if held else {}


TYPES = (
    *handlers(
        Kind(
            type="AWS::EC2::VPC", service="ec2", who="VpcId", id="Vpc.VpcId", create="CreateVpc", delete="DeleteVpc",
            takes="CidrBlock InstanceTenancy", tagging=ResourceTags(kind="vpc"), arn="{id}",
            steps=_flags("ModifyVpcAttribute", "VpcId", "EnableDnsSupport", "EnableDnsHostnames"),
            read=("DescribeVpcs", "Vpcs[0]"), read_who="VpcIds[]", also=_of_vpc,
            found={"CidrBlock": "CidrBlock",
                   "CidrBlockAssociations": "CidrBlockAssociationSet[].AssociationId",
                   "Ipv6CidrBlocks": "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock"},
        ),
        Kind(
            type="AWS::EC2::Subnet", service="ec2", who="SubnetId", id="Subnet.SubnetId", create="CreateSubnet",
            delete="DeleteSubnet", takes="VpcId CidrBlock AvailabilityZone AvailabilityZoneId Ipv6CidrBlock Ipv6Native",
            steps=_flags("ModifySubnetAttribute", "SubnetId", "MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation"),
            read=("DescribeSubnets", "Subnets[0]"), read_who="SubnetIds[]",
            found={"AvailabilityZone": "AvailabilityZone", "VpcId": "VpcId", "CidrBlock": "CidrBlock",
                   "AvailabilityZoneId": "AvailabilityZoneId",
                   "Ipv6CidrBlocks": "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock"},
            also=_of_subnet, tagging=ResourceTags(kind="subnet"), arn="{id}",
            accepted="EnableDns64 PrivateDnsNameOptionsOnLaunch",
        ),
        Kind(
            type="AWS::EC2::InternetGateway", service="ec2", who="InternetGatewayId", create="CreateInternetGateway",
            id="InternetGateway.InternetGatewayId", delete="DeleteInternetGateway", takes="",
            tagging=ResourceTags(kind="internet-gateway"), arn="{id}", found={"InternetGatewayId": "={id}"},
        ),
        Kind(
            type="AWS::EC2::EgressOnlyInternetGateway", service="ec2", who="EgressOnlyInternetGatewayId",
            id="EgressOnlyInternetGateway.EgressOnlyInternetGatewayId", create="CreateEgressOnlyInternetGateway",
            delete="DeleteEgressOnlyInternetGateway", takes="VpcId", found={"Id": "={id}"},
            tagging=ResourceTags(kind="egress-only-internet-gateway"), arn="{id}",
        ),
        Kind(
            type="AWS::EC2::RouteTable", service="ec2", who="RouteTableId", id="RouteTable.RouteTableId",
            create="CreateRouteTable", delete="DeleteRouteTable", takes="VpcId", found={"RouteTableId": "={id}"},
            tagging=ResourceTags(kind="route-table"), arn="{id}",
        ),
        Kind(
            type="AWS::EC2::Route", service="ec2", who=_destination, create="CreateRoute", delete="DeleteRoute",
            takes=f"{_DESTINATIONS} {_FIRST}", make=_create_route,
            steps=(Step(operation="ReplaceRoute", whole=True, of=_TARGETS),),
        ),
        Kind(
            type="AWS::EC2::SubnetRouteTableAssociation", service="ec2", who="AssociationId", make=_associate_table,
            create="AssociateRouteTable", delete="DisassociateRouteTable", takes="RouteTableId SubnetId",
            found={"Id": "={id}"},
        ),
        Kind(
            type="AWS::EC2::NatGateway", service="ec2", who="NatGatewayId", id="NatGateway.NatGatewayId",
            create="CreateNatGateway", delete="DeleteNatGateway",
            takes="SubnetId AllocationId ConnectivityType PrivateIpAddress SecondaryAllocationIds "
                  "SecondaryPrivateIpAddresses SecondaryPrivateIpAddressCount",
            unkept="PrivateIpAddress SecondaryAllocationIds SecondaryPrivateIpAddresses SecondaryPrivateIpAddressCount",
            found={"NatGatewayId": "={id}"}, tagging=ResourceTags(kind="natgateway"), arn="{id}",
            accepted="MaxDrainDurationSeconds",
        ),
        Kind(
            type="AWS::EC2::NetworkAcl", service="ec2", who="NetworkAclId", id="NetworkAcl.NetworkAclId",
            create="CreateNetworkAcl", delete="DeleteNetworkAcl", takes="VpcId", found={"Id": "={id}"},
            tagging=ResourceTags(kind="network-acl"), arn="{id}",
        ),
        Kind(
            type="AWS::EC2::NetworkAclEntry", service="ec2", who=_entry_key, create="CreateNetworkAclEntry",
            delete="DeleteNetworkAclEntry", takes="NetworkAclId RuleNumber Egress",
            make=_entry("CreateNetworkAclEntry"),
            steps=(Own(of="Protocol RuleAction CidrBlock Ipv6CidrBlock PortRange Icmp",
                       settle=lambda ctx, _id, _old, new: _entry("ReplaceNetworkAclEntry")(ctx, new)),),
            found={"Id": "={id}"},
        ),
        Kind(
            type="AWS::EC2::DHCPOptions", service="ec2", who="DhcpOptionsId", create="CreateDhcpOptions",
            delete="DeleteDhcpOptions", takes=" ".join(_DHCP), make=_create_dhcp, found={"DhcpOptionsId": "={id}"},
            tagging=ResourceTags(kind="dhcp-options"), arn="{id}",
        ),
        Kind(
            type="AWS::EC2::VPCCidrBlock", service="ec2", who="AssociationId", create="AssociateVpcCidrBlock",
            delete="DisassociateVpcCidrBlock", make=_add_block, found={"Id": "={id}"},
            takes="CidrBlock Ipv6CidrBlock VpcId AmazonProvidedIpv6CidrBlock Ipv6Pool Ipv6CidrBlockNetworkBorderGroup",
        ),
        Kind(
            type="AWS::EC2::VPCPeeringConnection", service="ec2", who="VpcPeeringConnectionId",
            id="VpcPeeringConnection.VpcPeeringConnectionId", create="CreateVpcPeeringConnection",
            delete="DeleteVpcPeeringConnection", takes="VpcId PeerVpcId", found={"Id": "={id}"},
            steps=(Own(of="VpcId PeerVpcId", created=True, settle=lambda ctx, id_, _old, _new: ctx.call(
                "ec2", "AcceptVpcPeeringConnection", {"VpcPeeringConnectionId": id_})),),
            tagging=ResourceTags(kind="vpc-peering-connection"), arn="{id}",
        ),
    ),
    Handler(
        type="AWS::EC2::VPCGatewayAttachment",
        emulated=words("VpcId InternetGatewayId VpnGatewayId"),
        create=_attach, update=_reattach, delete=lambda ctx, _, props: _detach(ctx, props),
        read=lambda _ctx, id_, _props: {"AttachmentType": id_.partition("|")[0]},
    ),
    Handler(
        type="AWS::EC2::SubnetNetworkAclAssociation",
        emulated=words("NetworkAclId SubnetId"), create=_associate_acl, delete=_default_acl,
        read=lambda _ctx, id_, _props: {"AssociationId": id_},
    ),
    Handler(
        type="AWS::EC2::VPCDHCPOptionsAssociation",
        emulated=words("DhcpOptionsId VpcId"), create=_associate_dhcp,
        delete=lambda ctx, _, props: _leave_dhcp(ctx, props),
    ),
)  # fmt: skip
