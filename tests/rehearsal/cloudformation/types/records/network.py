"""AWS::EC2: the network."""

from __future__ import annotations

from typing import Any

from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import (
    GROUP,
    LOGS,
    NETWORK,
    VPC,
    S,
    get,
    pick,
    ref,
    resource,
    role,
    tags,
)

TABLE = resource("AWS::EC2::RouteTable", VpcId=ref("V"))
GATEWAY = resource("AWS::EC2::InternetGateway")
ATTACHED = resource("AWS::EC2::VPCGatewayAttachment", VpcId=ref("V"), InternetGatewayId=ref("I"))
ACL = resource("AWS::EC2::NetworkAcl", VpcId=ref("V"))
ADDRESS = resource("AWS::EC2::EIP", Domain="vpc")
INTERFACE = resource("AWS::EC2::NetworkInterface", SubnetId=ref("S"))
WEB, SSH = ({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "0.0.0.0/0"} for port in (80, 22))
ONLY_TAGS = {"Tags": tags(a="b")}
EVERYTHING = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}


def _one(operation: str, member: str, where: str, names: str, **spelled: str) -> Any:
    """Describes one thing by its id."""

    def read(account: Account, id_: str) -> Props:
        found = getattr(account.client("ec2"), operation)(**{member: [id_]})[where][0]
        if "deleted" in (found.get("State"), found.get("Status", {}).get("Code")):
            raise KeyError(id_)
        return pick(found, names, **spelled)

    return read


def _vpc(account: Account, id_: str) -> Props:
    ec2 = account.client("ec2")
    found = ec2.describe_vpcs(VpcIds=[id_])["Vpcs"][0]
    flags = {name: ec2.describe_vpc_attribute(VpcId=id_, Attribute=name[0].lower() + name[1:])[name]["Value"]
             for name in ("EnableDnsSupport", "EnableDnsHostnames")}
    return {**pick(found, "CidrBlock Tags InstanceTenancy"), **flags}


def _route(account: Account, id_: str) -> Props:
    tables = account.client("ec2").describe_route_tables(RouteTableIds=[id_.split("|", maxsplit=1)[0]])["RouteTables"]
    found = {r.get("DestinationCidrBlock"): r for r in tables[0]["Routes"]}[id_.split("|")[1]]
    return pick(found, "DestinationCidrBlock GatewayId NatGatewayId")


def _associated(account: Account, id_: str) -> Props:
    tables = account.client("ec2").describe_route_tables()["RouteTables"]
    found = {a["RouteTableAssociationId"]: a for t in tables for a in t["Associations"]}[id_]
    return pick(found, "SubnetId RouteTableId")


def _attached(account: Account, id_: str) -> Props:
    wanted = [{"Name": "attachment.vpc-id", "Values": [id_.split("|")[1]]}]
    found = account.client("ec2").describe_internet_gateways(Filters=wanted)["InternetGateways"][0]
    return pick({**found, "VpcId": found["Attachments"][0]["VpcId"]}, "VpcId InternetGatewayId")


def _nat(account: Account, id_: str) -> Props:
    found = account.client("ec2").describe_nat_gateways(NatGatewayIds=[id_])["NatGateways"][0]
    if found["State"] == "deleted":
        raise KeyError(id_)
    return pick({**found, **found["NatGatewayAddresses"][0]}, "SubnetId AllocationId ConnectivityType Tags")


def _acl_of(account: Account, id_: str) -> Props:
    acls = account.client("ec2").describe_network_acls()["NetworkAcls"]
    found = next(a for acl in acls for a in acl["Associations"] if a["NetworkAclAssociationId"] == id_)
    default = {acl["NetworkAclId"]: acl["IsDefault"] for acl in acls}
    if default[found["NetworkAclId"]]:
        raise KeyError(id_)
    return pick(found, "SubnetId NetworkAclId")


def _entry(account: Account, id_: str) -> Props:
    _known(account, id_)
    acls = account.client("ec2").describe_network_acls(NetworkAclIds=[account.physical("L")])["NetworkAcls"]
    found = {e["RuleNumber"]: e for e in acls[0]["Entries"] if not e["Egress"]}
    asked = next(number for number in (100, 200) if number in found)
    return pick(found[asked], "RuleNumber Protocol RuleAction CidrBlock PortRange")


