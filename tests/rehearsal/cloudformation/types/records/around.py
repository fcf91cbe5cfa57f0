"""What many types stand among."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.rehearsal.cloudformation.policies import allow, policy, trust

ACCOUNT = "222222222222"
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def get(name: str, attribute: str = "Arn") -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def role(service: str, *actions: str) -> dict[str, Any]:
    policies = [{"PolicyName": "p", "PolicyDocument": policy(*(allow(action) for action in actions))}]
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument=trust(f"{service}.amazonaws.com"),
                    **({"Policies": policies} if actions else {}))


def pick(found: Mapping[str, Any], names: str, **spelled: str) -> dict[str, Any]:
    """Members of an answer as properties: by their own names whatever the case, or as `spelled` (property=member)."""
    members = {str(key).lower(): value for key, value in found.items()}
    return {name: members.get(spelled.get(name, name).lower()) for name in [*names.split(), *spelled]}


def subnet(number: int, zone: int = 0) -> dict[str, Any]:
    return resource("AWS::EC2::Subnet", VpcId=ref("V"), CidrBlock=f"10.0.{number}.0/24",
                    AvailabilityZone={"Fn::Select": [zone, {"Fn::GetAZs": ""}]})


VPC = resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16")
S, T = subnet(0), subnet(1, 1)
NETWORK = {"V": VPC, "S": S, "T": T}
GROUP = resource("AWS::EC2::SecurityGroup", GroupDescription="g", VpcId=ref("V"))
BUCKET = resource("AWS::S3::Bucket")
QUEUE = resource("AWS::SQS::Queue")
TOPIC = resource("AWS::SNS::Topic")
KEY = resource("AWS::KMS::Key", KeyPolicy=policy(
    {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}))
LOGS = resource("AWS::Logs::LogGroup")
CODE = "def handler(event, context):\n    return 1\n"
RUNS = role("lambda", "sqs:*", "kinesis:*", "logs:*", "ec2:*")
FUNCTION = resource("AWS::Lambda::Function", Runtime="python3.11", Handler="index.handler", Role=get("R"),
                    Code={"ZipFile": CODE})
