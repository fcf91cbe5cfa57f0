"""Event buses, their resource policies, and tags of buses and rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.local.bus.deliveries import Deliveries
from crossdock.local.bus.state import Bus
from crossdock.local.engine import AwsError, Call, NotEmulated


class Buses(Deliveries):
    """CreateEventBus, DescribeEventBus, ListEventBuses, DeleteEventBus, PutPermission, RemovePermission, tags."""

    def create_event_bus(self, call: Call) -> Mapping[str, Any]:
        name = call.params["Name"]
        unknown = {"EventSourceName", "KmsKeyIdentifier", "LogConfig"} & {k for k, v in call.params.items() if v}
        if unknown:
            raise NotEmulated(f"events:CreateEventBus with {', '.join(sorted(unknown))}")
        if "/" in name or name == "default":
            raise AwsError("ValidationException", f"Event bus name {name} is not valid.")
        arn = call.arn(f"event-bus/{name}")
        with self._lock:
            if arn in self.state.buses:
                raise AwsError("ResourceAlreadyExistsException", f"Event bus {name} already exists.")
            self.state.buses[arn] = Bus(
                account=call.account, region=call.region, name=name, arn=arn, created=datetime.now(UTC),
                description=call.params.get("Description", ""),
                tags={tag["Key"]: tag["Value"] for tag in call.params.get("Tags") or []},
            )
        return {"EventBusArn": arn}

    def update_event_bus(self, call: Call) -> Mapping[str, Any]:
        """What isn't said stays (EventBridge API, UpdateEventBus)."""
        unknown = {"KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"} & {k for k, v in call.params.items() if v}
        if unknown:
            raise NotEmulated(f"events:UpdateEventBus with {', '.join(sorted(unknown))}")
        bus = self.find_bus(call, call.params.get("Name", "default"))
        if "Description" in call.params:
            bus.description = call.params["Description"]
        return {"Arn": bus.arn, "Name": bus.name, "Description": bus.description}

    def describe_event_bus(self, call: Call) -> Mapping[str, Any]:
        return _describe(self.find_bus(call, call.params.get("Name", "default")))

    def list_event_buses(self, call: Call) -> Mapping[str, Any]:
        self.find_bus(call, "default")
        prefix = call.params.get("NamePrefix", "")
        with self._lock:
            own = [b for b in self.state.buses.values() if (b.account, b.region) == (call.account, call.region)]
        return {"EventBuses": [_describe(bus) for bus in own if bus.name.startswith(prefix)]}

    def delete_event_bus(self, call: Call) -> None:
        """Nothing happens for a bus that isn't there, as on AWS."""
        name = call.params["Name"]
        if name == "default":
            raise AwsError("ValidationException", "Cannot delete event bus default.")
        arn = call.arn(f"event-bus/{name}")
        with self._lock:
            here = (call.account, call.region, name)
            if any((rule.account, rule.region, rule.bus) == here for rule in self.state.rules.values()):
                raise AwsError("ValidationException", f"Event bus {name} can't be deleted since it has rules.")
            self.state.buses.pop(arn, None)

    def put_permission(self, call: Call) -> None:
        bus = self.find_bus(call, call.params.get("EventBusName", "default"))
        if call.params.get("Policy"):
            try:
                statements = json.loads(call.params["Policy"])["Statement"]
            except (ValueError, KeyError, TypeError) as error:
                raise AwsError("ValidationException", "Parameter Policy is not a valid policy.") from error
            listed = statements if isinstance(statements, list) else [statements]
            bus.statements = {s.get("Sid", f"statement-{n}"): s for n, s in enumerate(listed)}
            return
        missing = [k for k in ("Action", "Principal", "StatementId") if not call.params.get(k)]
        if missing:
            raise AwsError("ValidationException", f"Parameter {missing[0]} must be specified.")
        who = call.params["Principal"]
        root = f"arn:{call.partition}:iam::{who}:root"
        statement: dict[str, Any] = {
            "Sid": call.params["StatementId"], "Effect": "Allow",
            "Principal": "*" if who == "*" else {"AWS": root}, "Action": call.params["Action"], "Resource": bus.arn,
        }
        condition = call.params.get("Condition")
        if condition:
            statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
        with self._lock:
            bus.statements = bus.statements | {statement["Sid"]: statement}

    def remove_permission(self, call: Call) -> None:
        bus = self.find_bus(call, call.params.get("EventBusName", "default"))
        if call.params.get("RemoveAllPermissions"):
            bus.statements = {}
            return
        id_ = call.params.get("StatementId", "")
        if id_ not in bus.statements:
            raise AwsError("ResourceNotFoundException", f"Statement with the provided id does not exist: {id_}.")
        with self._lock:
            bus.statements = {k: v for k, v in bus.statements.items() if k != id_}

    def resource_policy(self, arn: str) -> str | None:
        bus = self.state.buses.get(arn)
        return _policy(bus) if bus else None

    def holds(self, arn: str) -> bool:
        return arn in self.state.rules

    def tags(self, arn: str) -> Mapping[str, str]:
        found = self.state.buses.get(arn) or self.state.rules.get(arn)
        return found.tags if found else {}

    def tag_resource(self, call: Call) -> None:
        self._tagged(call).update({tag["Key"]: tag["Value"] for tag in call.params["Tags"]})

    def untag_resource(self, call: Call) -> None:
        tags = self._tagged(call)
        for key in call.params["TagKeys"]:
            tags.pop(key, None)

    def list_tags_for_resource(self, call: Call) -> Mapping[str, Any]:
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._tagged(call).items()]}

    def _tagged(self, call: Call) -> dict[str, str]:
        arn = call.params["ResourceARN"]
        found = self.state.buses.get(arn) or self.state.rules.get(arn)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"{arn} does not exist.")
        return found.tags

    def bus_of(self, call: Call) -> Bus:
        """The bus that a call on rules names."""
        return self.find_bus(call, call.params.get("EventBusName", "default"))

    def find_bus(self, call: Call, name_or_arn: str) -> Bus:
        """A bus by name or ARN; every account has its default one. Raises ResourceNotFoundException."""
        arn = name_or_arn if name_or_arn.startswith("arn:") else call.arn(f"event-bus/{name_or_arn}")
        with self._lock:
            if arn not in self.state.buses:
                parts = arn.split(":")
                if len(parts) != 6 or parts[5] != "event-bus/default" or parts[4] not in self.world.accounts:
                    name = arn.rpartition("/")[2]
                    raise AwsError("ResourceNotFoundException", f"Event bus {name} does not exist.")
                self.state.buses[arn] = Bus(
                    account=parts[4], region=parts[3], name="default", arn=arn, created=datetime.now(UTC)
                )
            return self.state.buses[arn]

    @staticmethod
    def rule_arn(call: Call, bus: str, name: str) -> str:
        """Rules of the default bus don't name it in their ARN."""
        return call.arn(f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}")


def _policy(bus: Bus) -> str | None:
    if not bus.statements:
        return None
    return json.dumps({"Version": "2012-10-17", "Statement": list(bus.statements.values())})


def _describe(bus: Bus) -> dict[str, Any]:
    policy = _policy(bus)
    return {
        "Name": bus.name, "Arn": bus.arn, "CreationTime": bus.created, "LastModifiedTime": bus.created,
        **({"Description": bus.description} if bus.description else {}), **({"Policy": policy} if policy else {}),
    }
