"""ElastiCache: groups can be changed and taken away; what is deleted is gone."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from crossdock.local.store.additions.base import Added, NoSuch, Wrapped, found, gone


def _delete_subnet_group(self: Any) -> EmptyResult:
    groups, name = self.elasticache_backend.cache_subnet_groups, self._get_param("CacheSubnetGroupName")
    found(groups, name, "CacheSubnetGroupNotFoundFault", "CacheSubnetGroup")
    clusters = self.elasticache_backend.cache_clusters.values()
    if any(getattr(cluster, "cache_subnet_group_name", None) == name for cluster in clusters):
        raise NoSuch("CacheSubnetGroupInUse", f"CacheSubnetGroup {name} is in use")
    del groups[name]
    return EmptyResult()


def _modify_subnet_group(self: Any) -> ActionResult:
    from moto.elasticache.models import CacheSubnetGroup

    groups, name = self.elasticache_backend.cache_subnet_groups, self._get_param("CacheSubnetGroupName")
    held = found(groups, name, "CacheSubnetGroupNotFoundFault", "CacheSubnetGroup")
    groups[name] = CacheSubnetGroup(
        account_id=self.current_account, region_name=self.region, cache_subnet_group_name=name,
        cache_subnet_group_description=self._get_param("CacheSubnetGroupDescription")
        or held.cache_subnet_group_description,
        subnet_ids=self._get_param("SubnetIds") or held.subnet_ids, tags=held.tags,
    )
    return ActionResult({"CacheSubnetGroup": groups[name]})


_CLUSTER = {
    "CacheNodeType": "cache_node_type", "NumCacheNodes": "num_cache_nodes", "EngineVersion": "engine_version",
    "CacheParameterGroupName": "cache_parameter_group_name", "SnapshotRetentionLimit": "snapshot_retention_limit",
    "SnapshotWindow": "snapshot_window", "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade", "NotificationTopicArn": "notification_topic_arn",
    "SecurityGroupIds": "security_group_ids",
}


def _modify_cluster(self: Any) -> ActionResult:
    clusters, name = self.elasticache_backend.cache_clusters, self._get_param("CacheClusterId")
    held = found(clusters, name, "CacheClusterNotFound", "CacheCluster")
    for member, attribute in _CLUSTER.items():
        if (value := self._get_param(member)) is not None:
            setattr(held, attribute, value)
    return ActionResult({"CacheCluster": held})


def _parameter_groups(self: Any) -> dict[str, dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = vars(self.elasticache_backend).setdefault("parameter_groups", {})
    return groups


def _create_parameter_group(self: Any) -> ActionResult:
    name, groups = self._get_param("CacheParameterGroupName"), _parameter_groups(self)
    if name in groups:
        raise NoSuch("CacheParameterGroupAlreadyExists", f"Cache parameter group {name} already exists")
    groups[name] = {
        "CacheParameterGroupName": name, "IsGlobal": False, "Description": self._get_param("Description"),
        "CacheParameterGroupFamily": self._get_param("CacheParameterGroupFamily"), "Parameters": {},
        "ARN": f"arn:aws:elasticache:{self.region}:{self.current_account}:parametergroup:{name}",
    }
    return ActionResult({"CacheParameterGroup": groups[name]})


def _modify_parameter_group(self: Any) -> ActionResult:
    name = self._get_param("CacheParameterGroupName")
    held = found(_parameter_groups(self), name, "CacheParameterGroupNotFound", "CacheParameterGroup")
    for one in self._get_param("ParameterNameValues") or ():
        held["Parameters"][one["ParameterName"]] = one.get("ParameterValue", "")
    return ActionResult({"CacheParameterGroupName": name})


def _describe_parameter_groups(self: Any) -> ActionResult:
    name, groups = self._get_param("CacheParameterGroupName"), _parameter_groups(self)
    held = [found(groups, name, "CacheParameterGroupNotFound", "CacheParameterGroup")] if name else groups.values()
    return ActionResult({"CacheParameterGroups": list(held)})


def _describe_parameters(self: Any) -> ActionResult:
    name = self._get_param("CacheParameterGroupName")
    held = found(_parameter_groups(self), name, "CacheParameterGroupNotFound", "CacheParameterGroup")
    return ActionResult({"Parameters": [{"ParameterName": key, "ParameterValue": value, "Source": "user"}
                                        for key, value in held["Parameters"].items()]})


def _delete_parameter_group(self: Any) -> EmptyResult:
    name, groups = self._get_param("CacheParameterGroupName"), _parameter_groups(self)
    found(groups, name, "CacheParameterGroupNotFound", "CacheParameterGroup")
    del groups[name]
    return EmptyResult()


ADDED: Added = {
    "ElastiCacheResponse": {
        "delete_cache_subnet_group": _delete_subnet_group, "modify_cache_subnet_group": _modify_subnet_group,
        "modify_cache_cluster": _modify_cluster, "create_cache_parameter_group": _create_parameter_group,
        "modify_cache_parameter_group": _modify_parameter_group,
        "describe_cache_parameter_groups": _describe_parameter_groups,
        "describe_cache_parameters": _describe_parameters, "delete_cache_parameter_group": _delete_parameter_group,
    },
}
WRAPPED: Wrapped = (
    ("ElastiCacheBackend", "delete_cache_cluster", gone("cache_clusters")),
    ("ElastiCacheBackend", "delete_replication_group", gone("replication_groups")),
)
