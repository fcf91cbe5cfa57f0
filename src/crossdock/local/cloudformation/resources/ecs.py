"""AWS::ECS: clusters, task definitions, services."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props, pick
from crossdock.local.engine import NotEmulated

_TAGGING = Tagging(put=("TagResource", "resourceArn", "tags"), drop=("UntagResource", "resourceArn", "tagKeys"),
                   create="tags")
_SERVICE = ("AvailabilityZoneRebalancing CapacityProviderStrategy DeploymentConfiguration DesiredCount "
            "EnableECSManagedTags EnableExecuteCommand HealthCheckGracePeriodSeconds LoadBalancers "
            "NetworkConfiguration PlacementConstraints PlacementStrategies PlatformVersion PropagateTags "
            "ServiceConnectConfiguration ServiceRegistries TaskDefinition")


_PLAIN = {"EnableExecuteCommand": False, "EnableECSManagedTags": False, "PropagateTags": "NONE", "LoadBalancers": [],
          "ServiceRegistries": [], "PlacementConstraints": [], "PlacementStrategies": [],
          "HealthCheckGracePeriodSeconds": 0}
"""What takes a setting away, or is so where nothing is said (ECS API, UpdateService)."""


def _volumes(value: list[Props]) -> list[dict[str, Any]]:
    """`EFSVolumeConfiguration.FilesystemId` is the API's `fileSystemId`: the same but for case."""
    return [dict(volume) for volume in value]


def _service(_: Context, arn: str, props: Props) -> dict[str, Any]:
    return {"service": arn, **pick(props, "Cluster")}


def _drain(_: Context, arn: str, props: Props) -> dict[str, Any]:
    return {"service": arn, **pick(props, "Cluster"), "force": True}


def _described(_: Context, arn: str, props: Props) -> dict[str, Any]:
    return {"services": [arn], **pick(props, "Cluster")}


def _providers(ctx: Context, cluster: str, old: Props, new: Props) -> None:
    ctx.call("ecs", "PutClusterCapacityProviders", {
        "cluster": cluster, "capacityProviders": new.get("CapacityProviders", []),
        "defaultCapacityProviderStrategy": new.get("DefaultCapacityProviderStrategy", [])})  # fmt: skip
    if old.get("Cluster") not in (None, new.get("Cluster")):
        raise NotEmulated("moving capacity providers to another cluster")


TYPES = handlers(
    Kind(
        type="AWS::ECS::Cluster", service="ecs", name="ClusterName", limit=255, who="cluster",
        create="CreateCluster", delete="DeleteCluster",
        takes="ClusterSettings Configuration CapacityProviders DefaultCapacityProviderStrategy ServiceConnectDefaults",
        spelled={"ClusterSettings": "settings"},
        steps=(Step(operation="UpdateCluster", of="ClusterSettings Configuration ServiceConnectDefaults",
                    empty={"ClusterSettings": [{"name": "containerInsights", "value": "disabled"}]}),
               Own(of="CapacityProviders DefaultCapacityProviderStrategy", settle=_providers)),
        read=("DescribeClusters", "clusters[0]"), read_who="clusters[]", found={"Arn": "clusterArn"},
        tagging=_TAGGING, arn="@Arn",
    ),
    Kind(
        type="AWS::ECS::TaskDefinition", service="ecs", id="taskDefinition.taskDefinitionArn", who="taskDefinition",
        name="Family", limit=255, create="RegisterTaskDefinition", delete="DeregisterTaskDefinition",
        takes="ContainerDefinitions Cpu EphemeralStorage ExecutionRoleArn IpcMode Memory NetworkMode PidMode "
              "PlacementConstraints ProxyConfiguration RequiresCompatibilities RuntimePlatform TaskRoleArn Volumes "
              "EnableFaultInjection", unkept="EnableFaultInjection",
        shaped={"Volumes": _volumes}, found={"TaskDefinitionArn": "={id}"}, tagging=_TAGGING, arn="{id}",
    ),
    Kind(
        type="AWS::ECS::Service", service="ecs", id="service.serviceArn", name="ServiceName", limit=255, who=_service,
        create="CreateService", delete="DeleteService", delete_who=_drain,
        takes=f"Cluster DeploymentController LaunchType Role SchedulingStrategy {_SERVICE}",
        spelled={"PlacementStrategies": "placementStrategy"},
        steps=(Step(operation="UpdateService", of=_SERVICE, empty=_PLAIN),),
        read=("DescribeServices", "services[0]"), read_who=_described,
        found={"ServiceArn": "serviceArn", "Name": "serviceName"}, tagging=_TAGGING, arn="{id}",
        accepted="ForceNewDeployment",
    ),
    Kind(
        type="AWS::ECS::CapacityProvider", service="ecs", name="Name", limit=255, who="capacityProvider",
        create="CreateCapacityProvider", delete="DeleteCapacityProvider", takes="AutoScalingGroupProvider",
        steps=(Step(operation="UpdateCapacityProvider", of="AutoScalingGroupProvider", who="name"),),
        tagging=_TAGGING, arn="arn:{partition}:ecs:{region}:{account}:capacity-provider/{id}",
    ),
    Kind(
        type="AWS::ECS::ClusterCapacityProviderAssociations", service="ecs", who="cluster",
        create="PutClusterCapacityProviders", delete="PutClusterCapacityProviders",
        delete_fixed={"capacityProviders": [], "defaultCapacityProviderStrategy": []},
        takes="Cluster CapacityProviders DefaultCapacityProviderStrategy", id="cluster.clusterName",
        steps=(Own(of="CapacityProviders DefaultCapacityProviderStrategy", settle=_providers),),
    ),
)  # fmt: skip
