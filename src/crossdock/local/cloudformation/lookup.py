"""Finding stacks, change sets and exports; the read-only half of the API."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.cloudformation import describe
from crossdock.local.cloudformation.events import now
from crossdock.local.cloudformation.state import ChangeSet, Output, Stack, State, Target
from crossdock.local.engine import AwsError, Call

if TYPE_CHECKING:
    from crossdock.local.world import World

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")
NAME_LENGTH = 128
LIMITS = {"ConcurrentResourcesLimit": 2500, "StackOutputsLimit": 200, "StackLimit": 2000}
"""Of an account and region: CloudFormation User Guide, "Understand CloudFormation quotas"."""
_ANY = "Stack with id {name} does not exist"


def in_use(verb: str, export: str, users: list[str]) -> str:
    """Why an export must stay as it is (the words of an AWS re:Post article, "Remediating Cannot delete/update export
    <EXPORT_NAME> as it is in use by <IMPORTING_STACK>")."""
    *some, last = users
    return f"Cannot {verb} export {export} as it is in use by {', '.join(some)}{' and ' if some else ''}{last}."


class Stacks:
    """The stacks of all accounts and regions; each call sees those of its own."""

    state: State
    world: World
    _index: tuple[int, dict[tuple[str, str], list[Stack]]] = 0, {}
    """How many stacks there were when they were sorted by account and region."""

    # -- finding

    def new_stack(self, *, name: str, account: str, region: str, **facts: Any) -> Stack:
        """A stack that nobody sees yet. AwsError for a name that AWS refuses."""
        if len(name) > NAME_LENGTH or not _NAME.fullmatch(name):
            must = "satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
            if len(name) > NAME_LENGTH:
                must = f"have length less than or equal to {NAME_LENGTH}"
            said = f"Value '{name}' at 'stackName' failed to satisfy constraint: Member must {must}"
            raise AwsError("ValidationError", f"1 validation error detected: {said}")
        arn = f"arn:{self.world.partition}:cloudformation:{region}:{account}:stack/{name}/{uuid.uuid4()}"
        return Stack(
            id=arn, name=name, account=account, region=region, created=now(), target=Target(text="", body={}),
            status="", **facts,
        )  # fmt: skip

    def add(self, stack: Stack) -> None:
        self.state.stacks[stack.id] = stack

    def of(self, account: str, region: str) -> list[Stack]:
        """The stacks of an account and region, newest first; deleted ones too."""
        count, places = self._index
        if count != len(self.state.stacks):  # stacks are added, and never taken out
            held, places = list(self.state.stacks.values()), {}
            for stack in reversed(held):
                places.setdefault((stack.account, stack.region), []).append(stack)
            self._index = len(held), places
        return places.get((account, region), [])

    def find_or_none(self, call: Call, name: str) -> Stack | None:
        """By id, deleted or not; by name, the one that isn't deleted."""
        for stack in self.of(call.account, call.region):
            if name == stack.id or (name == stack.name and stack.status != "DELETE_COMPLETE"):
                return stack
        return None

    def find(self, call: Call, name: str, said: str = _ANY) -> Stack:
        found = self.find_or_none(call, name)
        if found is None:
            raise AwsError("ValidationError", said.format(name=name))
        return found

    def must_be_free(self, call: Call, name: str) -> None:
        if self.find_or_none(call, name) is not None:
            raise AwsError("AlreadyExistsException", f"Stack [{name}] already exists")
        live = sum(s.status != "DELETE_COMPLETE" for s in self.of(call.account, call.region))
        if live >= LIMITS["StackLimit"]:
            raise AwsError("LimitExceededException", "Limit for stack has been exceeded")

    def change_set(self, call: Call) -> tuple[Stack, ChangeSet]:
        name, within = call.params["ChangeSetName"], call.params.get("StackName")
        if within is None and not name.startswith("arn:"):
            said = "StackName must be specified if ChangeSetName is not specified as an ARN."
            raise AwsError("ValidationError", said)
        everywhere = self.of(call.account, call.region)
        stacks = [self.find(call, within, "Stack [{name}] does not exist")] if within else everywhere
        for stack in stacks:
            for change in reversed(list(stack.change_sets.values())):
                if name in (change.id, change.name):
                    return stack, change
        raise AwsError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)

    # -- exports

    def export(self, account: str, region: str, name: str) -> str:
        """The value of an export. AwsError when there is none of that name."""
        for stack in self.of(account, region):
            for output in stack.outputs.values():
                if output.export == name:
                    return output.value
        raise AwsError("ValidationError", f"No export named {name} found.")

    def importers(self, stack: Stack, name: str) -> list[str]:
        return [
            other.name
            for other in self.of(stack.account, stack.region)
            if name in other.imports and other.status != "DELETE_COMPLETE" and other.id != stack.id
        ]

    def check_exports(self, stack: Stack, outputs: Mapping[str, Output]) -> None:
        """Raises AwsError for an export that another stack has, or that others import and that would change or go."""
        exports = {output.export: output.value for output in outputs.values() if output.export}
        for other in self.of(stack.account, stack.region):
            for output in other.outputs.values():
                if other.id != stack.id and output.export in exports:
                    said = f"Export with name {output.export} is already exported by stack {other.name}."
                    raise AwsError("ValidationError", said)
        for output in stack.outputs.values():
            users = self.importers(stack, output.export) if output.export else []
            if users and exports.get(output.export) != output.value:
                verb = "update" if output.export in exports else "delete"
                raise AwsError("ValidationError", in_use(verb, output.export, users))

    def used_exports(self, stack: Stack) -> str:
        """Why a stack can't be deleted, or an empty string."""
        for output in stack.outputs.values():
            users = self.importers(stack, output.export) if output.export else []
            if users:
                return f"Delete canceled. {in_use('delete', output.export, users)}"
        return ""

    def list_exports(self, call: Call) -> Mapping[str, Any]:
        shown = [
            {"ExportingStackId": stack.id, "Name": output.export, "Value": output.value}
            for stack in self.of(call.account, call.region)
            for output in stack.outputs.values()
            if output.export
        ]
        return describe.page(call.params, "Exports", sorted(shown, key=lambda export: export["Name"]))

    def list_imports(self, call: Call) -> Mapping[str, Any]:
        name = call.params["ExportName"]
        live = [s for s in self.of(call.account, call.region) if s.status != "DELETE_COMPLETE"]
        users = [stack.name for stack in live if name in stack.imports]
        if not users:
            raise AwsError("ValidationError", f"Export '{name}' is not imported by any stack.")
        return describe.page(call.params, "Imports", users)

    # -- reading

    def describe_account_limits(self, call: Call) -> Mapping[str, Any]:
        return describe.page(
            call.params, "AccountLimits", [{"Name": name, "Value": value} for name, value in LIMITS.items()])

    def describe_stacks(self, call: Call) -> Mapping[str, Any]:
        if "StackName" in call.params:
            return {"Stacks": [describe.stack(self.find(call, call.params["StackName"]))]}
        live = [s for s in self.of(call.account, call.region) if s.status != "DELETE_COMPLETE"]
        return describe.page(call.params, "Stacks", [describe.stack(stack) for stack in live])

    def list_stacks(self, call: Call) -> Mapping[str, Any]:
        wanted = call.params.get("StackStatusFilter")
        held = [s for s in self.of(call.account, call.region) if not wanted or s.status in wanted]
        return describe.page(call.params, "StackSummaries", [describe.summary(stack) for stack in held])

    def describe_stack_events(self, call: Call) -> Mapping[str, Any]:
        stack = self.find(call, call.params["StackName"], "Stack [{name}] does not exist")
        shown = [describe.event(stack, line) for line in reversed(list(stack.events))]
        return describe.page(call.params, "StackEvents", shown)

    def describe_stack_resource(self, call: Call) -> Mapping[str, Any]:
        name = call.params["LogicalResourceId"]
        stack = self.find(call, call.params["StackName"], "Stack '{name}' does not exist")
        if name not in stack.resources:
            raise AwsError("ValidationError", f"Resource {name} does not exist for stack {stack.name}")
        held = stack.resources[name]
        shown = {**describe.resource(held, "LastUpdatedTimestamp"), "StackId": stack.id, "StackName": stack.name}
        if held.metadata:
            shown["Metadata"] = json.dumps(held.metadata)
        return {"StackResourceDetail": shown}

    def describe_stack_resources(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        stack: Stack | None
        if "StackName" in params:
            stack = self.find(call, params["StackName"])
        elif physical := params.get("PhysicalResourceId"):
            stack = next((s for s in self.of(call.account, call.region) if _holds(s, physical)), None)
            if stack is None:
                raise AwsError("ValidationError", f"Stack for {physical} does not exist")
        else:
            raise AwsError("ValidationError", "Either StackName or PhysicalResourceId must be specified.")
        wanted = params.get("LogicalResourceId")
        return {"StackResources": [
            {**describe.resource(r), "StackId": stack.id, "StackName": stack.name}
            for r in list(stack.resources.values()) if not wanted or r.logical_id == wanted
        ]}  # fmt: skip

    def list_stack_resources(self, call: Call) -> Mapping[str, Any]:
        stack = self.find(call, call.params["StackName"])
        shown = [describe.resource(r, "LastUpdatedTimestamp") for r in list(stack.resources.values())]
        return describe.page(call.params, "StackResourceSummaries", shown)


def _holds(stack: Stack, physical_id: str) -> bool:
    return any(resource.physical_id == physical_id for resource in list(stack.resources.values()))
