"""One account in which the library's templates are made, and the ground on which those stand that need others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from tests.rehearsal.cloudformation.conftest import NONPROD, Account, enter, world
from tests.rehearsal.library.lifecycle import failures

__all__ = ["enter", "world"]
"""Fixtures of the local CloudFormation's tests: a world of three accounts, and an account in a region of its own."""

REGIONS = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1",
           "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "sa-east-1")
"""Regions of three zones."""


@pytest.fixture(scope="module")
def regions(world: Any) -> Iterator[str]:
    """One after the other: each test leaves nothing behind but keys."""
    return iter(REGIONS * 4)


@pytest.fixture
def account(enter: Callable[[str], Account]) -> Account:
    return enter(NONPROD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a template is given that stands on others."""

    parameters: Mapping[str, str]

    def of(self, *names: str, **more: str) -> dict[str, str]:
        """The parameters of these names, and more."""
        return {name: self.parameters[name] for name in ("Platform", "Environment", *names)} | more


def key_policy(account: str) -> dict[str, Any]:
    """Everything to everybody whom IAM lets: keys of the ground are not what is tested."""
    return {"Version": "2012-10-17", "Statement": [
        {"Sid": "AccountAndLogs", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
         "Principal": {"AWS": f"arn:aws:iam::{account}:root"}},
        {"Sid": "Logs", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
         "Principal": {"Service": {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}}}]}  # fmt: skip


GROUND: dict[str, Any] = {"Resources": {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    **{f"Subnet{n}": {"Type": "AWS::EC2::Subnet", "Properties": {
        "VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.0.{n}.0/24",
        "AvailabilityZone": {"Fn::Select": [n, {"Fn::GetAZs": ""}]}}} for n in range(3)},
    **{f"Table{n}": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}} for n in range(3)},
    **{f"Group{n}": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
        "VpcId": {"Ref": "Vpc"}, "GroupDescription": "ground"}} for n in range(2)},
    "Gateway": {"Type": "AWS::EC2::InternetGateway"},
    "Attached": {"Type": "AWS::EC2::VPCGatewayAttachment", "Properties": {
        "VpcId": {"Ref": "Vpc"}, "InternetGatewayId": {"Ref": "Gateway"}}},
    "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": key_policy(NONPROD)}}}}  # fmt: skip


@pytest.fixture
def ground(account: Account) -> Iterator[Ground]:
    assert account.create(GROUND, "ground") == "CREATE_COMPLETE", failures(account, "ground")
    made = {name: account.physical(name, "ground") for name in GROUND["Resources"]}

    def joined(noun: str, count: int) -> str:
        return ",".join(made[f"{noun}{n}"] for n in range(count))

    key = f"arn:aws:kms:{account.region}:{account.number}:key/{made['Key']}"
    yield Ground(parameters={
        "Platform": "shop", "Environment": "staging", "VpcId": made["Vpc"], "VpcCidr": "10.0.0.0/16",
        "PublicSubnetIds": joined("Subnet", 3), "PrivateSubnetIds": joined("Subnet", 3),
        "IsolatedSubnetIds": joined("Subnet", 3), "PrivateRouteTableIds": joined("Table", 3),
        "RouteTableIds": joined("Table", 2), "PublicRouteTableId": made["Table0"],
        "IsolatedRouteTableId": made["Table1"], "StoreSecurityGroupId": made["Group0"],
        "ClientSecurityGroupIds": joined("Group", 2), "LogKeyArn": key, "DataKeyArn": key,
    })  # fmt: skip
    assert account.delete("ground") == "DELETE_COMPLETE", failures(account, "ground")
