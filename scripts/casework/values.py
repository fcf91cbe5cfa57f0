"""Values for parameters that have no default: by type, by the rules that the template gives, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from casework.stage import DEVELOPMENT, PRODUCTION, REGION, TOOLS, Stage

BUCKET = "cases-given-bucket"
ROLE = "given-role"


class NoValue(Exception):
    """Nothing that comes to mind satisfies what the template demands of a parameter."""


def settle(stage: Stage) -> None:
    """What values may name: a bucket, a role, a topic, a key."""
    stage.client("s3").create_bucket(Bucket=BUCKET)
    stage.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    services = ",".join(f'"{name}.amazonaws.com"' for name in (
        "lambda", "codepipeline", "codebuild", "cloudformation", "events", "states", "ecs-tasks", "ec2"))
    trust = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
             f'"Principal":{{"Service":[{services}],"AWS":"arn:aws:iam::{TOOLS}:root"}}}}]}}')
    for account in (TOOLS, DEVELOPMENT, PRODUCTION):
        iam = stage.client("iam", account)
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
        iam.attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    stage.client("sns").create_topic(Name="given-topic")


def given(stage: Stage, declared: Mapping[str, Any], *, told: Mapping[str, str] | None = None) -> dict[str, str]:
    """A value for each parameter without a default, and for those in `told`. Raises NoValue."""
    told = told or {}
    found: dict[str, str] = {}
    for name, one in declared.items():
        if name in told:
            found[name] = told[name]
        elif "Default" not in one:
            found[name] = _value(stage, name, one)
    return found


def _value(stage: Stage, name: str, one: Mapping[str, Any]) -> str:
    if one.get("AllowedValues"):
        return str(one["AllowedValues"][0])
    kind = str(one.get("Type", "String"))
    if kind in ("Number", "List<Number>"):
        return str(one.get("MinValue", 1))
    if kind.startswith(("AWS::", "List<AWS::")):
        return _by_type(stage, kind)
    pattern = str(one.get("AllowedPattern", ""))
    least, most = int(one.get("MinLength", 0)), int(one.get("MaxLength", 4096))
    for candidate in _candidates(stage, name, str(one.get("Description", ""))):
        fitting = candidate.ljust(least, "a")[:most]
        if not pattern or re.fullmatch(pattern, fitting):
            return fitting
    raise NoValue(f"no value for parameter {name} ({kind}, {pattern})")


def _by_type(stage: Stage, kind: str) -> str:
    many = kind.startswith("List<")
    inner = kind[5:-1] if many else kind
    if inner.startswith("AWS::SSM::Parameter::Value<"):
        name = "/given/parameter"
        stage.client("ssm").put_parameter(Name=name, Value="given", Type="String", Overwrite=True)
        return name
    ec2 = stage.client("ec2")
    match inner:
        case "AWS::EC2::VPC::Id":
            return str(ec2.describe_vpcs()["Vpcs"][0]["VpcId"])
        case "AWS::EC2::Subnet::Id":
            found = [str(subnet["SubnetId"]) for subnet in ec2.describe_subnets()["Subnets"]]
        case "AWS::EC2::SecurityGroup::Id":
            found = [str(group["GroupId"]) for group in ec2.describe_security_groups()["SecurityGroups"]]
        case "AWS::EC2::AvailabilityZone::Name":
            found = [f"{REGION}{letter}" for letter in "abc"]
        case "AWS::EC2::Image::Id":
            found = [str(image["ImageId"]) for image in ec2.describe_images(Owners=["amazon"])["Images"][:1]]
        case "AWS::EC2::KeyPair::KeyName":
            if not ec2.describe_key_pairs()["KeyPairs"]:
                ec2.create_key_pair(KeyName="given-key")
            return "given-key"
        case "AWS::Route53::HostedZone::Id":
            made = stage.client("route53").create_hosted_zone(Name="example.com", CallerReference="given")
            return str(made["HostedZone"]["Id"]).rpartition("/")[2]
        case "AWS::SSM::Parameter::Name":
            stage.client("ssm").put_parameter(Name="/given/parameter", Value="given", Type="String", Overwrite=True)
            return "/given/parameter"
        case _:
            raise NoValue(f"no value of type {kind}")
    return ",".join(found[:3]) if many else found[0]


def _candidates(stage: Stage, name: str, description: str) -> Iterator[str]:
    """Plausible values, the most telling first."""
    low = re.sub(r"[^a-z]", "", name.lower())
    role = f"arn:aws:iam::{PRODUCTION if 'prod' in low else TOOLS}:role/{ROLE}"
    if "email" in low or "mail" in description.lower():
        yield "someone@example.com"
    if "role" in low:
        yield role if "name" not in low else ROLE
    if "topic" in low:
        yield f"arn:aws:sns:{REGION}:{TOOLS}:given-topic"
    if "account" in low:
        yield PRODUCTION if "prod" in low else DEVELOPMENT
    if "bucket" in low:
        yield BUCKET if "new" not in low else "cases-new-bucket"
    if "organi" in low and "id" in low:
        yield "o-a1b2c3d4e5"
    if "ou" in low:
        yield "ou-a1b2-c3d4e5f6"
    if "region" in low:
        yield REGION
    if "image" in low or "uri" in low:
        yield f"{TOOLS}.dkr.ecr.{REGION}.amazonaws.com/given:latest"
    if "certificate" in low:
        yield f"arn:aws:acm:{REGION}:{TOOLS}:certificate/12345678-1234-1234-1234-123456789012"
    if "cidr" in low:
        yield "10.0.0.0/16"
    if "domain" in low or "host" in low:
        yield "www.example.com"
    if "arn" in low:
        yield role
    if "url" in low or "endpoint" in low:
        yield "https://example.com/"
    if "branch" in low:
        yield "main"
    if "vpc" in low:
        yield _by_type(stage, "AWS::EC2::VPC::Id")
    if "subnet" in low:
        yield _by_type(stage, "List<AWS::EC2::Subnet::Id>" if low.endswith("s") else "AWS::EC2::Subnet::Id")
    yield from ("given", "given-value", "GivenValue1", "given-12345678", "A1b2C3d4e5f6G7", "123456789012", "10.0.0.0/16",
                "1", "https://example.com/", "example.com", role, f"arn:aws:sns:{REGION}:{TOOLS}:given-topic", "")
