"""Change sets of nested stacks, made, shown, executed and deleted with that of the stack around them.

Source: CloudFormation API Reference, CreateChangeSet, IncludeNestedStacks; User Guide, "Change sets for nested stacks".
What a nested stack's parameters will be may not be known before the stack around it changes: such a value is shown as
`{{changeSet:KNOWN_AFTER_APPLY}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock.errors import TemplateError
from crossdock.local.cloudformation import changesets, nested
from crossdock.local.cloudformation.events import stack_event
from crossdock.local.cloudformation.knowledge import scope
from crossdock.local.cloudformation.run import Run
from crossdock.local.cloudformation.state import STACK_TYPE, ChangeSet, Resource, Stack
from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller
from crossdock.template import resolve
from crossdock.template.functions import intrinsic

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"


def add(engine: Core, stack: Stack, change: ChangeSet, caller: Caller) -> None:
    """Give a change set those of the stacks nested in its target. It fails when one of them does."""
    target = change.target
    assert target is not None  # noqa: S101  only a change set that has one is given more
    for name, declared in target.resources.items():
        if declared["Type"] != STACK_TYPE:
            continue
        try:
            child, made = _inner(engine, stack, change, name, caller)
        except AwsError as error:
            change.status, change.execution = "FAILED", "UNAVAILABLE"
            change.reason = f"Failed to create the change set of nested stack {name}: {error.message}"
            return
        entry = next((e for e in change.changes if e["ResourceChange"]["LogicalResourceId"] == name), None)
        if made.reason == changesets.NO_CHANGES:
            if entry is not None and changesets.is_only_looked_at(entry):
                change.changes.remove(entry)
            continue
        child.change_sets[made.id] = made
        change.children[name] = made.id
        if child.id not in engine.state.stacks:
            engine.add(child)
            stack_event(child, "REVIEW_IN_PROGRESS", "User Initiated")
        if entry is not None:
            entry["ResourceChange"]["ChangeSetId"] = made.id


def _inner(engine: Core, stack: Stack, change: ChangeSet, name: str, caller: Caller) -> tuple[Stack, ChangeSet]:
    target = change.target
    assert target is not None  # noqa: S101
    known = scope(engine, stack, target, caller, pending=_pending(change))
    try:
        properties = resolve.partial(target.resources[name].get("Properties") or {}, known) or {}
    except TemplateError as error:
        raise AwsError("ValidationError", error.problems[0].what) from error
    held = stack.resources.get(name)
    child = engine.state.stacks.get(held.physical_id) if held is not None else None
    context = Run(engine=engine, stack=stack, caller=caller).context(Resource(logical_id=name, type=STACK_TYPE))
    if child is None:
        child = nested.new_child(context, stack)
        child.status = "REVIEW_IN_PROGRESS"
    inner = nested.target_of(context, child, {**properties, "Parameters": _shown(properties)}, stack_target=target)
    asked = {"ChangeSetName": change.name, "IncludeNestedStacks": True,
             "ChangeSetType": "CREATE" if child.status == "REVIEW_IN_PROGRESS" else "UPDATE"}
    made = changesets.make(
        engine, child, asked, changesets.arn(child, change.name, engine.world.partition), inner, caller)
    made.parent, made.root = change.id, change.root or change.id
    made.execution = "UNAVAILABLE"
    return child, made


def _pending(change: ChangeSet) -> Mapping[str, str | None]:
    """Resources whose physical id is not known yet."""
    return {
        entry["ResourceChange"]["LogicalResourceId"]: None for entry in change.changes
        if entry["ResourceChange"]["Action"] == "Add" or entry["ResourceChange"].get("Replacement") == "True"
    }  # fmt: skip


def _shown(properties: Mapping[str, Any]) -> dict[str, Any]:
    given = properties.get("Parameters") or {}
    return {name: LATER if _unknown(value) else value for name, value in given.items()}


def _unknown(value: Any) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return bool(intrinsic(value)) or any(map(_unknown, items))


def drop(engine: Core, change: ChangeSet, *, executed: bool = False) -> None:
    """The change sets within go with the outer one, stacks under review too, unless they are made now."""
    for child_set in change.children.values():
        for stack in list(engine.state.stacks.values()):
            found = stack.change_sets.pop(child_set, None)
            if found is None:
                continue
            drop(engine, found, executed=executed)
            if executed:
                found.execution = "EXECUTE_COMPLETE"
                stack.change_sets = {found.id: found}
                stack.change_set = found.id
            elif stack.status == "REVIEW_IN_PROGRESS" and stack.parent and not stack.change_sets:
                stack_event(stack, "DELETE_COMPLETE")
