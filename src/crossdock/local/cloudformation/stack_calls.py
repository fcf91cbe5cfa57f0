"""Create, update, delete, continue: the calls that change a stack. What an operation does is in `operations`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from crossdock.local.cloudformation import changesets, nested_changes, operations, policies
from crossdock.local.cloudformation.core import UPDATABLE, Core
from crossdock.local.cloudformation.events import stack_event
from crossdock.local.cloudformation.run import Run
from crossdock.local.cloudformation.state import Stack, Target
from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.local.identity import Caller

MINUTE = 60.0


class StackCalls(Core):
    """Each answers at once and leaves the work to a thread."""

    def create_stack(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        self.must_be_free(call, params["StackName"])
        stack = self.new_stack(
            name=params["StackName"], account=call.account, region=call.region, role=params.get("RoleARN", ""),
            on_failure=_on_failure(params), protected=bool(params.get("EnableTerminationProtection", False)),
            timeout_minutes=int(params.get("TimeoutInMinutes", 0)), token=params.get("ClientRequestToken", ""),
            retain_except_on_create=bool(params.get("RetainExceptOnCreate", False)),
            policy=policies.of(self.world, call, "StackPolicy"),
        )  # fmt: skip
        refuse_unemulated(params)
        actor = self.actor(call, stack)
        stack.target = self.target(call, stack, actor, previous=None)
        with self.lock:
            self.must_be_free(call, stack.name)
            self.add(stack)
            stack_event(stack, "CREATE_IN_PROGRESS", "User Initiated")
        self.begin_create(stack, actor)
        return {"StackId": stack.id}

    def begin_create(self, stack: Stack, actor: Caller) -> None:
        late = time.monotonic() + MINUTE * stack.timeout_minutes if stack.timeout_minutes else float("inf")
        self.begin(Run(engine=self, stack=stack, caller=actor, deadline=late), operations.create)

    def update_stack(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        stack = self.find(call, params["StackName"], "Stack [{name}] does not exist")
        refuse_unemulated(params)
        self.must_be(stack, UPDATABLE, "updated")
        actor = self.actor(call, stack, params.get("RoleARN", ""))
        target = self.target(call, stack, actor, previous=stack.target)
        if not changesets.differs(self, stack, target):
            raise AwsError("ValidationError", "No updates are to be performed.")
        policy = policies.of(self.world, call, "StackPolicy", stack.policy)
        during = policies.of(self.world, call, "StackPolicyDuringUpdate", policy)
        self.begin_update(stack, target, actor, params, policies.parse(during))
        stack.policy = policy
        for change in stack.change_sets.values():
            if change.execution == "AVAILABLE":  # it told of a stack that is no more
                change.execution = "OBSOLETE"
        return {"StackId": stack.id}

    def begin_update(
        self, stack: Stack, target: Target, actor: Caller, params: Mapping[str, Any], policy: policies.Policy
    ) -> None:
        with self.lock:
            self.must_be(stack, UPDATABLE, "updated")
            stack.role = params.get("RoleARN", stack.role)
            stack.token = params.get("ClientRequestToken", "")
            stack.on_failure = "DO_NOTHING" if params.get("DisableRollback") else "ROLLBACK"
            stack.retain_except_on_create = bool(params.get("RetainExceptOnCreate", False))
            operations.begin_update(stack, target)
            stack_event(stack, "UPDATE_IN_PROGRESS", "User Initiated")
        self.begin(Run(engine=self, stack=stack, caller=actor, policy=policy), operations.update)

    def delete_stack(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        stack = self.find_or_none(call, params["StackName"])
        if stack is None or stack.status in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS"):
            return {}
        if stack.protected:
            raise AwsError(
                "ValidationError", f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
        retained = params.get("RetainResources", ())
        if retained and stack.status != "DELETE_FAILED":
            raise AwsError(
                "ValidationError", f"Invalid operation on stack [{stack.id}]. RetainResources is only for stacks in "
                                   "DELETE_FAILED state")  # fmt: skip
        actor = self.actor(call, stack, params.get("RoleARN", ""))
        with self.lock:
            running = self.runs.get(stack.id)
            if stack.busy and running is not None:
                if not stack.status.startswith("CREATE"):
                    raise AwsError(
                        "ValidationError", f"Stack:{stack.id} is in {stack.status} state and can not be deleted."
                    )
                stack.on_failure = "DELETE"
                running[0].stop.set()
                return {}
            stack.token = params.get("ClientRequestToken", "")
            for change in stack.change_sets.values():
                nested_changes.drop(self, change)
            stack_event(stack, "DELETE_IN_PROGRESS", "User Initiated")
        run = Run(engine=self, stack=stack, caller=actor)
        self.begin(run, lambda run: operations.delete(run, retained))
        return {}

    def cancel_update_stack(self, call: Call) -> Mapping[str, Any]:
        stack = self.find(call, call.params["StackName"], "Stack [{name}] does not exist")
        running = self.runs.get(stack.id)
        if running is None or stack.status != "UPDATE_IN_PROGRESS":
            raise AwsError("ValidationError", "CancelUpdateStack cannot be called from current stack status")
        running[0].stop.set()
        return {}

    def continue_update_rollback(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        stack = self.find(call, params["StackName"], "Stack [{name}] does not exist")
        skip = params.get("ResourcesToSkip", ())
        self.must_be(stack, frozenset({"UPDATE_ROLLBACK_FAILED"}), "continued")
        for name in skip:
            if stack.before is None or name not in stack.before.resources:
                raise AwsError("ValidationError", f"Resource {name} to skip does not exist in stack {stack.name}")
        actor = self.actor(call, stack, params.get("RoleARN", ""))
        with self.lock:
            stack_event(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")

        def go(run: Run) -> None:
            if operations.roll_back(run, skip):
                operations.finish(run)

        self.begin(Run(engine=self, stack=stack, caller=actor), go)
        return {}

    def rollback_stack(self, call: Call) -> Mapping[str, Any]:
        """A stack that a failure was left in (DisableRollback) goes back to what it was, or to nothing."""
        params = call.params
        stack = self.find(call, params["StackName"], "Stack [{name}] does not exist")
        self.must_be(stack, frozenset({"CREATE_FAILED", "UPDATE_FAILED"}), "rolled back")
        actor = self.actor(call, stack, params.get("RoleARN", ""))
        with self.lock:
            self.must_be(stack, frozenset({"CREATE_FAILED", "UPDATE_FAILED"}), "rolled back")
            stack.token = params.get("ClientRequestToken", "")
            stack.retain_except_on_create = bool(params.get("RetainExceptOnCreate", stack.retain_except_on_create))
            verb = "ROLLBACK" if stack.before is None else "UPDATE_ROLLBACK"
            stack_event(stack, f"{verb}_IN_PROGRESS", "User Initiated")
        self.begin(Run(engine=self, stack=stack, caller=actor), operations.go_back)
        return {"StackId": stack.id}

    def get_stack_policy(self, call: Call) -> Mapping[str, Any]:
        policy = self.find(call, call.params["StackName"], "Stack [{name}] does not exist").policy
        return {"StackPolicyBody": policy} if policy else {}

    def set_stack_policy(self, call: Call) -> Mapping[str, Any]:
        stack = self.find(call, call.params["StackName"], "Stack [{name}] does not exist")
        policy = policies.of(self.world, call, "StackPolicy")
        policies.parse(policy, stack.target.body.get("Resources") or ())
        stack.policy = policy
        return {}

    def update_termination_protection(self, call: Call) -> Mapping[str, Any]:
        stack = self.find(call, call.params["StackName"], "Stack [{name}] does not exist")
        if stack.parent:
            raise AwsError("ValidationError", "Termination protection cannot be changed on nested stacks")
        stack.protected = bool(call.params["EnableTerminationProtection"])
        return {"StackId": stack.id}


def _on_failure(params: Mapping[str, Any]) -> str:
    if "OnFailure" in params and "DisableRollback" in params:
        raise AwsError("ValidationError", "Only one of DisableRollback or OnFailure can be specified.")
    return str(params.get("OnFailure", "DO_NOTHING" if params.get("DisableRollback") else "ROLLBACK"))


def refuse_unemulated(params: Mapping[str, Any]) -> None:
    """Members that would change what happens, and aren't emulated."""
    if params.get("ResourceTypes"):
        raise NotEmulated("ResourceTypes")
    if (params.get("RollbackConfiguration") or {}).get("RollbackTriggers"):
        raise NotEmulated("rollback triggers")