def _known(account: Account, id_: str) -> None:
    """A physical id that no service knows counts only as the one that the stack has now."""
    if account.physical("X") != id_:
        raise KeyError(id_)


def _group(account: Account, id_: str) -> Props:
    found = account.client("ec2").describe_security_groups(GroupIds=[id_])["SecurityGroups"][0]

    def rules(permissions: list[Any]) -> list[dict[str, Any]]:
        return [{**{key: p[key] for key in ("IpProtocol", "FromPort", "ToPort") if key in p}, **r}
                for p in permissions for r in p["IpRanges"]]

    return {"GroupDescription": found["Description"], "VpcId": found["VpcId"], "Tags": found.get("Tags", []),
            "SecurityGroupIngress": rules(found["IpPermissions"]),
            "SecurityGroupEgress": rules(found["IpPermissionsEgress"])}


def _rule(account: Account, id_: str) -> Props:
    rules = account.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[id_])["SecurityGroupRules"]
    return pick(rules[0], "GroupId IpProtocol FromPort ToPort Description", CidrIp="CidrIpv4")


def _endpoint(account: Account, id_: str) -> Props:
    found = account.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[id_])["VpcEndpoints"][0]
    if found["State"] == "deleted":
        raise KeyError(id_)
    return pick(found, "VpcId ServiceName RouteTableIds VpcEndpointType Tags")


def _options(account: Account, id_: str) -> Props:
    found = account.client("ec2").describe_dhcp_options(DhcpOptionsIds=[id_])["DhcpOptions"][0]
    values = {c["Key"]: [v["Value"] for v in c["Values"]] for c in found["DhcpConfigurations"]}
    return {"DomainName": values["domain-name"][0], "DomainNameServers": values["domain-name-servers"],
            "Tags": found.get("Tags", [])}


def _options_of(account: Account, id_: str) -> Props:
    vpc = account.client("ec2").describe_vpcs(VpcIds=[id_.split("|")[1]])["Vpcs"][0]
    if vpc["DhcpOptionsId"] != id_.split("|", maxsplit=1)[0]:
        raise KeyError(id_)
    return pick(vpc, "VpcId DhcpOptionsId")


def _block(account: Account, id_: str) -> Props:
    vpcs = account.client("ec2").describe_vpcs()["Vpcs"]
    found = next({**b, "VpcId": v["VpcId"]} for v in vpcs for b in v["CidrBlockAssociationSet"]
                 if b["AssociationId"] == id_ and b["CidrBlockState"]["State"] == "associated")
    return pick(found, "VpcId CidrBlock")


def _flow(account: Account, id_: str) -> Props:
    found = account.client("ec2").describe_flow_logs(FlowLogIds=[id_])["FlowLogs"][0]
    return pick(found, "ResourceId TrafficType LogGroupName DeliverLogsPermissionArn Tags")


def _address(account: Account, ip: str) -> Props:
    return pick(account.client("ec2").describe_addresses(PublicIps=[ip])["Addresses"][0], "Domain Tags InstanceId")


def _address_of(account: Account, id_: str) -> Props:
    wanted = [{"Name": "association-id", "Values": [id_]}]
    return pick(account.client("ec2").describe_addresses(Filters=wanted)["Addresses"][0],
                "AllocationId NetworkInterfaceId")


def _interface(account: Account, id_: str) -> Props:
    found = account.client("ec2").describe_network_interfaces(NetworkInterfaceIds=[id_])["NetworkInterfaces"][0]
    return {**pick(found, "SubnetId Description SourceDestCheck", Tags="TagSet"),
            "GroupSet": [group["GroupId"] for group in found["Groups"]]}


