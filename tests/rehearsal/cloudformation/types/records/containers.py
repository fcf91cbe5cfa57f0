"""AWS::ECS."""

from __future__ import annotations

from typing import Any

from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import (
    GROUP,
    NETWORK,
    get,
    pick,
    ref,
    resource,
    tags,
)

CONTAINER = {"Name": "web", "Image": "nginx", "Memory": 128, "PortMappings": [{"ContainerPort": 80}]}
TASK = resource("AWS::ECS::TaskDefinition", ContainerDefinitions=[CONTAINER])
CLUSTER = resource("AWS::ECS::Cluster")


def _tags(account: Account, arn: str) -> Any:
    return account.client("ecs").list_tags_for_resource(resourceArn=arn).get("tags", [])


def _cluster(account: Account, name: str) -> Props:
    found = account.client("ecs").describe_clusters(clusters=[name], include=["SETTINGS", "TAGS"])["clusters"][0]
    if found["status"] == "INACTIVE":
        raise KeyError(name)
    settings = [setting for setting in found.get("settings", []) if setting["value"] != "disabled"]
    return {"ClusterSettings": settings, "Tags": _tags(account, found["clusterArn"]),
            **pick(found, "CapacityProviders DefaultCapacityProviderStrategy")}


def _task(account: Account, arn: str) -> Props:
    found = account.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    if found["status"] == "INACTIVE":
        raise KeyError(arn)
    return {**pick(found, "Cpu Memory"), "Tags": _tags(account, arn), "ContainerDefinitions": [
        {**{key: one[key] for key in ("name", "image", "memory")},
         "PortMappings": [{"ContainerPort": port["containerPort"]} for port in one["portMappings"]]}
        for one in found["containerDefinitions"]]}


def _service(account: Account, arn: str) -> Props:
    cluster = arn.split("/")[1]
    found = account.client("ecs").describe_services(cluster=cluster, services=[arn])["services"][0]
    if found["status"] == "INACTIVE":
        raise KeyError(arn)
    place = (found.get("networkConfiguration") or {}).get("awsvpcConfiguration", {})
    return {**pick(found, "DesiredCount TaskDefinition LaunchType"),
            "EnableExecuteCommand": found.get("enableExecuteCommand", False),
            "NetworkConfiguration": {"AwsvpcConfiguration": {
                key: place.get(key) for key in ("subnets", "securityGroups")}},
            "Tags": _tags(account, arn)}


def _provider(account: Account, name: str) -> Props:
    found = account.client("ecs").describe_capacity_providers(capacityProviders=[name])["capacityProviders"][0]
    if found["status"] == "INACTIVE":
        raise KeyError(name)
    group = found["autoScalingGroupProvider"]
    return {"AutoScalingGroupProvider": {"AutoScalingGroupArn": group["autoScalingGroupArn"]},
            "Tags": _tags(account, found["capacityProviderArn"])}


def _providers(account: Account, name: str) -> Props:
    found = account.client("ecs").describe_clusters(clusters=[name])["clusters"][0]
    if found["status"] == "INACTIVE" or not found["capacityProviders"]:
        raise KeyError(name)
    return {"Cluster": found["clusterName"], "CapacityProviders": found["capacityProviders"],
            "DefaultCapacityProviderStrategy": [
                {key: one[key] for key in ("capacityProvider", "weight")}
                for one in found["defaultCapacityProviderStrategy"]]}


IN_BOTH = [ref("S"), ref("T")]
SCALED = resource("AWS::AutoScaling::AutoScalingGroup", MinSize="0", MaxSize="1", VPCZoneIdentifier=[ref("S")],
                  LaunchTemplate={"LaunchTemplateId": ref("L"), "Version": get("L", "LatestVersionNumber")})
LAUNCHED = resource("AWS::EC2::LaunchTemplate", LaunchTemplateData={
    "ImageId": "ami-12c6146b", "InstanceType": "t3.micro"})

RECORDS = (
    Record(type="AWS::ECS::Cluster", made={}, read=_cluster,
           changed={"ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}], "Tags": tags(a="b"),
                    "CapacityProviders": ["FARGATE"],
                    "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1, "Base": 0}]},
           replaced={"ClusterName": "named"}),
    Record(type="AWS::ECS::TaskDefinition", made={"ContainerDefinitions": [CONTAINER]}, read=_task,
           changed={"Tags": tags(a="b")}, replaced={"ContainerDefinitions": [{**CONTAINER, "Image": "httpd"}]}),
    Record(type="AWS::ECS::Service", read=_service,
           made={"Cluster": ref("C"), "TaskDefinition": ref("D"), "DesiredCount": 0, "LaunchType": "FARGATE",
                 "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": IN_BOTH, "SecurityGroups": [ref("G")]}}},
           changed={"DesiredCount": "1", "TaskDefinition": ref("E"), "EnableExecuteCommand": "true",
                    "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [ref("S")],
                                                                     "SecurityGroups": [ref("H")]}},
                    "Tags": tags(a="b")},
           replaced={"ServiceName": "named"}, otherwise={"EnableExecuteCommand": False},
           around={**NETWORK, "G": GROUP, "H": GROUP, "C": CLUSTER, "D": TASK, "E": TASK}),
    Record(type="AWS::ECS::CapacityProvider", read=_provider,
           made={"AutoScalingGroupProvider": {"AutoScalingGroupArn": get("A", "AutoScalingGroupARN")}},
           changed={"Tags": tags(a="b")}, replaced={"Name": "named"},
           around={**NETWORK, "L": LAUNCHED, "A": SCALED}),
    Record(type="AWS::ECS::ClusterCapacityProviderAssociations", read=_providers,
           made={"Cluster": ref("C"), "CapacityProviders": ["FARGATE"],
                 "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1}]},
           changed={"CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
                    "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Weight": 2}]},
           replaced={"Cluster": ref("D")}, around={"C": CLUSTER, "D": CLUSTER}),
)  # fmt: skip
