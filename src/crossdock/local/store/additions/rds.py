"""RDS: subscriptions are changed, groups stay when they are, backups go with what they are of."""

from __future__ import annotations

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


ADDED: Added = {"RDSResponse": {"modify_event_subscription": _modify_event_subscription}}
WRAPPED: Wrapped = (
    ("RDSBackend", "modify_db_subnet_group", _corrected_groups),
    ("RDSBackend", "delete_db_instance", _without_backups),
    ("RDSBackend", "delete_db_cluster", _without_backups),
)
