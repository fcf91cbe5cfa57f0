"""The calls on change sets. What a change set says is in `changesets`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.cloudformation import changesets, describe, imports, macros, nested_changes, policies
from crossdock.local.cloudformation.core import UPDATABLE
from crossdock.local.cloudformation.events import stack_event
from crossdock.local.cloudformation.run import Run
from crossdock.local.cloudformation.stack_calls import StackCalls, refuse_unemulated
from crossdock.local.cloudformation.state import ChangeSet, Stack, Target
from crossdock.local.engine import AwsError, Call
from crossdock.local.identity import Caller


class ChangeSetCalls(StackCalls):
    """Made, shown, executed, deleted."""

    def create_change_set(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        kind = params.get("ChangeSetType", "UPDATE")
        refuse_unemulated(params)
        if (kind == "IMPORT") != bool(params.get("ResourcesToImport")):
            said = "ResourcesToImport is required for, and only for, change sets of type IMPORT."
            raise AwsError("ValidationError", said)
        stack, fresh = self._stack_for(call, kind)
        if any(held.name == params["ChangeSetName"] for held in _open(stack)):
            raise AwsError(
                "AlreadyExistsException", f"ChangeSet {params['ChangeSetName']} cannot be created due to a mismatch "
                                          "with existing attribute Name")  # fmt: skip
        actor = self.actor(call, stack, params.get("RoleARN", ""))
        previous = None if stack.status == "REVIEW_IN_PROGRESS" else stack.target
        target: Target | AwsError
        try:
            target = self.target(call, stack, actor, previous=previous)
        except macros.MacroFailed as error:
            target = error
        arn = changesets.arn(stack, params["ChangeSetName"], self.world.partition)
        made = changesets.make(self, stack, params, arn, target, actor)
        if fresh:
            with self.lock:
                self.must_be_free(call, stack.name)
                self.add(stack)
                stack_event(stack, "REVIEW_IN_PROGRESS", "User Initiated")
        stack.change_sets[arn] = made
        return {"Id": arn, "StackId": stack.id}

    def _stack_for(self, call: Call, kind: str) -> tuple[Stack, bool]:
        """The stack that a change set is for, and whether it is a new one."""
        name = call.params["StackName"]
        stack = self.find_or_none(call, name)
        if kind == "CREATE" or (kind == "IMPORT" and (stack is None or stack.status == "REVIEW_IN_PROGRESS")):
            if stack is None:
                role = call.params.get("RoleARN", "")
                made = self.new_stack(name=name, account=call.account, region=call.region, role=role)
                made.status = "REVIEW_IN_PROGRESS"
                return made, True
            if stack.status != "REVIEW_IN_PROGRESS":
                again = f"cannot be created again with the changeSet [{call.params['ChangeSetName']}]."
                raise AwsError("ValidationError", f"Stack [{stack.name}] already exists and {again}")
            return stack, False
        if stack is None:
            raise AwsError("ValidationError", f"Stack [{name}] does not exist")
        self.must_be(stack, UPDATABLE, "updated")
        return stack, False

    def describe_change_set(self, call: Call) -> Mapping[str, Any]:
        stack, change = self.change_set(call)
        shown = describe.change_set(stack, change, full=True)
        return {**shown, **describe.page(call.params, "Changes", change.changes)}

    def list_change_sets(self, call: Call) -> Mapping[str, Any]:
        stack = self.find(call, call.params["StackName"], "Stack [{name}] does not exist")
        shown = [describe.change_set(stack, change, full=False) for change in _open(stack)]
        return describe.page(call.params, "Summaries", shown)

    def delete_change_set(self, call: Call) -> Mapping[str, Any]:
        try:
            stack, change = self.change_set(call)
        except AwsError as error:
            if error.code != "ChangeSetNotFound":
                raise
            return {}
        if change.execution == "EXECUTE_IN_PROGRESS":
            raise AwsError("InvalidChangeSetStatus", f"ChangeSet [{change.id}] is being executed")
        if change.parent:
            raise AwsError("InvalidChangeSetStatus", f"ChangeSet [{change.id}] is nested: delete its root change set")
        del stack.change_sets[change.id]
        nested_changes.drop(self, change)
        return {}

    def execute_change_set(self, call: Call) -> Mapping[str, Any]:
        stack, change = self.change_set(call)
        if change.parent:
            raise AwsError("InvalidChangeSetStatus", f"ChangeSet [{change.id}] is nested: execute its root change set")
        if change.execution != "AVAILABLE" or change.target is None:
            raise AwsError(
                "InvalidChangeSetStatus",
                f"ChangeSet [{change.id}] cannot be executed in its current execution status [{change.execution}]",
            )
        actor = self.actor(call, stack, change.role)
        params: dict[str, Any] = {**call.params, **({"RoleARN": change.role} if change.role else {})}
        if change.kind == "IMPORT":
            self._import(stack, change, actor)
        elif stack.status == "REVIEW_IN_PROGRESS":
            with self.lock:
                if stack.status != "REVIEW_IN_PROGRESS":
                    raise AwsError("InvalidChangeSetStatus", f"ChangeSet [{change.id}] is being executed")
                stack.target, stack.role = change.target, change.role
                stack.on_failure = "DO_NOTHING" if params.get("DisableRollback") else change.on_failure or "ROLLBACK"
                stack.retain_except_on_create = bool(params.get("RetainExceptOnCreate", False))
                stack.token = params.get("ClientRequestToken", "")
                stack_event(stack, "CREATE_IN_PROGRESS", "User Initiated")
            self._executed(stack, change)
            self.begin_create(stack, actor)
        else:
            self.must_be(stack, UPDATABLE, "updated")
            self.begin_update(stack, change.target, actor, params, policies.parse(stack.policy))
            self._executed(stack, change)
        return {}

    def _import(self, stack: Stack, change: ChangeSet, actor: Caller) -> None:
        assert change.target is not None  # noqa: S101  an available change set has one
        with self.lock:
            fresh = stack.status == "REVIEW_IN_PROGRESS"
            if not fresh:
                self.must_be(stack, UPDATABLE, "updated")
            before = None if fresh else stack.target
            stack.target, stack.role = change.target, change.role or stack.role
            stack_event(stack, "IMPORT_IN_PROGRESS", "User Initiated")
        self._executed(stack, change)
        self.begin(
            Run(engine=self, stack=stack, caller=actor), lambda run: imports.perform(run, change, before)
        )

    def _executed(self, stack: Stack, change: ChangeSet) -> None:
        """The others of the stack are void now: what they would do was found out for what the stack was."""
        for other in stack.change_sets.values():
            if other is not change:
                nested_changes.drop(self, other)
        nested_changes.drop(self, change, executed=True)
        change.execution = "EXECUTE_COMPLETE"
        stack.change_set = change.id
        stack.change_sets = {change.id: change}


def _open(stack: Stack) -> list[ChangeSet]:
    """Change sets that weren't executed: those that were are no longer listed, and their names are free."""
    return [change for change in stack.change_sets.values() if change.execution != "EXECUTE_COMPLETE"]
