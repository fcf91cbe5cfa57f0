"""CloudFormation's API: requests in, what the stacks are out. What an operation does is in `operations`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.cloudformation import changesets, describe, operations, request, waiting
from crossdock.local.cloudformation.events import stack_event
from crossdock.local.cloudformation.lookup import checked_policy
from crossdock.local.cloudformation.run import Run
from crossdock.local.cloudformation.state import ChangeSet, Stack, State, Target
from crossdock.local.cloudformation.templates import Templates
from crossdock.local.engine import AwsError, Call, Engine, HttpRequest, HttpResponse
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.world import World

SERVICE = "cloudformation.amazonaws.com"
UPDATABLE = frozenset(
    ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED", "IMPORT_COMPLETE"]
)
MINUTE = 60.0


class CloudFormation(Templates, Engine):
    """The engine. Operations answer at once; the work goes on in a thread, one operation per stack at a time."""

    service = "cloudformation"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state = State()
        self.answered = threading.Condition()
        self._lock = threading.RLock()
        self._runs: dict[str, tuple[Run, threading.Thread]] = {}

    # -- life

    def start(self) -> None:
        """Operations that were cut short by a stop have failed; the stacks say so and can be deleted or continued."""
        ended = {"CREATE": "CREATE_FAILED", "ROLLBACK": "ROLLBACK_FAILED", "DELETE": "DELETE_FAILED"}
        for stack in self.state.stacks.values():
            if stack.busy:
                status = ended.get(stack.status.partition("_")[0], "UPDATE_ROLLBACK_FAILED")
                stack_event(stack, status, "The operation was interrupted")

    def stop(self) -> None:
        with self._lock:
            runs = list(self._runs.values())
        for run, _ in runs:
            run.stop.set()
        for _, thread in runs:
            thread.join(timeout=2)

    def http(self, request: HttpRequest) -> HttpResponse:
        return waiting.receive(self, request)

    # -- work in the background

    def begin(self, run: Run, work: Callable[[Run], object]) -> None:
        """Start the work of an operation on its own thread."""

        def go() -> None:
            try:
                work(run)
            finally:
                if run.stack.busy:  # an error of ours: it flies, but leaves no stack hanging
                    self._interrupted(run.stack)
                with self._lock:
                    self._runs.pop(run.stack.id, None)

        thread = threading.Thread(target=go, name=f"stack {run.stack.name}", daemon=True)
        with self._lock:
            self._runs[run.stack.id] = (run, thread)
        thread.start()

    def _interrupted(self, stack: Stack) -> None:
        status = stack.status.partition("_IN_PROGRESS")[0].removesuffix("_COMPLETE_CLEANUP")
        stack_event(stack, f"{status}_FAILED", "Internal Failure")

    def wait(self, stack_id: str, seconds: float = 30.0) -> None:
        """Until the operation on a stack is over: for those who are in the same process."""
        found = self._runs.get(stack_id)
        if found is not None:
            found[1].join(seconds)

    def actor(self, call: Call, stack: Stack, role: str = "") -> Caller:
        """Who acts on the resources: a session of the stack's role, or the caller by forward access."""
        if not (role or stack.role):
            return call.caller.via(SERVICE)
        arn = role or stack.role
        try:
            return self.world.assume(
                arn, service=SERVICE, session="AWSCloudFormation", source_arn=stack.id, source_account=stack.account
            )
        except AwsError as error:
            raise AwsError("ValidationError", f"Role {arn} is invalid or cannot be assumed") from error

    def _target(
        self, call: Call, stack: Stack, actor: Caller, *, previous: Target | None, tags: Mapping[str, str] | None = None
    ) -> Target:
        """What a create, update or change set request asks for."""
        params = call.params
        given: dict[str, str] = {}
        kept: dict[str, str] = {}
        for entry in params.get("Parameters", ()):
            name = entry["ParameterKey"]
            if entry.get("UsePreviousValue"):
                if previous is None or name not in previous.given:
                    raise AwsError(
                        "ValidationError",
                        f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a "
                        "parameter key not in the previous template",
                    )
                kept[name] = previous.given[name]
            else:
                given[name] = str(entry.get("ParameterValue", ""))
        old_tags = previous.tags if previous else {}
        asked = {t["Key"]: t["Value"] for t in params["Tags"]} if "Tags" in params else (tags or old_tags)
        arns = tuple(params.get("NotificationARNs", previous.notification_arns if previous else ()))
        return request.build(
            self, stack, actor, request.text(self.world, call, previous.text if previous else None), given=given,
            previous=kept, capabilities=params.get("Capabilities", ()), tags=asked, notification_arns=arns,
        )  # fmt: skip

    # -- stacks

    def create_stack(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        self.must_be_free(call, params["StackName"])
        stack = self.new_stack(
            name=params["StackName"], account=call.account, region=call.region, role=params.get("RoleARN", ""),
            on_failure=_on_failure(params), protected=bool(params.get("EnableTerminationProtection", False)),
            timeout_minutes=int(params.get("TimeoutInMinutes", 0)), token=params.get("ClientRequestToken", ""),
            retain_except_on_create=bool(params.get("RetainExceptOnCreate", False)),
            policy=checked_policy(params),
        )  # fmt: skip
        _refuse_unemulated(params)
        actor = self.actor(call, stack)
        stack.target = self._target(call, stack, actor, previous=None)
        with self._lock:
            self.must_be_free(call, stack.name)
            self.add(stack)
            stack_event(stack, "CREATE_IN_PROGRESS", "User Initiated")
        self._begin_create(stack, actor)
        return {"StackId": stack.id}

    def _begin_create(self, stack: Stack, actor: Caller) -> None:
        late = time.monotonic() + MINUTE * stack.timeout_minutes if stack.timeout_minutes else float("inf")
        self.begin(Run(engine=self, stack=stack, caller=actor, deadline=late), operations.create)

    def update_stack(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        stack = self.find(call, params["StackName"], "Stack [{name}] does not exist")
        _refuse_unemulated(params)
        self._must_be(stack, UPDATABLE, "updated")
        actor = self.actor(call, stack, params.get("RoleARN", ""))
        target = self._target(call, stack, actor, previous=stack.target)
        if not self.differs(stack, target, actor):
            raise AwsError("ValidationError", "No updates are to be performed.")
        policy = checked_policy(params, stack.policy)
        self._begin_update(stack, target, actor, params)
        stack.policy = policy
        for change in stack.change_sets.values():
            if change.execution == "AVAILABLE":  # it told of a stack that is no more
                change.execution = "OBSOLETE"
        return {"StackId": stack.id}

    def _begin_update(self, stack: Stack, target: Target, actor: Caller, params: Mapping[str, Any]) -> None:
        with self._lock:
            self._must_be(stack, UPDATABLE, "updated")
            stack.role = params.get("RoleARN", stack.role)
            stack.token = params.get("ClientRequestToken", "")
            stack.on_failure = "DO_NOTHING" if params.get("DisableRollback") else "ROLLBACK"
            stack.retain_except_on_create = bool(params.get("RetainExceptOnCreate", False))
            operations.begin_update(stack, target)
            stack_event(stack, "UPDATE_IN_PROGRESS", "User Initiated")
        self.begin(Run(engine=self, stack=stack, caller=actor), operations.update)

    def differs(self, stack: Stack, target: Target, _caller: Caller) -> bool:
        return changesets.differs(self, stack, target)

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
        with self._lock:
            running = self._runs.get(stack.id)
            if stack.busy and running is not None:
                if not stack.status.startswith("CREATE"):
                    raise AwsError(
                        "ValidationError", f"Stack:{stack.id} is in {stack.status} state and can not be deleted."
                    )
                stack.on_failure = "DELETE"
                running[0].stop.set()
                return {}
            stack.token = params.get("ClientRequestToken", "")
            stack_event(stack, "DELETE_IN_PROGRESS", "User Initiated")
        run = Run(engine=self, stack=stack, caller=actor)
        self.begin(run, lambda run: operations.delete(run, retained))
        return {}

    def cancel_update_stack(self, call: Call) -> Mapping[str, Any]:
        stack = self.find(call, call.params["StackName"], "Stack [{name}] does not exist")
        running = self._runs.get(stack.id)
        if running is None or stack.status != "UPDATE_IN_PROGRESS":
            raise AwsError("ValidationError", "CancelUpdateStack cannot be called from current stack status")
        running[0].stop.set()
        return {}

    def continue_update_rollback(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        stack = self.find(call, params["StackName"], "Stack [{name}] does not exist")
        skip = params.get("ResourcesToSkip", ())
        self._must_be(stack, frozenset({"UPDATE_ROLLBACK_FAILED"}), "continued")
        for name in skip:
            if stack.before is None or name not in stack.before.resources:
                raise AwsError("ValidationError", f"Resource {name} to skip does not exist in stack {stack.name}")
        actor = self.actor(call, stack, params.get("RoleARN", ""))
        with self._lock:
            stack_event(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")

        def go(run: Run) -> None:
            if operations.roll_back(run, skip):
                operations.finish(run)

        self.begin(Run(engine=self, stack=stack, caller=actor), go)
        return {}

    def update_termination_protection(self, call: Call) -> Mapping[str, Any]:
        stack = self.find(call, call.params["StackName"], "Stack [{name}] does not exist")
        if stack.parent:
            raise AwsError("ValidationError", "Termination protection cannot be changed on nested stacks")
        stack.protected = bool(call.params["EnableTerminationProtection"])
        return {"StackId": stack.id}

    def _must_be(self, stack: Stack, statuses: Iterable[str], verb: str) -> None:
        if stack.status not in statuses or stack.parent:
            what = "is a nested stack" if stack.parent else f"is in {stack.status} state"
            raise AwsError("ValidationError", f"Stack:{stack.id} {what} and can not be {verb}.")

    # -- change sets

    def create_change_set(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        kind = params.get("ChangeSetType", "UPDATE")
        _refuse_unemulated(params)
        if kind == "IMPORT" or params.get("ResourcesToImport"):
            raise AwsError("NotEmulated", "the local AWS does not emulate change sets of type IMPORT", 501)
        stack, fresh = self._stack_for(call, kind)
        if any(held.name == params["ChangeSetName"] for held in stack.change_sets.values()):
            raise AwsError(
                "AlreadyExistsException", f"ChangeSet {params['ChangeSetName']} cannot be created due to a mismatch "
                                          "with existing attribute Name")  # fmt: skip
        actor = self.actor(call, stack, params.get("RoleARN", ""))
        previous = None if stack.status == "REVIEW_IN_PROGRESS" else stack.target
        target: Target | AwsError
        try:
            target = self._target(call, stack, actor, previous=previous)
        except request.TransformFailed as error:
            target = error
        if fresh:
            with self._lock:
                self.must_be_free(call, stack.name)
                self.add(stack)
                stack_event(stack, "REVIEW_IN_PROGRESS", "User Initiated")
        arn = changesets.arn(stack, params["ChangeSetName"], self.world.partition)
        stack.change_sets[arn] = changesets.make(self, stack, params, arn, target)
        return {"Id": arn, "StackId": stack.id}

    def _stack_for(self, call: Call, kind: str) -> tuple[Stack, bool]:
        """The stack that a change set is for, and whether it is a new one."""
        name = call.params["StackName"]
        stack = self.find_or_none(call, name)
        if kind == "CREATE":
            if stack is None:
                role = call.params.get("RoleARN", "")
                return self.new_stack(name=name, account=call.account, region=call.region, role=role), True
            if stack.status != "REVIEW_IN_PROGRESS":
                again = f"cannot be created again with the changeSet [{call.params['ChangeSetName']}]."
                raise AwsError("ValidationError", f"Stack [{stack.name}] already exists and {again}")
            return stack, False
        if stack is None:
            raise AwsError("ValidationError", f"Stack [{name}] does not exist")
        self._must_be(stack, UPDATABLE, "updated")
        return stack, False

    def describe_change_set(self, call: Call) -> Mapping[str, Any]:
        stack, change = self.change_set(call)
        shown = describe.change_set(stack, change, full=True)
        return {**shown, **describe.page(call.params, "Changes", change.changes)}

    def list_change_sets(self, call: Call) -> Mapping[str, Any]:
        stack = self.find(call, call.params["StackName"], "Stack [{name}] does not exist")
        shown = [describe.change_set(stack, change, full=False) for change in stack.change_sets.values()]
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
        del stack.change_sets[change.id]
        return {}

    def execute_change_set(self, call: Call) -> Mapping[str, Any]:
        stack, change = self.change_set(call)
        if change.execution != "AVAILABLE" or change.target is None:
            raise AwsError(
                "InvalidChangeSetStatus",
                f"ChangeSet [{change.id}] cannot be executed in its current execution status [{change.execution}]",
            )
        actor = self.actor(call, stack, change.role)
        params: dict[str, Any] = {**call.params, **({"RoleARN": change.role} if change.role else {})}
        if stack.status == "REVIEW_IN_PROGRESS":
            with self._lock:
                if stack.status != "REVIEW_IN_PROGRESS":
                    raise AwsError("InvalidChangeSetStatus", f"ChangeSet [{change.id}] is being executed")
                stack.target, stack.role = change.target, change.role
                stack.on_failure = "DO_NOTHING" if params.get("DisableRollback") else change.on_failure or "ROLLBACK"
                stack.retain_except_on_create = bool(params.get("RetainExceptOnCreate", False))
                stack.token = params.get("ClientRequestToken", "")
                stack_event(stack, "CREATE_IN_PROGRESS", "User Initiated")
            self._executed(stack, change)
            self._begin_create(stack, actor)
        else:
            self._must_be(stack, UPDATABLE, "updated")
            self._begin_update(stack, change.target, actor, params)
            self._executed(stack, change)
        return {}

    def _executed(self, stack: Stack, change: ChangeSet) -> None:
        """The others of the stack are void now: what they would do was found out for what the stack was."""
        change.execution = "EXECUTE_COMPLETE"
        stack.change_set = change.id
        stack.change_sets = {change.id: change}


def _on_failure(params: Mapping[str, Any]) -> str:
    if "OnFailure" in params and "DisableRollback" in params:
        raise AwsError("ValidationError", "Only one of DisableRollback or OnFailure can be specified.")
    return str(params.get("OnFailure", "DO_NOTHING" if params.get("DisableRollback") else "ROLLBACK"))


def _refuse_unemulated(params: Mapping[str, Any]) -> None:
    """Members that would change what happens, and aren't emulated."""
    for name in ("StackPolicyURL", "StackPolicyDuringUpdateBody", "StackPolicyDuringUpdateURL", "ResourceTypes"):
        if params.get(name):
            raise AwsError("NotEmulated", f"the local AWS does not emulate {name}", 501)
    if (params.get("RollbackConfiguration") or {}).get("RollbackTriggers"):
        raise AwsError("NotEmulated", "the local AWS does not emulate rollback triggers", 501)


