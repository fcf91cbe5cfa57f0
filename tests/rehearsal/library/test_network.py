"""Templates of the network: made, changed, deleted."""

from __future__ import annotations

from tests.rehearsal.library.lifecycle import failures, lives

from crossdock import library


def test_a_vpc_is_made_and_deleted(account):
    lives(account, "network/vpc", {"Platform": "shop", "Environment": "staging", "VpcCidr": "10.1.0.0/16"}, {})


def test_a_zone_is_made_and_deleted(account, ground):
    lives(account, "network/zone", ground.of(
        "VpcId", "PublicRouteTableId", "IsolatedRouteTableId", ZoneIndex="2", PublicSubnetCidr="10.0.16.0/20",
        PrivateSubnetCidr="10.0.32.0/20", IsolatedSubnetCidr="10.0.48.0/20"), {})


def test_one_gateway_becomes_one_in_each_zone_and_goes_back(account, ground):
    given = ground.of("PublicSubnetIds", "PrivateRouteTableIds", ZoneCount="3")
    lives(account, "network/nat", given, {"NatGateways": "per-zone"})


def test_each_private_subnet_leaves_through_the_gateway_of_its_zone(account, ground):
    given = ground.of("PublicSubnetIds", "PrivateRouteTableIds", ZoneCount="3", NatGateways="per-zone")
    assert account.create(library.load("network/nat"), parameters=given) == "CREATE_COMPLETE", failures(account)
    ec2 = account.client("ec2")
    ways = set()
    tables, subnets = (given[name].split(",") for name in ("PrivateRouteTableIds", "PublicSubnetIds"))
    for table, subnet in zip(tables, subnets, strict=True):
        routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        [gateway] = [route["NatGatewayId"] for route in routes if "NatGatewayId" in route]
        assert ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"][0]["SubnetId"] == subnet
        ways.add(gateway)
    assert len(ways) == len(account.outputs()["NatAddresses"].split(",")) == 3
    assert account.delete() == "DELETE_COMPLETE", failures(account)


def test_gateway_endpoints_are_made_and_take_other_tables(account, ground):
    given = ground.of("VpcId", "RouteTableIds")
    del given["Platform"], given["Environment"]
    lives(account, "network/endpoints", given, {"RouteTableIds": given["RouteTableIds"].split(",")[0]})


def test_interface_endpoints_come_and_go_with_the_list(account, ground):
    given = ground.of("VpcId", "VpcCidr", "PrivateSubnetIds",
                      InterfaceEndpointServices=f"com.amazonaws.{account.region}.ssm")
    more = f"com.amazonaws.{account.region}.ssm,com.amazonaws.{account.region}.ecr.api"
    lives(account, "network/interface-endpoints", given, {"InterfaceEndpointServices": more})


def test_flow_logs_are_made_encrypted_and_kept_longer(account, ground):
    given = ground.of("VpcId", "LogKeyArn")
    lives(account, "network/flow-logs", given, {"LogRetentionDays": "365"})
