"""Operations that moto lacks for what it keeps: what can't be changed or taken away again could be in no stack."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.core.responses import ActionResult, EmptyResult


class NoSuch(ServiceException):  # type: ignore[misc]
    """What the API says of a name that nothing has."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _found(held: Mapping[str, Any], name: str, code: str, noun: str) -> Any:
    if name not in held:
        raise NoSuch(code, f"{noun} {name} does not exist")
    return held[name]


# -- ElastiCache


def _delete_subnet_group(self: Any) -> EmptyResult:
    groups, name = self.elasticache_backend.cache_subnet_groups, self._get_param("CacheSubnetGroupName")
    _found(groups, name, "CacheSubnetGroupNotFoundFault", "CacheSubnetGroup")
    clusters = self.elasticache_backend.cache_clusters.values()
    if any(getattr(cluster, "cache_subnet_group_name", None) == name for cluster in clusters):
        raise NoSuch("CacheSubnetGroupInUse", f"CacheSubnetGroup {name} is in use")
    del groups[name]
    return EmptyResult()


def _modify_subnet_group(self: Any) -> ActionResult:
    from moto.elasticache.models import CacheSubnetGroup

    groups, name = self.elasticache_backend.cache_subnet_groups, self._get_param("CacheSubnetGroupName")
    held = _found(groups, name, "CacheSubnetGroupNotFoundFault", "CacheSubnetGroup")
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
    held = _found(clusters, name, "CacheClusterNotFound", "CacheCluster")
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
    held = _found(_parameter_groups(self), name, "CacheParameterGroupNotFound", "CacheParameterGroup")
    for one in self._get_param("ParameterNameValues") or ():
        held["Parameters"][one["ParameterName"]] = one.get("ParameterValue", "")
    return ActionResult({"CacheParameterGroupName": name})


def _describe_parameter_groups(self: Any) -> ActionResult:
    name, groups = self._get_param("CacheParameterGroupName"), _parameter_groups(self)
    found = [_found(groups, name, "CacheParameterGroupNotFound", "CacheParameterGroup")] if name else groups.values()
    return ActionResult({"CacheParameterGroups": list(found)})


def _describe_parameters(self: Any) -> ActionResult:
    name = self._get_param("CacheParameterGroupName")
    held = _found(_parameter_groups(self), name, "CacheParameterGroupNotFound", "CacheParameterGroup")
    return ActionResult({"Parameters": [{"ParameterName": key, "ParameterValue": value, "Source": "user"}
                                        for key, value in held["Parameters"].items()]})


def _delete_parameter_group(self: Any) -> EmptyResult:
    name, groups = self._get_param("CacheParameterGroupName"), _parameter_groups(self)
    _found(groups, name, "CacheParameterGroupNotFound", "CacheParameterGroup")
    del groups[name]
    return EmptyResult()


# -- CodeDeploy


def _delete_application(self: Any) -> str:
    backend, name = self.codedeploy_backend, self._get_param("applicationName")
    backend.applications.pop(name, None)
    backend.deployment_groups.pop(name, None)
    return ""


def _delete_deployment_group(self: Any) -> str:
    groups = self.codedeploy_backend.deployment_groups.get(self._get_param("applicationName"), {})
    groups.pop(self._get_param("deploymentGroupName"), None)
    return json.dumps({"hooksNotCleanedUp": []})


# -- RDS


def _modify_event_subscription(self: Any) -> ActionResult:
    name, held = self.params.get("SubscriptionName"), self.backend.event_subscriptions
    subscription = _found(held, name, "SubscriptionNotFound", "Subscription")
    for member, attribute in (("Enabled", "enabled"), ("EventCategories", "event_categories"),
                              ("SourceType", "source_type"), ("SnsTopicArn", "sns_topic_arn")):
        if (value := self.params.get(member)) is not None:
            setattr(subscription, attribute, value)
    return ActionResult({"EventSubscription": subscription})


# -- Synthetics


def _delete_canary(self: Any) -> str:
    canaries, name = self.synthetics_backend.canaries, self.path.rpartition("/")[2]
    if name not in canaries:
        raise JsonRESTError("ResourceNotFoundException", f"Canary {name} not found")
    del canaries[name]
    return "{}"


# -- DynamoDB


def _corrected_streams(as_written: Callable[..., None]) -> Callable[..., None]:
    def update_table_streams(self: Any, table: Any, stream_specification: dict[str, Any]) -> None:
        """A stream that was turned off can be turned on again: moto asks whether there ever was one."""
        if table.latest_stream_label and not (table.stream_specification or {}).get("StreamEnabled"):
            table.latest_stream_label = None
        as_written(self, table, stream_specification)

    return update_table_streams


