"""Operations that ran when the local AWS ended: no thread goes on with them, so the stacks say that they failed.

Every stack ends in a status that AWS knows a way out of: deleting it, updating it, or continuing its rollback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossdock.local.cloudformation.events import now, resource_event, stack_event
from crossdock.local.cloudformation.stacksets.state import StackSet
from crossdock.local.cloudformation.state import Stack

if TYPE_CHECKING:
    from crossdock.local.cloudformation.state import State

WHY = "The local AWS was stopped while this operation ran"
_CLEANUP = "_CLEANUP_IN_PROGRESS"


def settle(state: State) -> None:
    """End what was under way, outer stacks first."""
    for stack in sorted(state.stacks.values(), key=lambda stack: _depth(state, stack)):
        if stack.busy:
            _settle(state, stack)
    for stack_set in state.stack_sets.values():
        _settle_set(stack_set)


def _depth(state: State, stack: Stack) -> int:
    parent = state.stacks.get(stack.parent)
    return 1 + _depth(state, parent) if parent is not None else 0


def _settle(state: State, stack: Stack) -> None:
    parent = state.stacks.get(stack.parent)
    if stack.status.endswith(_CLEANUP):
        if parent is not None and parent.before is not None:
            return  # it waits for the stack around it, which can still go back
        # What is left to remove stays noted: the clean-up of the next update, or a deletion, removes it.
        stack.before = None
        left = [r.logical_id for r in (*stack.garbage, *stack.resources.values())
                if r in stack.garbage or r.logical_id not in stack.target.resources]
        said = f"{WHY}; not removed yet: {', '.join(sorted(set(left)))}" if left else ""
        stack_event(stack, stack.status.removesuffix(_CLEANUP), said)
        return
    for resource in stack.resources.values():
        if resource.status.endswith("_IN_PROGRESS"):
            resource_event(stack, resource, resource.status.replace("_IN_PROGRESS", "_FAILED"), WHY)
    match stack.status:
        case "UPDATE_IN_PROGRESS" if parent is not None or stack.on_failure == "DO_NOTHING":
            stack_event(stack, "UPDATE_FAILED", WHY)
        case "UPDATE_IN_PROGRESS":
            stack_event(stack, "UPDATE_ROLLBACK_IN_PROGRESS", WHY)
            stack_event(stack, "UPDATE_ROLLBACK_FAILED", f"{WHY}; continue it")
        case "IMPORT_IN_PROGRESS" | "IMPORT_ROLLBACK_IN_PROGRESS":
            stack_event(stack, "IMPORT_ROLLBACK_FAILED", WHY)
        case _:
            stack_event(stack, stack.status.replace("_IN_PROGRESS", "_FAILED"), WHY)


def _settle_set(stack_set: StackSet) -> None:
    for operation in stack_set.operations.values():
        if operation.over:
            continue
        for place, result in operation.results.items():
            if result.status in ("PENDING", "RUNNING"):
                result.status, result.reason = ("CANCELLED" if result.status == "PENDING" else "FAILED"), WHY
                instance = stack_set.instances.get(place)
                if instance is not None and instance.operation == operation.id:
                    instance.status, instance.detailed, instance.reason = "OUTDATED", result.status, WHY
        operation.status, operation.reason, operation.ended = "FAILED", WHY, now()
