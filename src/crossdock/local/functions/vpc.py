"""A function's place in a VPC: looked up and allowed as Lambda does it. The function itself runs outside of it here.

Source: Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError, Call
from crossdock.local.world import World


def found(world: World, call: Call, config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with its VpcId. Raises AwsError for subnets and groups that aren't there."""
    subnets, groups = list(config.get("SubnetIds") or ()), list(config.get("SecurityGroupIds") or ())
    ec2 = world.client("ec2", call.caller.via("lambda.amazonaws.com"), call.region)
    try:
        vpcs = {one["VpcId"] for one in ec2.describe_subnets(SubnetIds=subnets)["Subnets"]}
        ec2.describe_security_groups(GroupIds=groups)
    except ClientError as error:
        said = error.response["Error"]
        raise AwsError("InvalidParameterValueException", "Error occurred while DescribeSecurityGroups. EC2 Error "
                       f"Code: {said['Code']}. EC2 Error Message: {said['Message']}", 400) from error
    return {"SubnetIds": subnets, "SecurityGroupIds": groups, "VpcId": min(vpcs)}


def allowed(world: World, call: Call, role: str) -> None:
    """Whether the function's role may make the network interface that Lambda needs. Raises AwsError."""
    session = world.role_session(role, "check")
    account = role.split(":")[4]
    for action in ("CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface"):
        resource = "*" if action.startswith("Describe") else \
            f"arn:{world.partition}:ec2:{call.region}:{account}:network-interface/*"
        try:
            world.authorize(session, action=f"ec2:{action}", resource=resource, account=account, region=call.region)
        except AwsError as error:
            raise AwsError("InvalidParameterValueException", "The provided execution role does not have permissions to "
                           f"call {action} on EC2", 400) from error
