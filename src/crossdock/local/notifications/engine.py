"""Notification rules, and the messages that they send (Developer Tools console User Guide, notification rules)."""

from __future__ import annotations

import json
import logging
import queue
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError, Call, Engine, NotEmulated
from crossdock.local.identity import service_principal
from crossdock.local.notifications import kinds

if TYPE_CHECKING:
    from crossdock.local.world import World

_log = logging.getLogger(__name__)
_PRINCIPAL = "codestar-notifications.amazonaws.com"
_STATUS = {"SNS": "ACTIVE", "AWSChatbotSlack": "PENDING", "AWSChatbotMicrosoftTeams": "PENDING"}


@dataclass(slots=True, kw_only=True)
class NotificationRule:
    """`targets`: address -> {TargetType, TargetStatus}."""

    arn: str
    name: str
    resource: str
    events: tuple[str, ...]
    detail: str
    status: str
    by: str
    targets: dict[str, dict[str, str]]
    tags: dict[str, str]
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class State:
    """Rules by ARN."""

    rules: dict[str, NotificationRule] = field(default_factory=dict)


class CodeStarNotifications(Engine):
    """Rules of every account and region. Messages go out from a thread of their own: who tells of an event waits for
    nobody."""

    service = "codestar-notifications"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state = State()
        self._heard: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="codestar-notifications", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._heard.put(None)
            self._thread.join()
            self._thread = None

    # -- rules

    def create_notification_rule(self, call: Call) -> Mapping[str, Any]:
        given = call.params
        if any(one.name == given["Name"] for one in self._own(call)):
            raise AwsError("ResourceAlreadyExistsException", f"A notification rule named {given['Name']} exists")
        rule = NotificationRule(
            arn=call.arn(f"notificationrule/{uuid.uuid4().hex}"), name=given["Name"], resource=given["Resource"],
            events=_known(given["EventTypeIds"]), detail=given["DetailType"], status=given.get("Status", "ENABLED"),
            by=call.caller.arn, targets=_targets(given["Targets"]), tags=dict(given.get("Tags") or {}),
        )
        self.state.rules[rule.arn] = rule
        return {"Arn": rule.arn}

    def update_notification_rule(self, call: Call) -> None:
        rule, given = self._rule(call), call.params
        rule.name, rule.status = given.get("Name", rule.name), given.get("Status", rule.status)
        rule.detail = given.get("DetailType", rule.detail)
        if "EventTypeIds" in given:
            rule.events = _known(given["EventTypeIds"])
        if "Targets" in given:
            rule.targets = _targets(given["Targets"])
        rule.modified = datetime.now(UTC)

    def describe_notification_rule(self, call: Call) -> Mapping[str, Any]:
        rule = self._rule(call)
        return {
            "Arn": rule.arn, "Name": rule.name, "Resource": rule.resource, "DetailType": rule.detail,
            "Status": rule.status, "CreatedBy": rule.by, "CreatedTimestamp": rule.created,
            "LastModifiedTimestamp": rule.modified, "Tags": rule.tags,
            "EventTypes": [_type(one) for one in rule.events],
            "Targets": [{"TargetAddress": address, **one} for address, one in rule.targets.items()],
        }

    def delete_notification_rule(self, call: Call) -> Mapping[str, Any]:
        """Nothing happens for a rule that isn't there, as on AWS."""
        self.state.rules.pop(call.params["Arn"], None)
        return {"Arn": call.params["Arn"]}

    def list_notification_rules(self, call: Call) -> Mapping[str, Any]:
        if call.params.get("Filters"):
            raise NotEmulated("Filters of codestar-notifications:ListNotificationRules")
        return {"NotificationRules": [{"Id": one.arn.rpartition("/")[2], "Arn": one.arn} for one in self._own(call)]}

    def list_event_types(self, call: Call) -> Mapping[str, Any]:
        if call.params.get("Filters"):
            raise NotEmulated("Filters of codestar-notifications:ListEventTypes")
        return {"EventTypes": [_type(one) for one in kinds.TYPES]}

    def subscribe(self, call: Call) -> Mapping[str, Any]:
        rule = self._rule(call)
        rule.targets |= _targets([call.params["Target"]])
        return {"Arn": rule.arn}

    def unsubscribe(self, call: Call) -> Mapping[str, Any]:
        rule = self._rule(call)
        rule.targets.pop(call.params["TargetAddress"], None)
        return {"Arn": rule.arn}

    def delete_target(self, call: Call) -> None:
        address = call.params["TargetAddress"]
        holders = [one for one in self._own(call) if address in one.targets]
        if holders and not call.params.get("ForceUnsubscribeAll"):
            raise AwsError("ValidationException", f"{address} is a target of notification rules")
        for rule in holders:
            del rule.targets[address]

    def tag_resource(self, call: Call) -> Mapping[str, Any]:
        rule = self._rule(call)
        rule.tags.update(call.params["Tags"])
        return {"Tags": rule.tags}

    def untag_resource(self, call: Call) -> None:
        for key in call.params["TagKeys"]:
            self._rule(call).tags.pop(key, None)

    def list_tags_for_resource(self, call: Call) -> Mapping[str, Any]:
        return {"Tags": self._rule(call).tags}

    def tags(self, arn: str) -> Mapping[str, str]:
        rule = self.state.rules.get(arn)
        return rule.tags if rule else {}

    def _own(self, call: Call) -> list[NotificationRule]:
        return [one for arn, one in self.state.rules.items() if arn.startswith(call.arn("notificationrule/"))]

    def _rule(self, call: Call) -> NotificationRule:
        arn = call.params["Arn"]
        if arn not in self.state.rules:
            raise AwsError("ResourceNotFoundException", f"The notification rule {arn} does not exist")
        return self.state.rules[arn]

    # -- messages

    def hear(self, event: Mapping[str, Any]) -> None:
        """An event of a service: rules about its resource send it on."""
        if self.state.rules:
            self._heard.put(event)

    def _work(self) -> None:
        while (event := self._heard.get()) is not None:
            self.send(event)

    def send(self, event: Mapping[str, Any]) -> None:
        kind, resource = kinds.of(event)
        for rule in list(self.state.rules.values()):
            if rule.status == "ENABLED" and rule.resource == resource and kind in rule.events:
                message = json.dumps(self._message(rule, event), default=str)
                for address, target in rule.targets.items():
                    self._deliver(rule, address, target, message)

    def _message(self, rule: NotificationRule, event: Mapping[str, Any]) -> dict[str, Any]:
        more = self._additional(event) if rule.detail == "FULL" else {}
        same = {name: event[name] for name in ("account", "region", "source", "time", "detail", "resources")}
        return {"detailType": event["detail-type"], "notificationRuleArn": rule.arn, **same,
                "additionalAttributes": more}

    def _additional(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Of pipelines: what failed, and where the sources stood (rule V4)."""
        if event["source"] != "aws.codepipeline":
            return {}
        engine: Any = self.world.engine("codepipeline")
        pipeline = engine.state.pipelines.get(next(iter(event["resources"])))
        execution = pipeline.executions.get(event["detail"]["execution-id"]) if pipeline else None
        if execution is None:
            return {}
        runs = [run for stage in list(execution.stages.values()) for run in list(stage.actions.values())]
        failed = [run for run in runs if run.status == "Failed"]
        found: dict[str, Any] = {"sourceActions": [
            {"sourceActionName": run.action, "sourceActionProvider": run.declaration["actionTypeId"]["provider"],
             "sourceActionVariables": dict(run.variables)} for run in runs if run.revision is not None]}
        if failed:
            found |= {"failedActionCount": len(failed), "failedStage": failed[0].stage, "failedActions": [
                {"action": run.action, "additionalInformation": run.error_message} for run in failed]}
        return found

    def _deliver(self, rule: NotificationRule, address: str, target: dict[str, str], message: str) -> None:
        if target["TargetType"] != "SNS":
            self.world.substitution(f"notification rule {rule.name} would have told {address}; nothing here speaks to "
                                    "chats")
            return
        region, account = rule.arn.split(":")[3:5]
        caller = service_principal(_PRINCIPAL, source_arn=rule.arn, source_account=account)
        try:
            self.world.client("sns", caller, region).publish(TopicArn=address, Message=message)
        except ClientError as error:  # a topic whose policy does not let notifications in, or that is gone
            target["TargetStatus"] = "UNREACHABLE"
            _log.warning("%s could not tell %s: %s", rule.arn, address, error)
        else:
            target["TargetStatus"] = "ACTIVE"


def _known(events: list[str]) -> tuple[str, ...]:
    for one in events:
        if one not in kinds.TYPES:
            raise AwsError("ValidationException", f"Event type {one} is not valid")
        if one.startswith(kinds.SILENT):
            raise NotEmulated(f"notifications of type {one}")
    return tuple(events)


def _targets(given: list[Mapping[str, str]]) -> dict[str, dict[str, str]]:
    for one in given:
        if one["TargetType"] not in _STATUS:
            raise AwsError("ValidationException", f"Target type {one['TargetType']} is not valid")
    return {one["TargetAddress"]: {"TargetType": one["TargetType"], "TargetStatus": _STATUS[one["TargetType"]]}
            for one in given}


def _type(event: str) -> dict[str, str]:
    service, resource = kinds.TYPES[event]
    return {"EventTypeId": event, "ServiceName": service, "ResourceType": resource,
            "EventTypeName": event.split("-", 2)[2].replace("-", " ").capitalize()}
