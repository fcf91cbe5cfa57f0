"""Operations on stack sets: begun, queued, stopped, each in a thread of its own; one at a time for a set, unless its
execution is managed or StackSets itself begins one.

Source: CloudFormation User Guide, "StackSets concepts" (operations, managed execution).
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.cloudformation.events import now
from crossdock.local.cloudformation.stacksets import describe, instances
from crossdock.local.cloudformation.stacksets.find import StackSets
from crossdock.local.cloudformation.stacksets.preferences import Preferences, read
from crossdock.local.cloudformation.stacksets.state import Instance, Operation, Place, StackSet
from crossdock.local.cloudformation.stacksets.work import Act, Work, broken
from crossdock.local.engine import AwsError, Call
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core
    from crossdock.local.world import World


class Operations(StackSets):
    """The operations that run, and how one is begun."""

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
        """Start an operation that a caller asks for. `take` changes the set, once nothing forbids it."""
        name = call.params.get("OperationId") or str(uuid.uuid4())
        if not re.fullmatch(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}", name):
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '{name}' at 'operationId' failed to satisfy constraint: Member "
                "must satisfy regular expression pattern: [a-zA-Z0-9][-a-zA-Z0-9]*",
            )
        where = list(where)
        order = read(call.params.get("OperationPreferences") or {}, sorted({region for _, region in where}))
        self._operate(of, action, where, act, take, name=name, order=order, retain=retain, waits=of.managed)
        return {"OperationId": name}

    def _operate(
        self, of: StackSet, action: str, where: Iterable[Place], act: Act, take: Any = None, *, name: str = "",
        order: Preferences | None = None, retain: bool | None = None, waits: bool,
    ) -> None:  # fmt: skip
        """Start an operation. `waits`: for those before it, instead of being refused."""
        name = name or str(uuid.uuid4())
        with self.lock:
            if name in of.operations:
                raise AwsError("OperationIdAlreadyExistsException", f"Operation {name} already exists", 409)
            before = [self._works[o.id][1] for o in of.operations.values() if o.id in self._works]
            if not waits:
                self._must_be_idle(of)
            if take is not None:
                take()
            operation = Operation(
                id=name, action=action, created=now(), preferences=order or Preferences(), retain=retain,
                administration_role=of.administration_role, execution_role=of.execution_role,
                status="QUEUED" if before else "RUNNING",
            )  # fmt: skip
            of.operations[name] = operation
            work = Work(self, of, operation, list(where), act)
            thread = threading.Thread(target=self._go, args=(work, before), name=f"stack set {of.name}", daemon=True)
            self._works[name] = work, thread
            thread.start()

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

    # -- begun by StackSets itself

    def bring_to(self, of: StackSet, made: Iterable[Instance]) -> None:
        """Instances that an account's move makes necessary."""
        new = {one.place: one for one in made}
        self._operate(of, "CREATE", new, bring(self, of), lambda: of.instances.update(new), waits=True)

    def take_away(self, of: StackSet, where: Iterable[Place], *, retain: bool) -> None:
        """Instances of an account that moved away."""
        self._operate(of, "DELETE", where, remove(self, of, retain=retain), retain=retain, waits=True)

    def when_idle(self, of: StackSet) -> None:
        """Wait for the operations of a set that run or wait now."""
        for operation in list(of.operations.values()):
            if (found := self._works.get(operation.id)) is not None:
                found[1].join()


def bring(engine: Core, of: StackSet) -> Act:
    def act(work: Work, one: Instance, caller: Caller) -> None:
        instances.bring(engine, of, one, caller, work.ending.is_set)
        one.status = "CURRENT"

    return act


def remove(engine: Core, of: StackSet, *, retain: bool) -> Act:
    def act(work: Work, one: Instance, caller: Caller) -> None:
        if not retain:
            instances.remove(engine, one, caller, work.ending.is_set)
        of.instances.pop(one.place, None)

    return act
