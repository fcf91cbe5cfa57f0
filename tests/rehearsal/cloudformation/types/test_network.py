"""The network and what stands in it: made, changed, replaced, rolled back, deleted."""

from __future__ import annotations

import pytest
from tests.rehearsal.cloudformation.policies import allow, policy, trust
from tests.rehearsal.cloudformation.types.lifecycle import Case, comes_to_nothing, lives

VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
TABLE = {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "V"}}}
GATEWAY = {"Type": "AWS::EC2::InternetGateway"}
ATTACHED = {"Type": "AWS::EC2::VPCGatewayAttachment", "Properties": {
    "VpcId": {"Ref": "V"}, "InternetGatewayId": {"Ref": "I"}}}
ACL = {"Type": "AWS::EC2::NetworkAcl", "Properties": {"VpcId": {"Ref": "V"}}}
ADDRESS = {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}}
GROUP = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "g", "VpcId": {"Ref": "V"}}}


def subnet(number, zone=0):
    return {"Type": "AWS::EC2::Subnet", "Properties": {
        "VpcId": {"Ref": "V"}, "CidrBlock": f"10.0.{number}.0/24",
        "AvailabilityZone": {"Fn::Select": [zone, {"Fn::GetAZs": ""}]}}}


S, T = subnet(0), subnet(1, 1)


def tags(found):
    return {tag["Key"]: tag["Value"] for tag in found.get("Tags", []) if not tag["Key"].startswith("aws:")}


def vpc(account, id_):
    ec2 = account.client("ec2")
    found = ec2.describe_vpcs(VpcIds=[id_])["Vpcs"][0]
    names = ec2.describe_vpc_attribute(VpcId=id_, Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"]
    return found["CidrBlock"], names, tags(found)


def subnet_of(account, id_):
    found = account.client("ec2").describe_subnets(SubnetIds=[id_])["Subnets"][0]
    return found["CidrBlock"], found["MapPublicIpOnLaunch"]


def table(account, id_):
    return tags(account.client("ec2").describe_route_tables(RouteTableIds=[id_])["RouteTables"][0])


def route(account, id_):
    tables = account.client("ec2").describe_route_tables(RouteTableIds=[id_.split("|")[0]])["RouteTables"]
    found = {r.get("DestinationCidrBlock"): r for r in tables[0]["Routes"]}[id_.split("|")[1]]
    return next(kind for kind, key in (("gateway", "GatewayId"), ("nat", "NatGatewayId")) if found.get(key))


def association(account, id_):
    tables = account.client("ec2").describe_route_tables()["RouteTables"]
    found = {a["RouteTableAssociationId"]: a for t in tables for a in t["Associations"]}[id_]
    return found["SubnetId"] == account.physical("S")


def attachment(account, id_):
    gateways = account.client("ec2").describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [id_.split("|")[1]]}])["InternetGateways"]
    return next(n for n in ("I", "J") if account.physical(n) == gateways[0]["InternetGatewayId"])


def nat(account, id_):
    found = account.client("ec2").describe_nat_gateways(NatGatewayIds=[id_])["NatGateways"][0]
    if found["State"] == "deleted":
        raise KeyError(id_)
    return found["SubnetId"] == account.physical("S"), tags(found)


def address(account, ip):
    return tags(account.client("ec2").describe_addresses(PublicIps=[ip])["Addresses"][0])


def group(account, id_):
    found = account.client("ec2").describe_security_groups(GroupIds=[id_])["SecurityGroups"][0]
    shown = []
    for way in ("IpPermissions", "IpPermissionsEgress"):
        shown.append(sorted((p["IpProtocol"], p.get("FromPort", -1)) for p in found[way]))
    return tuple(shown)


def rule(account, id_):
    rules = account.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[id_])["SecurityGroupRules"]
    return rules[0]["FromPort"], rules[0].get("Description", "")


def endpoint(account, id_):
    found = account.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[id_])["VpcEndpoints"][0]
    if found["State"] == "deleted":
        raise KeyError(id_)
    return [next(n for n in ("A", "B") if account.physical(n) == t) for t in found["RouteTableIds"]]


def entry(account, _id):
    acls = account.client("ec2").describe_network_acls(NetworkAclIds=[account.physical("L")])["NetworkAcls"]
    return next(e["RuleAction"] for e in acls[0]["Entries"] if e["RuleNumber"] == 100 and not e["Egress"])


