"""ElastiCache: groups can be changed and taken away, replicas come and go; what is deleted is gone."""

from __future__ import annotations

from collections.abc import Callable
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
    if tags := self._get_param("Tags"):
        self.elasticache_backend.add_tags_to_resource(groups[name]["ARN"], tags)
    return ActionResult({"CacheParameterGroup": groups[name]})


def _modify_parameter_group(self: Any) -> ActionResult:
    name = self._get_param("CacheParameterGroupName")
    held = found(_parameter_groups(self), name, "CacheParameterGroupNotFound", "CacheParameterGroup")
    for one in self._get_param("ParameterNameValues") or ():
        held["Parameters"][one["ParameterName"]] = one.get("ParameterValue", "")
    return ActionResult({"CacheParameterGroupName": name})


def _reset_parameter_group(self: Any) -> ActionResult:
    """Parameters that go back to their defaults: those named, or all."""
    name = self._get_param("CacheParameterGroupName")
    held = found(_parameter_groups(self), name, "CacheParameterGroupNotFound", "CacheParameterGroup")
    named = [one["ParameterName"] for one in self._get_param("ParameterNameValues") or ()]
    for one in list(held["Parameters"]) if self._get_bool_param("ResetAllParameters") else named:
        held["Parameters"].pop(one, None)
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


_REPLICAS = {
    "SnapshotWindow": "snapshot_window", "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade", "CacheParameterGroupName": "cache_parameter_group_name",
    "NotificationTopicArn": "notification_topic_arn", "EngineVersion": "engine_version",
}  # fmt: skip


def _more_of_replicas(as_written: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
    def modify_replication_group(self: Any) -> ActionResult:
        """What moto leaves as it is."""
        answer = as_written(self)
        held = self.elasticache_backend.replication_groups[self._get_param("ReplicationGroupId")]
        for member, attribute in _REPLICAS.items():
            if (value := self._get_param(member)) is not None:
                setattr(held, attribute, value)
        return answer

    return modify_replication_group


def _as_many_as_asked(as_written: Callable[..., None]) -> Callable[..., None]:
    def made(self: Any, *given: Any, **more: Any) -> None:
        """A group has as many nodes as were asked for, and a host that leads to all of them: moto makes one node."""
        if more.get("num_cache_clusters") and not more.get("replicas_per_node_group"):
            more["replicas_per_node_group"] = int(more["num_cache_clusters"]) - 1
        as_written(self, *given, **more)
        self.token_here = more.get("auth_token")  # moto says only whether there is one
        for group in self.node_groups:
            if "reader_endpoint_address" in group:
                group["reader_endpoint"] = {"address": group["reader_endpoint_address"], "port": self.port}

    return made


def _resize(self: Any) -> ActionResult:
    """Replicas that come or go (ElastiCache API, IncreaseReplicaCount, DecreaseReplicaCount)."""
    groups, name = self.elasticache_backend.replication_groups, self._get_param("ReplicationGroupId")
    held = found(groups, name, "ReplicationGroupNotFoundFault", "Replication group")
    count = self._get_int_param("NewReplicaCount")
    if count is None or held.cluster_enabled:
        raise NoSuch("InvalidParameterValue", "only NewReplicaCount of a group without shards is kept here")
    if count == 0 and held.automatic_failover == "enabled":
        raise NoSuch("InvalidReplicationGroupState", "a group whose failover is automatic needs a replica")
    [group] = held.node_groups
    primary, *replicas = group["node_group_members"]
    domain = group["reader_endpoint_address"].partition(".")[2]
    for number in range(len(replicas) + 2, count + 2):
        member = f"{name}-{number:0>3}"
        replicas.append({
            "cache_cluster_id": member, "cache_node_id": group["node_group_id"], "current_role": "replica",
            "read_endpoint": {"address": f"{member}.{domain}", "port": held.port},
            "preferred_availability_zone": f"{self.region}b"})
    group["node_group_members"] = [primary, *replicas[:count]]
    held.member_clusters[:] = [node["cache_cluster_id"] for node in group["node_group_members"]]
    return ActionResult({"ReplicationGroup": held})


def _of_any_kind(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def list_tags_for_resource(self: Any, arn: str) -> Any:
        """Parameter groups have tags too: moto doesn't know their ARNs."""
        return self.tagging_service.list_tags_for_resource(arn) if ":parametergroup:" in arn else as_written(self, arn)

    return list_tags_for_resource


ADDED: Added = {
    "ElastiCacheResponse": {
        "delete_cache_subnet_group": _delete_subnet_group, "modify_cache_subnet_group": _modify_subnet_group,
        "modify_cache_cluster": _modify_cluster, "create_cache_parameter_group": _create_parameter_group,
        "modify_cache_parameter_group": _modify_parameter_group,
        "reset_cache_parameter_group": _reset_parameter_group,
        "describe_cache_parameter_groups": _describe_parameter_groups,
        "describe_cache_parameters": _describe_parameters, "delete_cache_parameter_group": _delete_parameter_group,
        "increase_replica_count": _resize, "decrease_replica_count": _resize,
    },
}
WRAPPED: Wrapped = (
    ("ReplicationGroup", "__init__", _as_many_as_asked),
    ("ElastiCacheResponse", "modify_replication_group", _more_of_replicas),
    ("ElastiCacheBackend", "list_tags_for_resource", _of_any_kind),
    ("ElastiCacheBackend", "delete_cache_cluster", gone("cache_clusters")),
    ("ElastiCacheBackend", "delete_replication_group", gone("replication_groups")),
)
