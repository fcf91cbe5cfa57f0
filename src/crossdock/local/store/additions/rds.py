"""RDS: subscriptions are changed, groups stay when they are, backups go with their source, passwords are managed."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult

from crossdock.local.store.additions.base import Added, Wrapped, found


def _modify_event_subscription(self: Any) -> ActionResult:
    name, held = self.params.get("SubscriptionName"), self.backend.event_subscriptions
    subscription = found(held, name, "SubscriptionNotFound", "Subscription")
    for member, attribute in (("Enabled", "enabled"), ("EventCategories", "event_categories"),
                              ("SourceType", "source_type"), ("SnsTopicArn", "sns_topic_arn")):
        if (value := self.params.get(member)) is not None:
            setattr(subscription, attribute, value)
    return ActionResult({"EventSubscription": subscription})


def _corrected_groups(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def modify_db_subnet_group(self: Any, subnet_name: str, *rest: Any, **more: Any) -> Any:
        """A group that was changed is still there: moto takes it out and gives it back to nobody."""
        found(self.subnet_groups, subnet_name, "DBSubnetGroupNotFoundFault", "DBSubnetGroup")
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


def _own_password(_: Callable[..., str]) -> Callable[..., str]:
    def generate(self: Any) -> str:
        """The user's name and a password of its own (RDS User Guide, "Password management with Amazon RDS and AWS
        Secrets Manager"): moto has one of each for all databases."""
        return json.dumps({"username": self.resource.master_username, "password": secrets.token_urlsafe(24)})

    return generate


def _another_password(_: Callable[..., None]) -> Callable[..., None]:
    def rotate_secret(self: Any) -> None:
        """A rotated secret has another password: moto's stays as it was."""
        self._status = "rotating"
        self.secretsmanager.put_secret_value(
            secret_id=self.secret.arn, secret_string=self._generate_secret_string(), secret_binary=None,
            client_request_token="", version_stages=["AWSCURRENT"])  # fmt: skip

    return rotate_secret


def _keeps_cluster_secret(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def modify_db_cluster(self: Any, kwargs: dict[str, Any]) -> Any:
        """A password that is managed already stays: moto makes another secret, under another name."""
        held = self.clusters.get(kwargs.get("db_cluster_identifier"))
        if held is not None and held.manage_master_user_password and kwargs.get("manage_master_user_password"):
            kwargs = {name: value for name, value in kwargs.items() if name not in _MANAGED}
        return as_written(self, kwargs)

    return modify_db_cluster


def _keeps_secret(as_written: Callable[..., None]) -> Callable[..., None]:
    def update(self: Any, **given: Any) -> None:
        """As for a cluster."""
        if self.manage_master_user_password and given.get("manage_master_user_password"):
            given = {name: value for name, value in given.items() if name not in _MANAGED}
        as_written(self, **given)

    return update


_MANAGED = ("manage_master_user_password", "master_user_secret_kms_key_id")


def _where_it_is(as_written: Any) -> Any:
    """The host where a server really is, once one runs; `store.databases.tell` says so."""
    return property(lambda self: getattr(self, "host_here", None) or as_written.fget(self))


def _with_own_id(as_written: Callable[..., None]) -> Callable[..., None]:
    def made(self: Any, *given: Any, **more: Any) -> None:
        """A resource id that no other instance has: moto has one for all."""
        as_written(self, *given, **more)
        self.dbi_resource_id = "db-" + "".join(secrets.choice(_LETTERS) for _ in range(26))

    return made


_LETTERS = string.ascii_uppercase + string.digits


def _reset(groups: str, member: str) -> Callable[..., ActionResult]:
    """Parameters that go back to their defaults: those named, or all (RDS API, ResetDBParameterGroup)."""

    def reset(self: Any) -> ActionResult:
        name = self.params.get(member)
        group = found(getattr(self.backend, groups), name, "DBParameterGroupNotFound", member)
        named = [given["ParameterName"] for given in self.params.get("Parameters") or ()]
        for one in list(group.parameters) if self.params.get("ResetAllParameters") else named:
            group.parameters.pop(one, None)
        return ActionResult({member: name})

    return reset


def _sources(self: Any) -> Any:
    return found(self.backend.event_subscriptions, self.params.get("SubscriptionName"), "SubscriptionNotFound",
                 "Subscription")


def _add_source(self: Any) -> ActionResult:
    subscription, source = _sources(self), self.params.get("SourceIdentifier")
    if source not in subscription.source_ids:
        subscription.source_ids = [*subscription.source_ids, source]
    return ActionResult({"EventSubscription": subscription})


def _remove_source(self: Any) -> ActionResult:
    subscription, source = _sources(self), self.params.get("SourceIdentifier")
    subscription.source_ids = [held for held in subscription.source_ids if held != source]
    return ActionResult({"EventSubscription": subscription})


def _more_of_cluster(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def modify_db_cluster(self: Any, kwargs: dict[str, Any]) -> Any:
        """Authentication by IAM and logs are turned on and off later too: moto has other names for both."""
        wanted, logs = kwargs.get("enable_iam_database_authentication"), kwargs.get(
            "cloudwatch_logs_export_configuration")
        cluster = as_written(self, kwargs)
        held = self.clusters[cluster.db_cluster_identifier]
        if wanted is not None:
            held.iam_auth = wanted
        if logs:
            off, on = logs.get("DisableLogTypes") or (), logs.get("EnableLogTypes") or ()
            held.enabled_cloudwatch_logs_exports = [
                *(kind for kind in held.enabled_cloudwatch_logs_exports if kind not in {*off, *on}), *on]
        return held

    return modify_db_cluster


ADDED: Added = {"RDSResponse": {
    "modify_event_subscription": _modify_event_subscription,
    "add_source_identifier_to_subscription": _add_source,
    "remove_source_identifier_from_subscription": _remove_source,
    "reset_db_parameter_group": _reset("db_parameter_groups", "DBParameterGroupName"),
    "reset_db_cluster_parameter_group": _reset("db_cluster_parameter_groups", "DBClusterParameterGroupName"),
}}
WRAPPED: Wrapped = (
    ("RDSBackend", "modify_db_cluster", _more_of_cluster),
    ("MasterUserSecret", "_generate_secret_string", _own_password),
    ("MasterUserSecret", "rotate_secret", _another_password),
    ("RDSBackend", "modify_db_cluster", _keeps_cluster_secret),
    ("DBInstance", "update", _keeps_secret),
    ("DBInstance", "__init__", _with_own_id),
    ("DBInstance", "address", _where_it_is),
    ("DBCluster", "endpoint", _where_it_is),
    ("DBCluster", "reader_endpoint", _where_it_is),
    ("RDSBackend", "modify_db_subnet_group", _corrected_groups),
    ("RDSBackend", "delete_db_instance", _without_backups),
    ("RDSBackend", "delete_db_cluster", _without_backups),
)