def instance(account, id_):
    ec2 = account.client("ec2")
    found = ec2.describe_instances(InstanceIds=[id_])["Reservations"][0]["Instances"][0]
    if found["State"]["Name"] in ("terminated", "shutting-down"):
        raise KeyError(id_)
    check = ec2.describe_instance_attribute(InstanceId=id_, Attribute="sourceDestCheck")["SourceDestCheck"]["Value"]
    return found["InstanceType"], check, tags(found)


def launch_template(account, id_):
    ec2 = account.client("ec2")
    found = ec2.describe_launch_template_versions(LaunchTemplateId=id_, Versions=["$Latest"])
    return found["LaunchTemplateVersions"][0]["LaunchTemplateData"]["InstanceType"]


def balancer(account, arn):
    elb = account.client("elbv2")
    found = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    held = {a["Key"]: a["Value"] for a in elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
    return found.get("Scheme"), held.get("idle_timeout.timeout_seconds", "60")


def targets(account, arn):
    return account.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]["HealthCheckPath"]


def listener(account, arn):
    found = account.client("elbv2").describe_listeners(ListenerArns=[arn])["Listeners"][0]
    return found["Port"], found["DefaultActions"][0]["Type"]


def scaling_group(account, name):
    found = account.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    return found["AutoScalingGroups"][0]["MaxSize"]


def image(account):
    return account.client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]


BALANCER = {
    "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Subnets": [{"Ref": "S"}, {"Ref": "T"}]},
}
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
TARGETS = {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {
    "Port": 80, "Protocol": "HTTP", "VpcId": {"Ref": "V"}}}
FORWARD = {"Type": "forward", "TargetGroupArn": {"Ref": "G"}}
IN = {"GroupDescription": "d", "VpcId": {"Ref": "V"}}
WEB, SSH = ({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "0.0.0.0/0"} for port in (80, "22"))
PAIR = {"V": VPC, "S": S, "T": T}

