"""The EventBridge engine: rules and targets. Buses are in `buses`, the movement of events in `deliveries`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.local.bus import inputs, schedules, targets
from crossdock.local.bus.buses import Buses
from crossdock.local.bus.deliveries import envelope
from crossdock.local.bus.destinations import Destinations
from crossdock.local.bus.patterns import Pattern, PatternError, compile_pattern
from crossdock.local.bus.state import Rule
from crossdock.local.engine import AwsError, Call, NotEmulated


class EventBridge(Destinations, Buses):
    """Rules of every account and region of the world."""

    def put_rule(self, call: Call) -> Mapping[str, Any]:
        bus, name = self.bus_of(call), call.params["Name"]
        pattern, schedule = call.params.get("EventPattern", ""), call.params.get("ScheduleExpression", "")
        if not pattern and not schedule:
            raise AwsError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
        if pattern:
            _compiled(pattern)
        if schedule:
            if bus.name != "default":
                raise AwsError("ValidationException", "ScheduleExpression is supported only on the default event bus.")
            schedules.check(schedule)
        role = call.params.get("RoleArn", "")
        arn = self.rule_arn(call, bus.name, name)
        with self._lock:
            old = self.state.rules.get(arn)
            self.state.rules[arn] = Rule(
                account=bus.account, region=bus.region, bus=bus.name, name=name, arn=arn,
                created_by=call.account, pattern=pattern, schedule=schedule,
                enabled=call.params.get("State", "ENABLED") != "DISABLED",
                description=call.params.get("Description", ""), role=role,
                ran=old.ran if old and old.schedule == schedule else datetime.now(UTC),
                targets=old.targets if old else {},
                tags=old.tags if old else {t["Key"]: t["Value"] for t in call.params.get("Tags") or []},
            )
        return {"RuleArn": arn}

    def describe_rule(self, call: Call) -> Mapping[str, Any]:
        rule = self._rule(call, call.params["Name"])
        return {**_summary(rule), "CreatedBy": rule.created_by}

    def list_rules(self, call: Call) -> Mapping[str, Any]:
        prefix = call.params.get("NamePrefix", "")
        return {"Rules": [_summary(rule) for rule in self._rules(call) if rule.name.startswith(prefix)]}

    def delete_rule(self, call: Call) -> None:
        """Nothing happens for a rule that isn't there, as on AWS."""
        arn = self.rule_arn(call, self.bus_of(call).name, call.params["Name"])
        with self._lock:
            rule = self.state.rules.get(arn)
            if rule is not None and rule.targets:
                raise AwsError("ValidationException", "Rule can't be deleted since it has targets.")
            self.state.rules.pop(arn, None)

    def enable_rule(self, call: Call) -> None:
        self._rule(call, call.params["Name"]).enabled = True

    def disable_rule(self, call: Call) -> None:
        self._rule(call, call.params["Name"]).enabled = False

    def put_targets(self, call: Call) -> Mapping[str, Any]:
        rule = self._rule(call, call.params["Rule"])
        for target in call.params["Targets"]:
            _check_target(target)
        with self._lock:
            rule.targets = rule.targets | {target["Id"]: dict(target) for target in call.params["Targets"]}
        return {"FailedEntryCount": 0, "FailedEntries": []}

    def remove_targets(self, call: Call) -> Mapping[str, Any]:
        rule = self._rule(call, call.params["Rule"])
        with self._lock:
            rule.targets = {k: v for k, v in rule.targets.items() if k not in call.params["Ids"]}
        return {"FailedEntryCount": 0, "FailedEntries": []}

    def list_targets_by_rule(self, call: Call) -> Mapping[str, Any]:
        return {"Targets": list(self._rule(call, call.params["Rule"]).targets.values())}

    def list_rule_names_by_target(self, call: Call) -> Mapping[str, Any]:
        wanted = call.params["TargetArn"]
        return {
            "RuleNames": [r.name for r in self._rules(call) if any(t["Arn"] == wanted for t in r.targets.values())]
        }

    def put_events(self, call: Call) -> Mapping[str, Any]:
        if call.params.get("EndpointId"):
            raise NotEmulated("events:PutEvents with EndpointId")
        answers = [self._put_event(call, entry) for entry in call.params["Entries"]]
        return {"FailedEntryCount": sum("ErrorCode" in a for a in answers), "Entries": answers}

    def test_event_pattern(self, call: Call) -> Mapping[str, Any]:
        pattern = _compiled(call.params["EventPattern"])
        try:
            event = json.loads(call.params["Event"])
        except ValueError as error:
            raise AwsError("ValidationException", "Parameter Event is not valid.") from error
        if not isinstance(event, dict) or not {"id", "account", "source", "time", "region", "resources",
                                               "detail-type"} <= set(event):
            raise AwsError("ValidationException", "Parameter Event is not valid.")
        return {"Result": pattern.matches(event)}

    def _put_event(self, call: Call, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        missing = [name for name in ("Source", "DetailType", "Detail") if not entry.get(name)]
        if missing:
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": f"Parameter {missing[0]} is not valid. Reason: "
                    f"{missing[0]} is a required argument."}
        if entry["Source"].startswith("aws."):
            return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
        try:
            detail = json.loads(entry["Detail"])
        except ValueError:
            detail = None
        if not isinstance(detail, dict):
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        try:
            bus = self.find_bus(call, entry.get("EventBusName", "default"))
        except AwsError as error:
            return {"ErrorCode": error.code, "ErrorMessage": error.message}
        event = envelope(
            account=call.caller.account or call.account, region=call.region, source=entry["Source"],
            detail_type=entry["DetailType"], detail=detail, resources=entry.get("Resources") or [],
            time=entry.get("Time"),
        )
        self.deliver(bus.account, bus.region, bus.name, event)
        return {"EventId": event["id"]}

    def _rules(self, call: Call) -> list[Rule]:
        bus = self.bus_of(call)
        where = (bus.account, bus.region, bus.name)
        with self._lock:
            own = [r for r in self.state.rules.values() if (r.account, r.region, r.bus) == where]
        return sorted(own, key=lambda rule: rule.name)

    def _rule(self, call: Call, name: str) -> Rule:
        bus = self.bus_of(call)
        rule = self.state.rules.get(self.rule_arn(call, bus.name, name))
        if rule is None:
            raise AwsError("ResourceNotFoundException", f"Rule {name} does not exist on EventBus {bus.name}.")
        return rule


def _summary(rule: Rule) -> dict[str, Any]:
    optional = {
        "EventPattern": rule.pattern, "ScheduleExpression": rule.schedule, "Description": rule.description,
        "RoleArn": rule.role,
    }
    return {
        "Name": rule.name, "Arn": rule.arn, "State": "ENABLED" if rule.enabled else "DISABLED",
        "EventBusName": rule.bus, **{key: value for key, value in optional.items() if value},
    }


def _compiled(text: str) -> Pattern:
    try:
        return compile_pattern(text)
    except PatternError as error:
        raise AwsError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}") from error


def _check_target(target: Mapping[str, Any]) -> None:
    address = targets.parse(target["Arn"])
    kind = targets.kind(address)
    if not kind:
        raise NotEmulated(f"{address.service} ({address.resource}) as a target of rules")
    if kind in targets.NEEDS_ROLE and not target.get("RoleArn"):
        raise AwsError("ValidationException", f"RoleArn is required for target {target['Arn']}.")
    try:
        inputs.check(target)
    except inputs.TargetInputError as error:
        raise AwsError("ValidationException", str(error)) from error