RECORDS = (
    Record(type="AWS::EC2::VPC", made={"CidrBlock": "10.0.0.0/16"}, read=_vpc,
           changed={"EnableDnsHostnames": "true", "EnableDnsSupport": True, **ONLY_TAGS},
           replaced={"CidrBlock": "10.1.0.0/16"},
           otherwise={"EnableDnsSupport": True, "EnableDnsHostnames": False, "InstanceTenancy": "default"}),
    Record(type="AWS::EC2::Subnet", made={"VpcId": ref("V"), "CidrBlock": "10.0.0.0/24"},
           read=_one("describe_subnets", "SubnetIds", "Subnets", "VpcId CidrBlock MapPublicIpOnLaunch Tags"),
           changed={"MapPublicIpOnLaunch": "true", **ONLY_TAGS}, replaced={"CidrBlock": "10.0.1.0/24"},
           otherwise={"MapPublicIpOnLaunch": False}, around={"V": VPC}),
    Record(type="AWS::EC2::InternetGateway", made={}, changed=ONLY_TAGS,
           read=_one("describe_internet_gateways", "InternetGatewayIds", "InternetGateways", "Tags"),
           why="it has tags and nothing else"),
    Record(type="AWS::EC2::EgressOnlyInternetGateway", made={"VpcId": ref("V")}, changed=ONLY_TAGS,
           replaced={"VpcId": ref("W")}, around={"V": VPC, "W": VPC},
           read=_one("describe_egress_only_internet_gateways", "EgressOnlyInternetGatewayIds",
                     "EgressOnlyInternetGateways", "Tags")),
    Record(type="AWS::EC2::RouteTable", made={"VpcId": ref("V")}, changed=ONLY_TAGS, replaced={"VpcId": ref("W")},
           read=_one("describe_route_tables", "RouteTableIds", "RouteTables", "VpcId Tags"),
           around={"V": VPC, "W": VPC}),
    Record(type="AWS::EC2::Route", read=_route,
           made={"RouteTableId": ref("A"), "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": ref("I")},
           changed={"GatewayId": None, "NatGatewayId": ref("N")},
           replaced={"DestinationCidrBlock": "192.168.0.0/16"},
           around={"V": VPC, "A": TABLE, "I": GATEWAY, "IA": ATTACHED, "S": S, "E": ADDRESS,
                   "N": resource("AWS::EC2::NatGateway", SubnetId=ref("S"), AllocationId=get("E", "AllocationId"))}),
    Record(type="AWS::EC2::SubnetRouteTableAssociation", read=_associated,
           made={"RouteTableId": ref("A"), "SubnetId": ref("S")}, replaced={"SubnetId": ref("T")},
           why="both of its properties replace it", around={**NETWORK, "A": TABLE}),
    Record(type="AWS::EC2::VPCGatewayAttachment", made={"VpcId": ref("V"), "InternetGatewayId": ref("I")},
           read=_attached, changed={"InternetGatewayId": ref("J")}, replaced={"VpcId": ref("W"),
                                                                              "InternetGatewayId": ref("J")},
           around={"V": VPC, "W": VPC, "I": GATEWAY, "J": GATEWAY}),
    Record(type="AWS::EC2::NatGateway", made={"SubnetId": ref("S"), "AllocationId": get("E", "AllocationId")},
           read=_nat, changed=ONLY_TAGS,
           replaced={"SubnetId": ref("T"), "AllocationId": None, "ConnectivityType": "private"},
           otherwise={"ConnectivityType": "public"}, around={**NETWORK, "E": ADDRESS}),
    Record(type="AWS::EC2::NetworkAcl", made={"VpcId": ref("V")}, changed=ONLY_TAGS, replaced={"VpcId": ref("W")},
           read=_one("describe_network_acls", "NetworkAclIds", "NetworkAcls", "VpcId Tags"),
           around={"V": VPC, "W": VPC}),
    Record(type="AWS::EC2::NetworkAclEntry", read=_entry,
           made={"NetworkAclId": ref("L"), "RuleNumber": 100, "Protocol": 6, "RuleAction": "allow",
                 "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 80, "To": 80}},
           changed={"RuleAction": "deny", "CidrBlock": "10.0.0.0/8", "PortRange": {"From": 1, "To": 9}},
           replaced={"RuleNumber": 200}, around={"V": VPC, "L": ACL}),
    Record(type="AWS::EC2::SubnetNetworkAclAssociation", read=_acl_of,
           made={"NetworkAclId": ref("L"), "SubnetId": ref("S")}, replaced={"SubnetId": ref("T")},
           why="both of its properties replace it", around={**NETWORK, "L": ACL}),
    Record(type="AWS::EC2::DHCPOptions", made={"DomainName": "a.example", "DomainNameServers": ["10.0.0.2"]},
           read=_options, changed=ONLY_TAGS, replaced={"DomainName": "b.example"}),
    Record(type="AWS::EC2::VPCDHCPOptionsAssociation", made={"VpcId": ref("V"), "DhcpOptionsId": ref("D")},
           read=_options_of, replaced={"DhcpOptionsId": ref("E")}, why="both of its properties replace it",
           around={"V": VPC, "D": resource("AWS::EC2::DHCPOptions", DomainName="a.example"),
                   "E": resource("AWS::EC2::DHCPOptions", DomainName="b.example")}),
    Record(type="AWS::EC2::VPCCidrBlock", made={"VpcId": ref("V"), "CidrBlock": "10.1.0.0/16"}, read=_block,
           replaced={"CidrBlock": "10.2.0.0/16"}, why="all of its properties replace it", around={"V": VPC}),
    Record(type="AWS::EC2::VPCPeeringConnection", made={"VpcId": ref("V"), "PeerVpcId": ref("W")},
           read=_one("describe_vpc_peering_connections", "VpcPeeringConnectionIds", "VpcPeeringConnections", "Tags"),
           changed=ONLY_TAGS, replaced={"PeerVpcId": ref("U")},
           around={"V": VPC, "W": resource("AWS::EC2::VPC", CidrBlock="10.1.0.0/16"),
                   "U": resource("AWS::EC2::VPC", CidrBlock="10.2.0.0/16")}),
    Record(type="AWS::EC2::VPCEndpoint", read=_endpoint,
           made={"VpcId": ref("V"), "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"},
                 "RouteTableIds": [ref("A")]},
           changed={"RouteTableIds": [ref("B")], **ONLY_TAGS},
           replaced={"ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.dynamodb"}},
           otherwise={"VpcEndpointType": "Gateway"}, around={"V": VPC, "A": TABLE, "B": TABLE}),
    Record(type="AWS::EC2::FlowLog", read=_flow,
           made={"ResourceId": ref("V"), "ResourceType": "VPC", "TrafficType": "ALL", "LogGroupName": ref("G"),
                 "DeliverLogsPermissionArn": get("R")},
           changed=ONLY_TAGS, replaced={"TrafficType": "REJECT", "LogGroupName": ref("H")},
           around={"V": VPC, "G": LOGS, "H": LOGS, "R": role("vpc-flow-logs")}),
    Record(type="AWS::EC2::EIP", made={"Domain": "vpc"}, read=_address, changed=ONLY_TAGS,
           why="what replaces it names addresses that somebody owns already: Address, NetworkBorderGroup"),
    Record(type="AWS::EC2::EIPAssociation", read=_address_of,
           made={"AllocationId": get("E", "AllocationId"), "NetworkInterfaceId": ref("N")},
           replaced={"AllocationId": get("F", "AllocationId"), "NetworkInterfaceId": ref("M")},
           why="all of its properties replace it",
           around={"V": VPC, "S": S, "E": ADDRESS, "F": ADDRESS, "N": INTERFACE, "M": INTERFACE}),
    Record(type="AWS::EC2::NetworkInterface", read=_interface,
           made={"SubnetId": ref("S"), "Description": "a", "GroupSet": [ref("G")]},
           changed={"SourceDestCheck": "false", "GroupSet": [ref("H")], "Description": "b", **ONLY_TAGS},
           replaced={"SubnetId": ref("T")}, otherwise={"SourceDestCheck": True},
           around={**NETWORK, "G": GROUP, "H": GROUP}),
    Record(type="AWS::EC2::SecurityGroup", read=_group,
           made={"GroupDescription": "d", "VpcId": ref("V"), "SecurityGroupIngress": [WEB]},
           changed={"SecurityGroupIngress": [SSH], "SecurityGroupEgress": [WEB], **ONLY_TAGS},
           replaced={"GroupDescription": "other"}, otherwise={"SecurityGroupEgress": [EVERYTHING]},
           around={"V": VPC}),
    Record(type="AWS::EC2::SecurityGroupIngress", made={"GroupId": ref("G"), **WEB}, read=_rule,
           changed={"Description": "told"}, replaced=SSH, around={"V": VPC, "G": GROUP}),
    Record(type="AWS::EC2::SecurityGroupEgress", made={"GroupId": ref("G"), **WEB}, read=_rule,
           changed={"Description": "told"}, replaced=SSH, around={"V": VPC, "G": GROUP}),
)  # fmt: skip
