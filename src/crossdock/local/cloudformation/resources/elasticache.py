"""AWS::ElastiCache: clusters, replication groups and their groups. Kept and shown; no cache runs behind them here."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props
from crossdock.local.cloudformation.resources.shapes import text

_TAGGING = Tagging(put=("AddTagsToResource", "ResourceName", "Tags"),
                   drop=("RemoveTagsFromResource", "ResourceName", "TagKeys"))
_ARN = "arn:{partition}:elasticache:{region}:{account}:"
_BOTH = ("AutoMinorVersionUpgrade CacheNodeType CacheParameterGroupName CacheSecurityGroupNames EngineVersion "
         "NotificationTopicArn PreferredMaintenanceWindow SnapshotRetentionLimit SnapshotWindow "
         "LogDeliveryConfigurations")

_EMPTY = {"SnapshotRetentionLimit": 0, "AutoMinorVersionUpgrade": True, "MultiAZEnabled": False,
          "AutomaticFailoverEnabled": False}
"""What is so where nothing is said (ElastiCache API, CreateCacheCluster)."""


def _parameters(ctx: Context, group: str, old: Props, new: Props) -> None:
    gone = sorted((old.get("Properties") or {}).keys() - (new.get("Properties") or {}).keys())
    if gone:
        ctx.call("elasticache", "ResetCacheParameterGroup", {
            "CacheParameterGroupName": group, "ParameterNameValues": [{"ParameterName": name} for name in gone]})
    given = [{"ParameterName": name, "ParameterValue": text(value)}
             for name, value in (new.get("Properties") or {}).items()]
    if given:
        ctx.call("elasticache", "ModifyCacheParameterGroup", {
            "CacheParameterGroupName": group, "ParameterNameValues": given})


def _endpoints(ctx: Context, group: str) -> dict[str, Any]:
    """`RedisEndpoint` and `ConfigurationEndpoint` of a cluster, by the names of their nodes."""
    found = ctx.call("elasticache", "DescribeCacheClusters", {
        "CacheClusterId": group, "ShowCacheNodeInfo": True})["CacheClusters"][0]  # fmt: skip
    made: dict[str, Any] = {}
    node = (found.get("CacheNodes") or [{}])[0].get("Endpoint") or {}
    for name, place in (("RedisEndpoint", node), ("ConfigurationEndpoint", found.get("ConfigurationEndpoint") or {})):
        if place:
            made |= {f"{name}.Address": place["Address"], f"{name}.Port": str(place["Port"])}
    return made


def _replicas(ctx: Context, group: str) -> dict[str, Any]:
    found = ctx.call("elasticache", "DescribeReplicationGroups", {"ReplicationGroupId": group})["ReplicationGroups"][0]
    node = (found.get("NodeGroups") or [{}])[0]
    places = {"PrimaryEndPoint": node.get("PrimaryEndpoint"), "ReaderEndPoint": node.get("ReaderEndpoint"),
              "ConfigurationEndPoint": found.get("ConfigurationEndpoint")}
    made: dict[str, Any] = {}
    for name, place in places.items():
        if place:
            made |= {f"{name}.Address": place["Address"], f"{name}.Port": str(place["Port"])}
    return made


def _nodes(operation: str, more: bool) -> Own:
    """A group grows before it learns to fail over, and shrinks after it was told not to."""

    def settle(ctx: Context, group: str, old: Props, new: Props) -> None:
        before, after = int(old.get("NumCacheClusters", 1)), int(new.get("NumCacheClusters", 1))
        if after != before and (after > before) == more:
            ctx.call("elasticache", operation, {
                "ReplicationGroupId": group, "NewReplicaCount": after - 1, "ApplyImmediately": True})  # fmt: skip

    return Own(of="NumCacheClusters", settle=settle)


def _snapshot(ctx: Context, group: str, _: Props) -> None:
    ctx.call("elasticache", "CreateSnapshot", {
        "ReplicationGroupId": group, "SnapshotName": ctx.name(255, lower=True)})  # fmt: skip


TYPES = handlers(
    Kind(
        type="AWS::ElastiCache::CacheCluster", service="elasticache", name="ClusterName", limit=50, lower=True,
        spelled={"ClusterName": "CacheClusterId", "VpcSecurityGroupIds": "SecurityGroupIds"}, who="CacheClusterId",
        create="CreateCacheCluster", delete="DeleteCacheCluster",
        takes=f"AZMode CacheSubnetGroupName Engine NumCacheNodes Port PreferredAvailabilityZone "
              f"PreferredAvailabilityZones SnapshotArns SnapshotName TransitEncryptionEnabled NetworkType IpDiscovery "
              f"VpcSecurityGroupIds {_BOTH}",
        steps=(Step(operation="ModifyCacheCluster", of=f"NumCacheNodes VpcSecurityGroupIds {_BOTH}", empty=_EMPTY),),
        also=_endpoints, tagging=_TAGGING, arn=_ARN + "cluster:{id}",
        snapshot=lambda ctx, cluster, _: ctx.call("elasticache", "CreateSnapshot", {
            "CacheClusterId": cluster, "SnapshotName": ctx.name(255, lower=True)}),
    ),
    Kind(
        type="AWS::ElastiCache::ReplicationGroup", service="elasticache", name="ReplicationGroupId", limit=40,
        lower=True, who="ReplicationGroupId", create="CreateReplicationGroup", delete="DeleteReplicationGroup",
        takes=f"AtRestEncryptionEnabled AuthToken AutomaticFailoverEnabled CacheSubnetGroupName ClusterMode Engine "
              f"KmsKeyId MultiAZEnabled NetworkType NodeGroupConfiguration NumCacheClusters NumNodeGroups Port "
              f"PreferredCacheClusterAZs ReplicasPerNodeGroup ReplicationGroupDescription SecurityGroupIds "
              f"SnapshotArns SnapshotName TransitEncryptionEnabled TransitEncryptionMode UserGroupIds "
              f"DataTieringEnabled IpDiscovery {_BOTH}",
        steps=(_nodes("IncreaseReplicaCount", True),
               Step(operation="ModifyReplicationGroup", of=f"ReplicationGroupDescription AutomaticFailoverEnabled "
                                                           f"MultiAZEnabled SecurityGroupIds {_BOTH}",
                    empty=_EMPTY),
               _nodes("DecreaseReplicaCount", False)),
        also=_replicas, tagging=_TAGGING, arn=_ARN + "replicationgroup:{id}", snapshot=_snapshot,
    ),
    Kind(
        type="AWS::ElastiCache::SubnetGroup", service="elasticache", name="CacheSubnetGroupName", limit=255,
        lower=True, who="CacheSubnetGroupName", create="CreateCacheSubnetGroup", delete="DeleteCacheSubnetGroup",
        takes="Description SubnetIds", spelled={"Description": "CacheSubnetGroupDescription"},
        steps=(Step(operation="ModifyCacheSubnetGroup", of="Description SubnetIds"),),
        tagging=_TAGGING, arn=_ARN + "subnetgroup:{id}",
    ),
    Kind(
        type="AWS::ElastiCache::ParameterGroup", service="elasticache", name="CacheParameterGroupName", limit=255,
        lower=True, who="CacheParameterGroupName", create="CreateCacheParameterGroup",
        delete="DeleteCacheParameterGroup", takes="CacheParameterGroupFamily Description",
        steps=(Own(of="Properties", settle=_parameters, created=True),),
        tagging=_TAGGING, arn=_ARN + "parametergroup:{id}",
    ),
)  # fmt: skip
