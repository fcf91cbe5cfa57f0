"""Operations about state machines, their versions and aliases, and activities."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.local.engine import AwsError, Call
from crossdock.local.machines import definition
from crossdock.local.machines.state import Activity, Machine, State

_MEMBERS = ("loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")
_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")
_LOGS = {"level": "OFF", "includeExecutionData": False}


class Records:
    state: State

    # -- state machines

    def create_state_machine(self, call: Call) -> Mapping[str, Any]:
        p, name = call.params, str(call.params["name"])
        if not _NAME.fullmatch(name):
            raise AwsError("InvalidName", f"Invalid Name: '{name}'", 400)
        definition.read(str(p["definition"]))
        _role(str(p["roleArn"]))
        arn = call.arn(f"stateMachine:{name}").replace(":stepfunctions:", ":states:")
        kind = str(p.get("type") or "STANDARD")
        known = self.state.machines.get(arn)
        if known is not None:
            if (known.definition, known.role, known.kind) == (p["definition"], p["roleArn"], kind):
                return {"stateMachineArn": arn, "creationDate": known.created}
            raise AwsError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'", 400)
        machine = Machine(
            arn=arn, name=name, account=call.account, region=call.region, definition=str(p["definition"]),
            role=str(p["roleArn"]), kind=kind, members={one: p[one] for one in _MEMBERS if p.get(one) is not None},
            tags={one["key"]: one.get("value", "") for one in p.get("tags") or ()})
        self.state.machines[arn] = machine
        made = {"stateMachineArn": arn, "creationDate": machine.created}
        if p.get("publish"):
            made["stateMachineVersionArn"] = self._publish(machine, str(p.get("versionDescription") or ""))
        return made

    def update_state_machine(self, call: Call) -> Mapping[str, Any]:
        p, machine = call.params, self._machine(call)
        if p.get("definition") is not None:
            definition.read(str(p["definition"]))
            machine.definition = str(p["definition"])
        if p.get("roleArn"):
            _role(str(p["roleArn"]))
            machine.role = str(p["roleArn"])
        machine.members |= {one: p[one] for one in _MEMBERS if p.get(one) is not None}
        machine.changed()
        told: dict[str, Any] = {"updateDate": machine.updated, "revisionId": machine.revision}
        if p.get("publish"):
            told["stateMachineVersionArn"] = self._publish(machine, str(p.get("versionDescription") or ""))
        return told

    def describe_state_machine(self, call: Call) -> Mapping[str, Any]:
        machine, role, text, _, _ = self._target(str(call.params["stateMachineArn"]))
        shown = {"stateMachineArn": call.params["stateMachineArn"], "name": machine.name, "status": "ACTIVE",
                 "definition": text, "roleArn": role, "type": machine.kind, "creationDate": machine.created,
                 "loggingConfiguration": _LOGS, "tracingConfiguration": {"enabled": False},
                 "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}, **machine.members}
        return shown if machine.revision == "INITIAL" else {**shown, "revisionId": machine.revision}

    def list_state_machines(self, call: Call) -> Mapping[str, Any]:
        mine = (one for one in self.state.machines.values() if (one.account, one.region) == (call.account, call.region))
        return {"stateMachines": [
            {"stateMachineArn": one.arn, "name": one.name, "type": one.kind, "creationDate": one.created}
            for one in sorted(mine, key=lambda one: one.name)]}

    def delete_state_machine(self, call: Call) -> Mapping[str, Any]:
        """What isn't there is deleted with success (DeleteStateMachine API)."""
        self.state.machines.pop(str(call.params["stateMachineArn"]), None)
        return {}

    def validate_state_machine_definition(self, call: Call) -> Mapping[str, Any]:
        found = definition.problems(str(call.params["definition"]))
        return {"result": "FAIL" if found else "OK", "truncated": False, "diagnostics": [
            {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": one} for one in found]}

    # -- versions and aliases

    def publish_state_machine_version(self, call: Call) -> Mapping[str, Any]:
        machine, wanted = self._machine(call), call.params.get("revisionId")
        if wanted and wanted != machine.revision:
            raise AwsError("ConflictException", f"Current revision of the state machine is {machine.revision}", 409)
        arn = self._publish(machine, str(call.params.get("description") or ""))
        return {"stateMachineVersionArn": arn, "creationDate": machine.versions[machine.published]["creationDate"]}

    def _publish(self, machine: Machine, description: str) -> str:
        last = machine.versions.get(machine.published)
        if last is None or last["revision"] != machine.revision:
            machine.published += 1
            machine.versions[machine.published] = {
                "definition": machine.definition, "role": machine.role, "description": description,
                "revision": machine.revision, "creationDate": datetime.now(UTC)}
        return f"{machine.arn}:{machine.published}"

    def list_state_machine_versions(self, call: Call) -> Mapping[str, Any]:
        machine = self._machine(call)
        return {"stateMachineVersions": [
            {"stateMachineVersionArn": f"{machine.arn}:{number}", "creationDate": one["creationDate"]}
            for number, one in sorted(machine.versions.items(), reverse=True)]}

    def delete_state_machine_version(self, call: Call) -> Mapping[str, Any]:
        arn = str(call.params["stateMachineVersionArn"])
        machine = self.state.machines.get(arn.rpartition(":")[0])
        if machine is not None:
            users = [name for name, one in machine.aliases.items()
                     if any(route["stateMachineVersionArn"] == arn for route in one["routingConfiguration"])]
            if users:
                raise AwsError("ConflictException",
                               f"Version to be deleted must not be referenced by an alias: {users}", 409)
            machine.versions.pop(int(arn.rpartition(":")[2]), None)
        return {}

    def create_state_machine_alias(self, call: Call) -> Mapping[str, Any]:
        p, name = call.params, str(call.params["name"])
        machine = self._routed(p["routingConfiguration"])
        if name in machine.aliases:
            raise AwsError("ConflictException", f"Alias {name} already exists", 409)
        machine.aliases[name] = {"description": str(p.get("description") or ""), "creationDate": datetime.now(UTC),
                                 "updateDate": datetime.now(UTC), "routingConfiguration": p["routingConfiguration"]}
        return {"stateMachineAliasArn": f"{machine.arn}:{name}", "creationDate": machine.aliases[name]["creationDate"]}

    def update_state_machine_alias(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        _, _, found = self._alias(str(p["stateMachineAliasArn"]))
        if p.get("routingConfiguration"):
            self._routed(p["routingConfiguration"])
            found["routingConfiguration"] = p["routingConfiguration"]
        if p.get("description") is not None:
            found["description"] = str(p["description"])
        found["updateDate"] = datetime.now(UTC)
        return {"updateDate": found["updateDate"]}

    def describe_state_machine_alias(self, call: Call) -> Mapping[str, Any]:
        arn = str(call.params["stateMachineAliasArn"])
        _, name, found = self._alias(arn)
        return {"stateMachineAliasArn": arn, "name": name, **found}

    def list_state_machine_aliases(self, call: Call) -> Mapping[str, Any]:
        machine = self._machine(call)
        return {"stateMachineAliases": [
            {"stateMachineAliasArn": f"{machine.arn}:{name}", "creationDate": one["creationDate"]}
            for name, one in sorted(machine.aliases.items())]}

    def delete_state_machine_alias(self, call: Call) -> Mapping[str, Any]:
        machine, name, _ = self._alias(str(call.params["stateMachineAliasArn"]))
        del machine.aliases[name]
        return {}

    def _alias(self, arn: str) -> tuple[Machine, str, dict[str, Any]]:
        machine, name = self.state.machines.get(arn.rpartition(":")[0]), arn.rpartition(":")[2]
        if machine is None or name not in machine.aliases:
            raise AwsError("ResourceNotFound", f"Request references a resource that does not exist: '{arn}'", 400)
        return machine, name, machine.aliases[name]

    def _routed(self, routes: Any) -> Machine:
        """The machine whose versions these routes share out; their weights are 100 together."""
        arns = [str(route["stateMachineVersionArn"]) for route in routes]
        machine = self.state.machines.get(arns[0].rpartition(":")[0])
        known = [f"{machine.arn}:{number}" for number in machine.versions] if machine is not None else []
        if machine is None or not set(arns) <= set(known):
            raise AwsError("ResourceNotFound", f"Request references a resource that does not exist: '{arns}'", 400)
        if sum(int(route["weight"]) for route in routes) != 100:
            raise AwsError("ValidationException", "Sum of weights must equal 100", 400)
        return machine

    def _target(self, arn: str) -> tuple[Machine, str, str, str, str]:
        """A machine, or one of its versions or aliases: with role, definition, the version's ARN and the alias's."""
        machine = self.state.machines.get(arn)
        if machine is not None:
            return machine, machine.role, machine.definition, "", ""
        machine, last = self.state.machines.get(arn.rpartition(":")[0]), arn.rpartition(":")[2]
        alias = ""
        if machine is not None and last in machine.aliases:
            alias, routes = arn, machine.aliases[last]["routingConfiguration"]
            chosen = random.choices(routes, [int(route["weight"]) for route in routes])[0]  # noqa: S311
            last = str(chosen["stateMachineVersionArn"]).rpartition(":")[2]
        if machine is None or not last.isdigit() or int(last) not in machine.versions:
            raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'", 400)
        version = machine.versions[int(last)]
        return machine, version["role"], version["definition"], f"{machine.arn}:{last}", alias

    def _machine(self, call: Call) -> Machine:
        arn = str(call.params["stateMachineArn"])
        found = self.state.machines.get(arn)
        if found is None or found.account != call.account:
            raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'", 400)
        return found

    # -- activities

    def create_activity(self, call: Call) -> Mapping[str, Any]:
        name = str(call.params["name"])
        if not _NAME.fullmatch(name):
            raise AwsError("InvalidName", f"Invalid Name: '{name}'", 400)
        arn = call.arn(f"activity:{name}").replace(":stepfunctions:", ":states:")
        made = self.state.activities.setdefault(arn, Activity(
            arn=arn, name=name, account=call.account, region=call.region,
            tags={one["key"]: one.get("value", "") for one in call.params.get("tags") or ()}))
        return {"activityArn": arn, "creationDate": made.created}

    def describe_activity(self, call: Call) -> Mapping[str, Any]:
        arn = str(call.params["activityArn"])
        found = self.state.activities.get(arn)
        if found is None:
            raise AwsError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'", 400)
        return {"activityArn": arn, "name": found.name, "creationDate": found.created}

    def list_activities(self, call: Call) -> Mapping[str, Any]:
        here = (call.account, call.region)
        mine = (one for one in self.state.activities.values() if (one.account, one.region) == here)
        return {"activities": [{"activityArn": one.arn, "name": one.name, "creationDate": one.created} for one in mine]}

    def delete_activity(self, call: Call) -> Mapping[str, Any]:
        self.state.activities.pop(str(call.params["activityArn"]), None)
        return {}

    # -- tags

    def list_tags_for_resource(self, call: Call) -> Mapping[str, Any]:
        return {"tags": [{"key": key, "value": value} for key, value in self._tagged(call).items()]}

    def tag_resource(self, call: Call) -> Mapping[str, Any]:
        self._tagged(call).update({one["key"]: one.get("value", "") for one in call.params["tags"]})
        return {}

    def untag_resource(self, call: Call) -> Mapping[str, Any]:
        held = self._tagged(call)
        for key in call.params["tagKeys"]:
            held.pop(key, None)
        return {}

    def holds(self, arn: str) -> bool:
        return arn in self.state.machines or arn in self.state.activities

    def tags(self, arn: str) -> Mapping[str, str]:
        found = self.state.machines.get(arn) or self.state.activities.get(arn)
        return found.tags if found is not None else {}

    def _tagged(self, call: Call) -> dict[str, str]:
        arn = str(call.params["resourceArn"])
        found = self.state.machines.get(arn) or self.state.activities.get(arn)
        if found is None or found.account != call.account:
            raise AwsError("ResourceNotFound", f"Resource not found: '{arn}'", 400)
        return found.tags


def _role(arn: str) -> None:
    if not re.fullmatch(r"arn:[\w-]+:iam::\d{12}:role/.+", arn):
        raise AwsError("InvalidArn", f"Invalid Role Arn: '{arn}'", 400)
