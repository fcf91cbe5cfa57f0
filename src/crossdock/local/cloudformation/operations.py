"""Create, update, delete, roll back a stack: the algorithm, in AWS's order and words.

Source: CloudFormation User Guide, "Stack status codes", "Understand update behaviors of stack resources", "Stack
failure options", "Continue rolling back an update".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from crossdock.errors import TemplateError
from crossdock.local.cloudformation import nested, request, schedule
from crossdock.local.cloudformation.events import failed_to, now, stack_event
from crossdock.local.cloudformation.knowledge import scope, secrets_of
from crossdock.local.cloudformation.run import Run
from crossdock.local.cloudformation.state import STACK_TYPE, Output, Resource, Snapshot, Stack, Target
from crossdock.local.cloudformation.work import is_denied, remove, restore, settle
from crossdock.local.engine import AwsError
from crossdock.template import Unresolved, graph, resolve

LATE = "Stack creation time exceeded the specified timeout. "


def create(run: Run) -> bool:
    """A stack in CREATE_IN_PROGRESS becomes what its target says, or is rolled back as OnFailure says."""
    stack = run.stack
    why = _advance(run)
    if not why:
        stack_event(stack, "CREATE_COMPLETE")
        return True
    match stack.on_failure:
        case "DO_NOTHING":
            stack_event(stack, "CREATE_FAILED", why)
        case "DELETE":
            stack_event(stack, "DELETE_IN_PROGRESS", f"{why}Delete requested by user.")
            _remove_all(run.rollback(), "DELETE_COMPLETE", "DELETE_FAILED", created_now=True)
        case _:
            stack_event(stack, "ROLLBACK_IN_PROGRESS", f"{why}Rollback requested by user.")
            _remove_all(run.rollback(), "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", created_now=True)
    return False


def begin_update(stack: Stack, target: Target) -> None:
    """Remember what the stack is, and aim it at the target."""
    if stack.before is None:
        kept = {name: dataclasses.replace(resource) for name, resource in stack.resources.items()}
        stack.before = Snapshot(target=stack.target, resources=kept, outputs=dict(stack.outputs))
    stack.target = target
    stack.updated = now()


def update(run: Run) -> bool:
    """A stack in UPDATE_IN_PROGRESS becomes what its target says, or goes back to what it was."""
    if advance(run):
        finish(run)
        return True
    if run.stack.on_failure != "DO_NOTHING":
        roll_back(run)
        finish(run)
    return False


def advance(run: Run) -> bool:
    """The first half of an update: everything new is there, nothing old is gone. A nested stack waits here."""
    why = _advance(run)
    if why:
        doing_nothing = run.stack.on_failure == "DO_NOTHING" or run.stack.parent
        stack_event(run.stack, "UPDATE_FAILED" if doing_nothing else "UPDATE_ROLLBACK_IN_PROGRESS", why)
    else:
        stack_event(run.stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    return not why


def _advance(run: Run) -> str:
    """Settle all resources and outputs. Returns why it failed, or an empty string."""
    stack, target = run.stack, run.stack.target
    try:
        stack.secrets |= secrets_of(target)
        run.order = graph.dependencies(target.body, target.conditions)
        _check_imports(run)
        gone = [resource for name, resource in stack.resources.items() if name not in target.resources]
        if kept := [one.logical_id for one in gone if is_denied(run, one, "Update:Delete")]:
            return failed_to("update", kept)
        existed = {name for name, resource in stack.resources.items() if resource.physical_id}
        failed, _ = schedule.run(run.order, partial(settle, run))
        if run.late:
            return LATE
        failed = [name for name in failed if _said_so(stack, name)] or failed
        if failed:
            made = [name for name in failed if name not in existed]
            kept = [name for name in failed if name in existed]
            return (failed_to("create", made) if made else "") + (failed_to("update", kept) if kept else "")
        stack.outputs = outputs(run)
    except (TemplateError, AwsError, Unresolved) as error:
        return f"{error.problems[0].what if isinstance(error, TemplateError) else error} "
    return ""


def _check_imports(run: Run) -> None:
    """Every import that can be named is looked up before anything is made: a stack fails as a whole, with `No export
    named X found.` as its own reason. Raises AwsError."""
    known = scope(run.engine, run.stack, run.stack.target, run.caller, imports=run.imports)

    def look(value: Any) -> None:
        match value:
            case {"Fn::ImportValue": _}:
                with suppress(Unresolved):
                    resolve.resolve(value, known)
            case {"Fn::If": [str() as name, yes, no]}:
                look(yes if run.stack.target.conditions.get(name) else no)
            case dict():
                for inner in value.values():
                    look(inner)
            case list():
                for inner in value:
                    look(inner)

    for declared in run.stack.target.resources.values():
        look(declared.get("Properties"))


def _said_so(stack: Stack, name: str) -> bool:
    """Whether a resource has an event of its failure: those that weren't begun any more have none."""
    return name in stack.resources and stack.resources[name].status.endswith("_FAILED")