CASES = (
    Case("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, vpc,
         (("10.0.0.0/16", False, {}), ("10.0.0.0/16", True, {"a": "b"})),
         {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": "true", "Tags": [{"Key": "a", "Value": "b"}]},
         {"CidrBlock": "10.1.0.0/16"}),
    Case("AWS::EC2::Subnet", {"VpcId": {"Ref": "V"}, "CidrBlock": "10.0.0.0/24"}, subnet_of,
         (("10.0.0.0/24", False), ("10.0.0.0/24", True)),
         {"VpcId": {"Ref": "V"}, "CidrBlock": "10.0.0.0/24", "MapPublicIpOnLaunch": True},
         {"VpcId": {"Ref": "V"}, "CidrBlock": "10.0.1.0/24"}, {"V": VPC}),
    Case("AWS::EC2::RouteTable", {"VpcId": {"Ref": "V"}}, table, ({}, {"a": "b"}),
         {"VpcId": {"Ref": "V"}, "Tags": [{"Key": "a", "Value": "b"}]}, {"VpcId": {"Ref": "W"}},
         {"V": VPC, "W": VPC}),
    Case("AWS::EC2::Route",
         {"RouteTableId": {"Ref": "A"}, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": {"Ref": "I"}}, route,
         ("gateway", "nat"),
         {"RouteTableId": {"Ref": "A"}, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": {"Ref": "N"}},
         {"RouteTableId": {"Ref": "A"}, "DestinationCidrBlock": "192.168.0.0/16", "NatGatewayId": {"Ref": "N"}},
         {"V": VPC, "A": TABLE, "I": GATEWAY, "IA": ATTACHED, "S": S, "E": ADDRESS,
          "N": {"Type": "AWS::EC2::NatGateway", "Properties": {
              "SubnetId": {"Ref": "S"}, "AllocationId": {"Fn::GetAtt": ["E", "AllocationId"]}}}}),
    Case("AWS::EC2::SubnetRouteTableAssociation", {"RouteTableId": {"Ref": "A"}, "SubnetId": {"Ref": "S"}},
         association, (True,), None, None, {"V": VPC, "A": TABLE, "S": S}),
    Case("AWS::EC2::VPCGatewayAttachment", {"VpcId": {"Ref": "V"}, "InternetGatewayId": {"Ref": "I"}}, attachment,
         ("I", "J"), {"VpcId": {"Ref": "V"}, "InternetGatewayId": {"Ref": "J"}}, None,
         {"V": VPC, "I": GATEWAY, "J": GATEWAY}),
    Case("AWS::EC2::NatGateway",
         {"SubnetId": {"Ref": "S"}, "AllocationId": {"Fn::GetAtt": ["E", "AllocationId"]}}, nat,
         ((True, {}), (True, {"a": "b"})),
         {"SubnetId": {"Ref": "S"}, "AllocationId": {"Fn::GetAtt": ["E", "AllocationId"]},
          "Tags": [{"Key": "a", "Value": "b"}]},
         {"SubnetId": {"Ref": "T"}, "ConnectivityType": "private"}, {**PAIR, "E": ADDRESS}),
    Case("AWS::EC2::EIP", {"Domain": "vpc"}, address, ({}, {"a": "b"}),
         {"Domain": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}),
    Case("AWS::EC2::SecurityGroup", {**IN, "SecurityGroupIngress": [WEB]}, group,
         (([("tcp", 80)], [("-1", -1)]), ([("tcp", 22)], [("tcp", 80)])),
         {**IN, "SecurityGroupIngress": [SSH], "SecurityGroupEgress": [WEB]},
         {**IN, "GroupDescription": "other", "SecurityGroupIngress": [WEB]}, {"V": VPC}),
    Case("AWS::EC2::SecurityGroupIngress", {"GroupId": {"Ref": "G"}, **WEB}, rule, ((80, ""), (80, "told")),
         {"GroupId": {"Ref": "G"}, **WEB, "Description": "told"}, {"GroupId": {"Ref": "G"}, **SSH},
         {"V": VPC, "G": GROUP}),
    Case("AWS::EC2::SecurityGroupEgress", {"GroupId": {"Ref": "G"}, **WEB}, rule, ((80, ""),), None,
         {"GroupId": {"Ref": "G"}, **SSH}, {"V": VPC, "G": GROUP}),
    Case("AWS::EC2::VPCEndpoint",
         {"VpcId": {"Ref": "V"}, "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"},
          "RouteTableIds": [{"Ref": "A"}]}, endpoint, (["A"], ["B"]),
         {"VpcId": {"Ref": "V"}, "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"},
          "RouteTableIds": [{"Ref": "B"}]}, None, {"V": VPC, "A": TABLE, "B": TABLE}),
    Case("AWS::EC2::NetworkAclEntry",
         {"NetworkAclId": {"Ref": "L"}, "RuleNumber": 100, "Protocol": 6, "RuleAction": "allow",
          "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 80, "To": 80}}, entry, ("allow", "deny"),
         {"NetworkAclId": {"Ref": "L"}, "RuleNumber": 100, "Protocol": 6, "RuleAction": "deny",
          "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 80, "To": 80}}, None, {"V": VPC, "L": ACL}),
    Case("AWS::EC2::LaunchTemplate", {"LaunchTemplateData": {"InstanceType": "t3.micro"}}, launch_template,
         ("t3.micro", "t3.small"),
         {"LaunchTemplateData": {"InstanceType": "t3.small"}},
         {"LaunchTemplateName": "named", "LaunchTemplateData": {"InstanceType": "t3.micro"}}),
    Case("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Subnets": [{"Ref": "S"}, {"Ref": "T"}]}, balancer,
         ((None, "60"), (None, "30")),
         {"Subnets": [{"Ref": "S"}, {"Ref": "T"}],
          "LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": 30}]},
         {"Subnets": [{"Ref": "S"}, {"Ref": "T"}], "Scheme": "internal"}, PAIR),
    Case("AWS::ElasticLoadBalancingV2::TargetGroup",
         {"Port": 80, "Protocol": "HTTP", "VpcId": {"Ref": "V"}, "HealthCheckPath": "/a"}, targets, ("/a", "/b"),
         {"Port": 80, "Protocol": "HTTP", "VpcId": {"Ref": "V"}, "HealthCheckPath": "/b"},
         {"Port": 81, "Protocol": "HTTP", "VpcId": {"Ref": "V"}, "HealthCheckPath": "/b"}, {"V": VPC}),
    Case("AWS::ElasticLoadBalancingV2::Listener",
         {"LoadBalancerArn": {"Ref": "B"}, "Port": 80, "Protocol": "HTTP", "DefaultActions": [FIXED]}, listener,
         ((80, "fixed-response"), (81, "forward")),
         {"LoadBalancerArn": {"Ref": "B"}, "Port": 81, "Protocol": "HTTP", "DefaultActions": [FORWARD]},
         {"LoadBalancerArn": {"Ref": "C"}, "Port": 81, "Protocol": "HTTP", "DefaultActions": [FIXED]},
         {**PAIR, "B": BALANCER, "C": BALANCER, "G": TARGETS}),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type.removeprefix("AWS::"))
def test_a_type_is_made_changed_rolled_back_replaced_and_deleted(account, case):
    lives(account, case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type.removeprefix("AWS::"))
def test_a_type_is_gone_after_its_creation_was_rolled_back(account, case):
    comes_to_nothing(account, case)


def test_a_subnet_is_moved_from_one_table_to_another(account):
    def template(table):
        return {"Resources": {"V": VPC, "A": TABLE, "B": TABLE, "S": S, "X": {
            "Type": "AWS::EC2::SubnetRouteTableAssociation",
            "Properties": {"RouteTableId": {"Ref": table}, "SubnetId": {"Ref": "S"}}}}}

    def held():
        tables = account.client("ec2").describe_route_tables(
            Filters=[{"Name": "association.subnet-id", "Values": [account.physical("S")]}])["RouteTables"]
        return [t["RouteTableId"] for t in tables]

    assert account.create(template("A")) == "CREATE_COMPLETE", account.reasons("X")
    assert account.update(template("B")) == "UPDATE_COMPLETE", account.reasons("X")
    assert held() == [account.physical("B")]
    assert account.delete() == "DELETE_COMPLETE"


def test_an_instance_with_a_role_stands_in_its_subnet_and_goes_again(account):
    made = {"SubnetId": {"Ref": "S"}, "ImageId": image(account), "InstanceType": "t3.micro",
            "SecurityGroupIds": [{"Ref": "G"}], "IamInstanceProfile": {"Ref": "P"}}
    around = {"V": VPC, "S": S, "G": GROUP,
              "R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust("ec2.amazonaws.com")}},
              "P": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "R"}]}}}
    case = Case("AWS::EC2::Instance", made, instance,
                (("t3.micro", True, {}), ("t3.micro", False, {"a": "b"})),
                {**made, "SourceDestCheck": "false", "Tags": [{"Key": "a", "Value": "b"}]}, None, around)
    lives(account, case)


