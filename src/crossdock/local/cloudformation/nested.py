"""AWS::CloudFormation::Stack: a stack within a stack, sharing its parent's caller, capabilities, tags and fate.

A nested stack that was updated keeps its snapshot until the stack above it is done: it cleans up with it, or is rolled
back with it (CloudFormation User Guide, "Nested stacks", "Rollback of nested stacks").
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from crossdock.local.cloudformation import fetch, macros, notices
from crossdock.local.cloudformation.events import stack_event
from crossdock.local.cloudformation.resources.handler import Context, Failed, Handler, Props, tags_of, words
from crossdock.local.cloudformation.resources.shapes import text
from crossdock.local.cloudformation.run import Run
from crossdock.local.cloudformation.stacksets import resource
from crossdock.local.cloudformation.state import STACK_TYPE, Stack, Target


def _authorize(ctx: Context, operation: str, arn: str, props: Props) -> None:
    """A nested stack is made by the API too: the caller needs the right to it."""
    ctx.engine.world.authorize(
        ctx.caller, action=f"cloudformation:{operation}", resource=arn, account=ctx.account, region=ctx.region,
        context={"cloudformation:TemplateUrl": str(props["TemplateURL"])} if operation != "DeleteStack" else None,
    )  # fmt: skip


def target_of(ctx: Context, child: Stack, props: Props, *, stack_target: Target) -> Target:
    """What a nested stack is to become within what the stack around it is to become."""
    from crossdock.local.cloudformation import request

    given = {
        str(name): ",".join(map(text, value)) if isinstance(value, list) else text(value)
        for name, value in (props.get("Parameters") or {}).items()
    }
    body = fetch.template(ctx.engine.world, str(props["TemplateURL"]), ctx.caller, ctx.region)
    return request.build(
        ctx.engine, child, ctx.caller, body, given=given, capabilities=stack_target.capabilities,
        tags=tags_of(props), notification_arns=tuple(props.get("NotificationARNs") or ()),
    )  # fmt: skip


def _run(ctx: Context, child: Stack, minutes: int = 0) -> Run:
    deadline = time.monotonic() + 60 * minutes if minutes else float("inf")
    return Run(engine=ctx.engine, stack=child, caller=ctx.caller, deadline=deadline, outer=ctx.stopped)


def new_child(ctx: Context, stack: Stack) -> Stack:
    """A nested stack that nobody sees yet."""
    return ctx.engine.new_stack(
        name=ctx.name(128), account=ctx.account, region=ctx.region, parent=stack.id, root=stack.root or stack.id,
        role=stack.role, on_failure="DO_NOTHING", within=ctx.logical_id,
    )  # fmt: skip


def _reviewed(ctx: Context) -> Stack | None:
    """The nested stack that a change set made, to be looked at."""
    for stack in ctx.engine.of(ctx.account, ctx.region):
        if (stack.parent, stack.within, stack.status) == (ctx.stack.id, ctx.logical_id, "REVIEW_IN_PROGRESS"):
            return stack
    return None


def _create(ctx: Context, props: Props) -> str:
    from crossdock.local.cloudformation import operations

    child = _reviewed(ctx) or new_child(ctx, ctx.stack)
    _authorize(ctx, "CreateStack", child.id, props)
    child.target = target_of(ctx, child, props, stack_target=ctx.stack.target)
    ctx.engine.add(child)
    stack_event(child, "CREATE_IN_PROGRESS", "User Initiated")
    ctx.made(child.id)
    with notices.sent(ctx.engine, child, ctx.caller):
        made = operations.create(_run(ctx, child, int(props.get("TimeoutInMinutes", 0))))
    if not made:
        raise Failed(f"Embedded stack {child.id} was not successfully created: {child.reason}")
    return child.id


def _update(ctx: Context, child_id: str, _old: Props, new: Props) -> None:
    from crossdock.local.cloudformation import changesets, operations

    child = ctx.engine.state.stacks[child_id]
    run = _run(ctx, child)
    if ctx.undoing:
        _roll_back(run)
        return
    _authorize(ctx, "UpdateStack", child_id, new)
    target = target_of(ctx, child, new, stack_target=ctx.stack.target)
    if not changesets.differs(ctx.engine, child, target):
        return
    operations.begin_update(child, target)
    stack_event(child, "UPDATE_IN_PROGRESS", "User Initiated")
    with notices.sent(ctx.engine, child, ctx.caller):
        advanced = operations.advance(run)
    if not advanced:
        raise Failed(
            f"Embedded stack {child.id} was not successfully updated. Currently in {child.status} with reason: "
            f"{child.reason}"
        )


def _roll_back(run: Run) -> None:
    from crossdock.local.cloudformation import operations

    child = run.stack
    if child.before is None:
        return
    stack_event(child, "UPDATE_ROLLBACK_IN_PROGRESS", "")
    if not operations.roll_back(run):
        raise Failed(f"Embedded stack {child.id} was not successfully rolled back: {child.reason}")


def is_touched(run: Run, child_id: str) -> bool:
    """Whether the update that is being undone changed the nested stack."""
    child = run.engine.state.stacks.get(child_id)
    return child is not None and child.before is not None


def finish(run: Run, child_id: str) -> None:
    """The clean-up of a nested stack, with that of the stack above it."""
    from crossdock.local.cloudformation import operations

    child = run.engine.state.stacks.get(child_id)
    if child is not None:
        operations.finish(Run(engine=run.engine, stack=child, caller=run.caller))


def _delete(ctx: Context, child_id: str, props: Props) -> None:
    from crossdock.local.cloudformation import operations

    child = ctx.engine.state.stacks.get(child_id)
    if child is None or child.status == "DELETE_COMPLETE":
        return
    _authorize(ctx, "DeleteStack", child_id, props)
    stack_event(child, "DELETE_IN_PROGRESS", "User Initiated")
    with notices.sent(ctx.engine, child, ctx.caller):
        gone = operations.delete(_run(ctx, child))
    if not gone:
        raise Failed(f"Embedded stack {child.id} was not successfully deleted: {child.reason}")


def _read(ctx: Context, child_id: str, _: Props) -> Mapping[str, Any]:
    """GetAtt gives `Outputs.Name`."""
    return {"Outputs": {name: output.value for name, output in ctx.engine.state.stacks[child_id].outputs.items()}}


TYPES = (
    Handler(
        type=STACK_TYPE,
        emulated=words("TemplateURL Parameters Tags TimeoutInMinutes NotificationARNs"),
        tags="list", create=_create, update=_update, delete=_delete, read=_read,
    ),
    *macros.TYPES,
    *resource.TYPES,
)  # fmt: skip
