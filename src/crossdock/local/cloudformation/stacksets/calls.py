"""The calls on stack sets that change something. Those that start an operation answer with its id; a thread does it.

Source: CloudFormation API Reference. Only self-managed permissions: targets are accounts, by number.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.cloudformation import request
from crossdock.local.cloudformation.events import now
from crossdock.local.cloudformation.stacksets import describe, instances
from crossdock.local.cloudformation.stacksets.asked import NAME, Asked, asked, places, refuse_service_managed
from crossdock.local.cloudformation.stacksets.find import StackSets, no_instance
from crossdock.local.cloudformation.stacksets.preferences import read
from crossdock.local.cloudformation.stacksets.state import (
    ADMINISTRATION_ROLE,
    EXECUTION_ROLE,
    Instance,
    Operation,
    Place,
    StackSet,
)
from crossdock.local.cloudformation.stacksets.work import Act, Work, broken
from crossdock.local.engine import AwsError, Call
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.world import World


class StackSetCalls(StackSets):
    """Sets, their instances, their operations. One operation per set at a time, unless its execution is managed."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._works: dict[str, tuple[Work, threading.Thread]] = {}

    def stop(self) -> None:
        works = list(self._works.values())
        for work, _ in works:
            work.ending.set()
            work.stop.set()
        super().stop()
        for _, thread in works:
            thread.join(timeout=2)

    def wait_operation(self, operation_id: str, seconds: float = 30.0) -> None:
        """Until an operation is over: for those who are in the same process."""
        found = self._works.get(operation_id)
        if found is not None:
            found[1].join(seconds)

    # -- sets

    def create_stack_set(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        name = params["StackSetName"]
        if not NAME.fullmatch(name):
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '{name}' at 'stackSetName' failed to satisfy constraint: Member "
                "must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]{0,127}",
            )
        refuse_service_managed(params)
        wanted = asked(self, call, None)
        role = f"arn:{self.world.partition}:iam::{call.account}:role/{ADMINISTRATION_ROLE}"
        identity = f"{name}:{uuid.uuid4()}"
        made = StackSet(
            id=identity, name=name, arn=call.arn(f"stackset/{identity}"), account=call.account, region=call.region,
            text=wanted.text, body=wanted.body, given=wanted.given, capabilities=wanted.capabilities, tags=wanted.tags,
            description=params.get("Description", ""), managed=wanted.managed,
            administration_role=params.get("AdministrationRoleARN", role),
            execution_role=params.get("ExecutionRoleName", EXECUTION_ROLE),
        )  # fmt: skip
        with self.lock:
            if any(s.name == name and s.status == "ACTIVE" for s in self.sets_of(call.account, call.region)):
                raise AwsError("NameAlreadyExistsException", f"StackSet {name} already exists", 409)
            self.state.stack_sets[identity] = made
        return {"StackSetId": identity}

    def update_stack_set(self, call: Call) -> Mapping[str, Any]:
        params, of = call.params, self.find_set(call)
        refuse_service_managed(params)
        wanted = asked(self, call, of)
        some = "Accounts" in params or "Regions" in params
        where = _existing(of, places(params)) if some else list(of.instances)
        changed = (wanted.text, dict(wanted.given)) != (of.text, dict(of.given))

        def take() -> None:
            _take(of, wanted, params)
            for one in of.instances.values():
                if changed or one.place in where:
                    one.status = "OUTDATED"

        return self._begin(call, of, "UPDATE", where, _bring(self, of), take)

    def delete_stack_set(self, call: Call) -> Mapping[str, Any]:
        of = self.find_set(call)
        with self.lock:
            self._must_be_idle(of)
            if of.instances:
                raise AwsError("StackSetNotEmptyException", "StackSet is not empty", 409)
            of.status = "DELETED"
        return {}

    # -- instances

    def create_stack_instances(self, call: Call) -> Mapping[str, Any]:
        of, where = self.find_set(call), places(call.params)
        refuse_service_managed(call.params)
        overrides = _overrides(of, call.params, None)

        def take() -> None:
            for account, region in where:
                of.instances.setdefault((account, region), Instance(account=account, region=region))
                of.instances[account, region].overrides = dict(overrides)

        return self._begin(call, of, "CREATE", where, _bring(self, of), take)

    def update_stack_instances(self, call: Call) -> Mapping[str, Any]:
        of = self.find_set(call)
        refuse_service_managed(call.params)
        where = _existing(of, places(call.params))
        overrides = {place: _overrides(of, call.params, of.instances[place]) for place in where}

        def take() -> None:
            for place in where:
                of.instances[place].overrides = overrides[place]
                of.instances[place].status = "OUTDATED"

        return self._begin(call, of, "UPDATE", where, _bring(self, of), take)

    def delete_stack_instances(self, call: Call) -> Mapping[str, Any]:
        of = self.find_set(call)
        refuse_service_managed(call.params)
        where = [place for place in places(call.params) if place in of.instances]
        retain = bool(call.params["RetainStacks"])

        def act(work: Work, one: Instance, caller: Caller) -> None:
            if not retain:
                instances.remove(self, one, caller, work.ending.is_set)
            of.instances.pop(one.place, None)

        return self._begin(call, of, "DELETE", where, act, retain=retain)

    def detect_stack_set_drift(self, call: Call) -> Mapping[str, Any]:
        of = self.find_set(call)

        def act(_: Work, one: Instance, caller: Caller) -> None:
            instances.compare(self, one, caller)

        return self._begin(call, of, "DETECT_DRIFT", list(of.instances), act)

    # -- operations

    def stop_stack_set_operation(self, call: Call) -> Mapping[str, Any]:
        _, operation = self.find_operation(call)
        found = self._works.get(operation.id)
        if operation.over or found is None:
            raise AwsError(
                "InvalidOperationException",
                f"Operation {operation.id} is in status {operation.status} and cannot be stopped",
            )
        operation.status = "STOPPING"
        found[0].stop.set()
        return {}

    def _must_be_idle(self, of: StackSet) -> None:
        for operation in of.operations.values():
            if not operation.over:
                said = f"Another Operation on StackSet {of.arn} is in progress: {operation.id}"
                raise AwsError("OperationInProgressException", said, 409)

    def _begin(
        self, call: Call, of: StackSet, action: str, where: Iterable[Place], act: Act, take: Any = None, *,
        retain: bool | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Start an operation. `take` changes the set, once nothing forbids it."""
        name = call.params.get("OperationId") or str(uuid.uuid4())
        if not re.fullmatch(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}", name):
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '{name}' at 'operationId' failed to satisfy constraint: Member "
                "must satisfy regular expression pattern: [a-zA-Z0-9][-a-zA-Z0-9]*",
            )
        where = list(where)
        order = read(call.params.get("OperationPreferences") or {}, sorted({region for _, region in where}))
        with self.lock:
            if name in of.operations:
                raise AwsError("OperationIdAlreadyExistsException", f"Operation {name} already exists", 409)
            waits = [self._works[o.id][1] for o in of.operations.values() if o.id in self._works]
            if not of.managed:
                self._must_be_idle(of)
            if take is not None:
                take()
            operation = Operation(
                id=name, action=action, created=now(), preferences=order, retain=retain,
                administration_role=of.administration_role, execution_role=of.execution_role,
                status="QUEUED" if waits else "RUNNING",
            )  # fmt: skip
            of.operations[name] = operation
            work = Work(self, of, operation, where, act)
            thread = threading.Thread(target=self._go, args=(work, waits), name=f"stack set {of.name}", daemon=True)
            self._works[name] = work, thread
        thread.start()
        return {"OperationId": name}

    def _go(self, work: Work, waits: list[threading.Thread]) -> None:
        for thread in waits:
            thread.join()
        if work.operation.status == "QUEUED":
            work.operation.status = "RUNNING"
        try:
            work.run()
            if work.operation.action == "DETECT_DRIFT":
                work.operation.drift = work.set.drift = describe.drift(work.set, work.operation)
        finally:
            with self.lock:
                if not work.operation.over:  # an error of ours: it flies, but leaves no operation hanging
                    broken(work.operation, work.set)
                self._works.pop(work.operation.id, None)


def _bring(engine: StackSetCalls, of: StackSet) -> Act:
    def act(work: Work, one: Instance, caller: Caller) -> None:
        instances.bring(engine, of, one, caller, work.ending.is_set)
        one.status = "CURRENT"

    return act


def _take(of: StackSet, wanted: Asked, params: Mapping[str, Any]) -> None:
    """The set becomes what an update says, whatever becomes of the operation (API Reference, UpdateStackSet)."""
    of.text, of.body, of.given = wanted.text, wanted.body, wanted.given
    of.capabilities, of.tags, of.managed = wanted.capabilities, wanted.tags, wanted.managed
    of.description = params.get("Description", of.description)
    of.administration_role = params.get("AdministrationRoleARN", of.administration_role)
    of.execution_role = params.get("ExecutionRoleName", of.execution_role)


def _existing(of: StackSet, where: list[Place]) -> list[Place]:
    for place in where:
        if place not in of.instances:
            raise no_instance(of, *place)
    return where


def _overrides(of: StackSet, params: Mapping[str, Any], one: Instance | None) -> dict[str, str]:
    """Overrides as given; what isn't given goes back to the set's value."""
    given: dict[str, str] = {}
    for entry in params.get("ParameterOverrides", ()):
        name = entry["ParameterKey"]
        if name not in (of.body.get("Parameters") or {}):
            raise AwsError("ValidationError", f"Parameters: [{name}] do not exist in the template")
        if not entry.get("UsePreviousValue"):
            given[name] = str(entry.get("ParameterValue", ""))
        elif one is not None and name in one.overrides:
            given[name] = one.overrides[name]
    request.checked(of.body, {**of.given, **given})
    return given