def test_whoever_may_not_pass_the_role_in_a_profile_launches_no_instance_with_it(account):
    """iam:PassRole is asked for the role inside of the profile."""
    who = {"Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": trust("cloudformation.amazonaws.com"), "Policies": [{
            "PolicyName": "p", "PolicyDocument": policy(allow("ec2:*"), allow("iam:GetInstanceProfile"))}]}}
    profile = {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust("ec2.amazonaws.com")}},
               "P": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "R"}]}}}
    assert account.create({"Resources": {**profile, "Who": who}}, "roles") == "CREATE_COMPLETE"
    role = account.client("iam").get_role(RoleName=account.physical("Who", "roles"))["Role"]["Arn"]
    launch = {"Resources": {"X": {"Type": "AWS::EC2::Instance", "Properties": {
        "ImageId": image(account), "InstanceType": "t3.micro",
        "IamInstanceProfile": account.physical("P", "roles")}}}}
    assert account.create(launch, RoleARN=role) == "ROLLBACK_COMPLETE"
    assert any("iam:PassRole" in reason for reason in account.reasons("X"))


def test_a_group_of_instances_is_scaled_by_hand_only(account):
    made = {"MinSize": "0", "MaxSize": "1", "VPCZoneIdentifier": [{"Ref": "S"}],
            "LaunchTemplate": {"LaunchTemplateId": {"Ref": "L"},
                               "Version": {"Fn::GetAtt": ["L", "LatestVersionNumber"]}}}
    around = {"V": VPC, "S": S, "L": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {
        "LaunchTemplateData": {"ImageId": image(account), "InstanceType": "t3.micro"}}}}
    lives(account, Case("AWS::AutoScaling::AutoScalingGroup", made, scaling_group, (1, 2), {**made, "MaxSize": "2"},
                        {**made, "AutoScalingGroupName": "named"}, around))