def outputs(run: Run) -> dict[str, Output]:
    """The target's outputs, resolved. Raises for exports that another stack holds, or that are in use and would go."""
    stack, target = run.stack, run.stack.target
    known = scope(run.engine, stack, target, run.caller, imports=run.imports)
    found: dict[str, Output] = {}
    for name, declared in (target.body.get("Outputs") or {}).items():
        if "Condition" in declared and not target.conditions.get(declared["Condition"], False):
            continue
        value = resolve.resolve(declared["Value"], known)
        export = resolve.resolve((declared.get("Export") or {}).get("Name", ""), known)
        if not isinstance(value, (str, int, float, bool)):
            raise AwsError("ValidationError", request.no_text(name))
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found[name] = Output(value=text, description=str(declared.get("Description", "")), export=str(export))
    run.engine.check_exports(stack, found)
    stack.imports = frozenset(run.imports)
    return found


def roll_back(run: Run, skip: Iterable[str] = ()) -> bool:
    """A stack in UPDATE_ROLLBACK_IN_PROGRESS goes back to its snapshot. What was created becomes garbage."""
    stack, undo = run.stack, run.rollback()
    assert stack.before is not None  # noqa: S101  begin_update came before
    before = stack.before
    for name in skip:
        stack.resources[name] = dataclasses.replace(before.resources[name])
    stack.target = before.target
    stack.outputs = before.outputs
    failed, left = schedule.run({name: old.depends for name, old in before.resources.items()}, partial(restore, undo))
    if failed or left:
        stack_event(stack, "UPDATE_ROLLBACK_FAILED", failed_to("update", failed))
        return False
    for name in [name for name in stack.resources if name not in before.resources]:
        created = stack.resources.pop(name)
        if created.physical_id:
            stack.garbage.append(created)
    stack_event(stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    return True


def go_back(run: Run) -> bool:
    """A stack in ROLLBACK_IN_PROGRESS or UPDATE_ROLLBACK_IN_PROGRESS returns to what it was before it failed."""
    if run.stack.before is None:
        return _remove_all(run.rollback(), "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", created_now=True)
    back = roll_back(run)
    finish(run)
    return back


def finish(run: Run) -> None:
    """The clean-up after an update or its rollback: old and superfluous resources go, nested stacks finish too.

    A resource that can't be deleted fails nothing (User Guide, "Stack status codes"); its event says so.
    """
    stack = run.stack
    if not stack.status.endswith("_CLEANUP_IN_PROGRESS"):
        return
    undone = stack.status.startswith("UPDATE_ROLLBACK")
    gone = [r for name, r in stack.resources.items() if name not in stack.target.resources]
    items = {f"{index}": resource for index, resource in enumerate([*gone, *stack.garbage])}
    created_now = undone
    failed, _ = schedule.run(
        schedule.reverse(_among(items)),
        lambda key: remove(run.rollback(), items[key], created_now=created_now),
        go_on=True,
    )
    for resource in gone:
        stack.resources.pop(resource.logical_id, None)
    stack.garbage = []
    stack.before = None
    for resource in list(stack.resources.values()):
        if resource.type == STACK_TYPE:
            nested.finish(run, resource.physical_id)
    verb = "rollback" if undone else "update"
    said = f"{verb.capitalize()} successful. One or more resources could not be deleted." if failed else ""
    stack_event(stack, stack.status.removesuffix("_CLEANUP_IN_PROGRESS"), said)


def delete(run: Run, retain: Iterable[str] = ()) -> bool:
    """A stack in DELETE_IN_PROGRESS goes, in reverse order; `retain` names resources that may stay. One whose exports
    are in use keeps the status that it had (AWS re:Post, "Cannot delete/update export ... as it is in use by ...")."""
    stack = run.stack
    used = run.engine.used_exports(stack)
    if used:
        had = [event.status for event in stack.events if event.physical_id == stack.id]
        stack_event(stack, had[-2], used)
        return False
    for name in retain:
        if name in stack.resources:
            stack.resources[name].deletion_policy = "Retain"
    return _remove_all(run.rollback(), "DELETE_COMPLETE", "DELETE_FAILED")


def _remove_all(run: Run, done: str, not_done: str, *, created_now: bool = False) -> bool:
    stack = run.stack
    items = {f"{i}": r for i, r in enumerate([*stack.resources.values(), *stack.garbage])}
    items = {key: resource for key, resource in items.items() if resource.status != "DELETE_COMPLETE"}
    failed, left = schedule.run(
        schedule.reverse(_among(items)), lambda key: remove(run, items[key], created_now=created_now), go_on=True
    )
    if failed or left:
        names = [items[key].logical_id for key in failed]
        stack_event(stack, not_done, failed_to("delete", names))
        return False
    stack.outputs, stack.garbage, stack.before = {}, [], None
    if done == "DELETE_COMPLETE":
        stack.deleted = now()
    stack_event(stack, done)
    return True


def _among(items: Mapping[str, Resource]) -> dict[str, frozenset[str]]:
    """Dependencies between physical resources, several of which may have the same logical id."""
    return {
        key: frozenset(
            other for other, needed in items.items() if needed.logical_id in resource.depends and other != key
        )
        for key, resource in items.items()
    }
