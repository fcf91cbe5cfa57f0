"""What a template expects beside it in its account, and a person would name: made the first time somebody asks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from casework.stage import REGION, TOOLS, Stage


def key(stage: Stage) -> str:
    """A customer's KMS key: its id."""
    kms = stage.client("kms")
    held = [found["KeyId"] for found in kms.list_keys()["Keys"]
            if kms.describe_key(KeyId=found["KeyId"])["KeyMetadata"]["KeyManager"] == "CUSTOMER"]
    return str(held[0]) if held else str(kms.create_key()["KeyMetadata"]["KeyId"])


def connection(stage: Stage) -> str:
    """A connection to GitHub, as a person would have made it in the console."""
    client = stage.client("codestar-connections")
    held = [str(one["ConnectionArn"]) for one in client.list_connections()["Connections"]]
    return held[0] if held else str(
        client.create_connection(ConnectionName="given", ProviderType="GitHub")["ConnectionArn"])


def load_balancer(stage: Stage) -> str:
    """An application load balancer: its ARN."""
    client = stage.client("elbv2")
    held = client.describe_load_balancers()["LoadBalancers"]
    if held:
        return str(held[0]["LoadBalancerArn"])
    subnets = [str(one["SubnetId"]) for one in stage.client("ec2").describe_subnets()["Subnets"][:2]]
    return str(client.create_load_balancer(Name="given", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"])


def listener(stage: Stage) -> str:
    """A listener of that load balancer: its ARN."""
    client, balancer = stage.client("elbv2"), load_balancer(stage)
    held = client.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    if held:
        return str(held[0]["ListenerArn"])
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    return str(client.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[answer])
               ["Listeners"][0]["ListenerArn"])


def cluster(stage: Stage) -> str:
    """A cluster of ECS: its name."""
    stage.client("ecs").create_cluster(clusterName="given-cluster")
    return "given-cluster"


def route_table(stage: Stage, *, second: bool = False) -> str:
    """The main route table of the first VPC, or one beside it."""
    ec2 = stage.client("ec2")
    held = [str(one["RouteTableId"]) for one in ec2.describe_route_tables()["RouteTables"]]
    if second and len(held) == 1:
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        held.append(str(ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]))
    return held[1 if second else 0]


def security_group(stage: Stage) -> str:
    return str(stage.client("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"])


def hosted_zone(stage: Stage) -> str:
    """A public hosted zone for example.com: its id."""
    client = stage.client("route53")
    held = client.list_hosted_zones()["HostedZones"]
    found = held[0] if held else client.create_hosted_zone(
        Name="example.com", CallerReference="given")["HostedZone"]
    return str(found["Id"]).rpartition("/")[2]


def log_group(stage: Stage) -> str:
    logs = stage.client("logs")
    if not logs.describe_log_groups(logGroupNamePrefix="given-logs")["logGroups"]:
        logs.create_log_group(logGroupName="given-logs")
    return "given-logs"


def tokens_of_git_hosts(stage: Stage) -> None:
    """CodeBuild knows a token of GitHub, as after a person connected it in the console."""
    stage.client("codebuild").import_source_credentials(
        serverType="GITHUB", authType="PERSONAL_ACCESS_TOKEN", token="given")  # noqa: S106  opens nothing


def image() -> str:
    return f"{TOOLS}.dkr.ecr.{REGION}.amazonaws.com/given:latest"


def bucket(stage: Stage, name: str) -> None:
    """A bucket of this name, where there is none."""
    s3 = stage.client("s3")
    if name not in [one["Name"] for one in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=name)


def code(stage: Stage, template: Any, resolve: Callable[[Any], str]) -> None:
    """Archives in S3 that a template takes code from and that a person would have uploaded before."""
    s3 = stage.client("s3")
    for place, handler in _places(template, ""):
        name, key_ = resolve(place[0]), resolve(place[1])
        if not name or not key_:
            continue
        try:
            bucket(stage, name)
        except ClientError:  # a name that no bucket can have: the template's own doing
            continue
        try:
            s3.head_object(Bucket=name, Key=key_)
        except ClientError:
            module, _, function = (handler or "index.handler").rpartition(".")
            held = io.BytesIO()
            with zipfile.ZipFile(held, "w") as archive:
                archive.writestr("README.md", "given\n")
                archive.writestr(f"{module.replace('.', '/')}.py",
                                 f"def {function}(event, context):\n    return {{}}\n")
            s3.put_object(Bucket=name, Key=key_, Body=held.getvalue())


def _places(value: Any, handler: str) -> Iterator[tuple[tuple[Any, Any], str]]:
    """Pairs of bucket and key, and the handler of the function that they are the code of."""
    if isinstance(value, dict):
        handler = value["Handler"] if isinstance(value.get("Handler"), str) else handler
        for place, key_ in (("S3Bucket", "S3Key"), ("Bucket", "Key")):
            if place in value and key_ in value:
                yield (value[place], value[key_]), handler
        for item in value.values():
            yield from _places(item, handler)
    elif isinstance(value, list):
        for item in value:
            yield from _places(item, handler)