def _corrected_groups(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def modify_db_subnet_group(self: Any, subnet_name: str, *rest: Any, **more: Any) -> Any:
        """A group that was changed is still there: moto takes it out and gives it back to nobody."""
        _found(self.subnet_groups, subnet_name, "DBSubnetGroupNotFoundFault", "DBSubnetGroup")
        self.subnet_groups[subnet_name] = group = as_written(self, subnet_name, *rest, **more)
        return group

    return modify_db_subnet_group


def _without_backups(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def delete(self: Any, *given: Any, **more: Any) -> Any:
        """Automated backups go with what they are of: the name is free again."""
        identifier = given[0] if given else next(iter(more.values()))
        gone = as_written(self, *given, **more)
        for held in (self.database_snapshots, self.cluster_snapshots):
            for name in [name for name in held if name.startswith(f"rds:{identifier}-")]:
                del held[name]
        return gone

    return delete


def _emptied(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def update_secret(self: Any, secret_id: str, **more: Any) -> Any:
        """A description can be taken away: moto doesn't look at an empty one."""
        answer = as_written(self, secret_id=secret_id, **more)
        if more.get("description") == "":
            self.secrets[secret_id].description = ""
        return answer

    return update_secret


def _without_default_acl(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def delete_vpc(self: Any, vpc_id: str) -> Any:
        """A VPC's own network ACL goes with it: moto keeps it."""
        gone = as_written(self, vpc_id)
        for name in [name for name, acl in self.network_acls.items() if acl.vpc_id == vpc_id]:
            del self.network_acls[name]
        return gone

    return delete_vpc


def _without_interface(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def delete_nat_gateway(self: Any, nat_gateway_id: str) -> Any:
        """A NAT gateway's network interface goes with it, and its address is free again: moto keeps both."""
        gone = as_written(self, nat_gateway_id)
        for address in self.describe_addresses():
            if address.eni is not None and address.eni is gone._eni:
                address.eni = address.association_id = None
        self.enis.pop(gone._eni.id, None)
        return gone

    return delete_nat_gateway


def _one_filter(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def put_metric_filter(self: Any, filter_name: str, filter_pattern: str, group: str, metrics: Any) -> Any:
        """A filter of that name is changed: moto adds another."""
        held = self.filters.metric_filters
        held[:] = [one for one in held if (one["filterName"], one["logGroupName"]) != (filter_name, group)]
        return as_written(self, filter_name, filter_pattern, group, metrics)

    return put_metric_filter


def _forgotten(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def change_resource_record_sets(self: Any, zoneid: str, change_list: list[dict[str, Any]]) -> Any:
        """A deleted record can be made again: moto looks for it among all changes there ever were."""
        answer = as_written(self, zoneid, change_list)
        journal = self.get_hosted_zone(zoneid).rr_changes
        for gone in (change["ResourceRecordSet"] for change in change_list if change["Action"] == "DELETE"):
            is_it = {key: str(gone.get(key, "")).strip(".") for key in ("Name", "Type", "SetIdentifier")}
            journal[:] = [kept for kept in journal if kept["Action"] == "DELETE" or is_it != {
                key: str(kept["ResourceRecordSet"].get(key, "")).strip(".") for key in is_it}]
        return answer

    return change_resource_record_sets


def _gone(held: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What is deleted is gone: moto shows it as `deleting` for ever."""

    def wrap(as_written: Callable[..., Any]) -> Callable[..., Any]:
        def delete(self: Any, *given: Any, **more: Any) -> Any:
            name = given[0] if given else next(iter(more.values()))
            deleted = as_written(self, *given, **more)
            getattr(self, held).pop(name, None)
            return deleted

        return delete

    return wrap


_WRAPPED: Mapping[str, tuple[tuple[str, str, Callable[..., Callable[..., Any]]], ...]] = {
    "dynamodb": (("DynamoDBBackend", "update_table_streams", _corrected_streams),),
    "ec2": (("EC2Backend", "delete_vpc", _without_default_acl),
            ("EC2Backend", "delete_nat_gateway", _without_interface)),
    "logs": (("LogsBackend", "put_metric_filter", _one_filter),),
    "route53": (("Route53Backend", "change_resource_record_sets", _forgotten),),
    "secretsmanager": (("SecretsManagerBackend", "update_secret", _emptied),),
    "rds": (("RDSBackend", "modify_db_subnet_group", _corrected_groups),
            ("RDSBackend", "delete_db_instance", _without_backups),
            ("RDSBackend", "delete_db_cluster", _without_backups)),
    "elasticache": (("ElastiCacheBackend", "delete_cache_cluster", _gone("cache_clusters")),
                    ("ElastiCacheBackend", "delete_replication_group", _gone("replication_groups"))),
}

_ADDED: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "elasticache:ElastiCacheResponse": {
        "delete_cache_subnet_group": _delete_subnet_group, "modify_cache_subnet_group": _modify_subnet_group,
        "modify_cache_cluster": _modify_cluster, "create_cache_parameter_group": _create_parameter_group,
        "modify_cache_parameter_group": _modify_parameter_group,
        "describe_cache_parameter_groups": _describe_parameter_groups,
        "describe_cache_parameters": _describe_parameters, "delete_cache_parameter_group": _delete_parameter_group,
    },
    "codedeploy:CodeDeployResponse": {
        "delete_application": _delete_application, "delete_deployment_group": _delete_deployment_group,
    },
    "rds:RDSResponse": {"modify_event_subscription": _modify_event_subscription},
    "synthetics:SyntheticsResponse": {"delete_canary": _delete_canary},
}


_DONE: set[str] = set()


def apply(service: str) -> None:
    """Give moto's class for a service what it lacks; what a later moto brings itself stays."""
    if service in _DONE:
        return
    _DONE.add(service)
    for kind, name, wrap in _WRAPPED.get(service, ()):
        backend = getattr(importlib.import_module(f"moto.{service}.models"), kind)
        setattr(backend, name, wrap(getattr(backend, name)))
    for where, methods in _ADDED.items():
        module, _, kind = where.partition(":")
        if module != service:
            continue
        responses = getattr(importlib.import_module(f"moto.{module}.responses"), kind)
        for name, method in methods.items():
            if not hasattr(responses, name):
                setattr(responses, name, method)
