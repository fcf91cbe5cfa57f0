"""One stack of a set: made, brought up to date, removed, through the API of its account, as the execution role.

A stack whose creation failed can't be updated: the next operation deletes it and makes it anew.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from crossdock.local.cloudformation import request
from crossdock.local.cloudformation.resources.handler import Failed, code
from crossdock.local.cloudformation.stacksets.state import Instance, StackSet
from crossdock.local.cloudformation.state import STACK_TYPE, Stack
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

GATE = "AWSCloudFormationStackSetAccountGate"
NAME_ROOM = 128 - len("StackSet--") - 36
_UNMADE = frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"})
_GOOD = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})

Stopped = Callable[[], bool]


def bring(engine: Core, of: StackSet, one: Instance, caller: Caller, stopped: Stopped) -> None:
    """Make the stack what the set says, or make it at all. Raises Failed with the reason that StackSets gives."""
    held = _stack(engine, one)
    if held is not None and held.status in _UNMADE:
        remove(engine, one, caller, stopped)
        held = None
    given = {**of.given, **one.overrides}
    asked: dict[str, Any] = {
        "TemplateBody": of.text, "Capabilities": list(of.capabilities),
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
        "Tags": [{"Key": key, "Value": value} for key, value in of.tags.items()],
    }  # fmt: skip
    client, seen = engine.world.client("cloudformation", caller, one.region), len(held.events) if held else 0
    measured = request.MEASURED.set(True)
    try:
        if held is None:
            name = f"StackSet-{of.name[:NAME_ROOM]}-{uuid.uuid4()}"
            one.stack_id = client.create_stack(StackName=name, **asked)["StackId"]
        else:
            client.update_stack(StackName=one.stack_id, **asked)
    except ClientError as error:
        said = error.response["Error"].get("Message", "")
        if held is not None and said == "No updates are to be performed.":
            return
        raise Failed(said) from error
    finally:
        request.MEASURED.reset(measured)
    stack = _settled(engine, one, stopped)
    if stack.status not in _GOOD:
        raise Failed(_why(stack, seen))


def remove(engine: Core, one: Instance, caller: Caller, stopped: Stopped) -> None:
    """Delete the stack. One that is gone already counts as deleted. Raises Failed."""
    stack = _stack(engine, one)
    if stack is not None:
        seen = len(stack.events)
        try:
            engine.world.client("cloudformation", caller, one.region).delete_stack(StackName=one.stack_id)
        except ClientError as error:
            raise Failed(error.response["Error"].get("Message", "")) from error
        if _settled(engine, one, stopped).status != "DELETE_COMPLETE":
            raise Failed(_why(stack, seen))
    one.stack_id = ""


def compare(engine: Core, one: Instance, caller: Caller) -> None:
    """Detect the drift of the stack. Raises Failed."""
    if _stack(engine, one) is None:
        raise Failed("The stack does not exist")
    client = engine.world.client("cloudformation", caller, one.region)
    try:
        begun = client.detect_stack_drift(StackName=one.stack_id)["StackDriftDetectionId"]
    except ClientError as error:
        raise Failed(error.response["Error"].get("Message", "")) from error
    detection = engine.state.detections[begun]
    one.drift, one.drift_checked = detection.status, detection.at
    if detection.reason:
        raise Failed(detection.reason)


def gate(engine: Core, one: Instance, action: str, caller: Caller) -> tuple[str, str]:
    """What the account's gate function says, if it has one (User Guide, "Account gates"): its status, and why."""
    world = engine.world
    name = f"arn:{world.partition}:lambda:{one.region}:{one.account}:function:{GATE}"
    if not engine.has("lambda"):
        return "SKIPPED", f"Function not found: {name}"
    try:
        asked = json.dumps({"OperationType": action, "Account": one.account, "Region": one.region})
        answer = world.client("lambda", caller, one.region).invoke(FunctionName=name, Payload=asked)
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return "SKIPPED", f"Function not found: {name}"
        return "SKIPPED", str(error.response["Error"].get("Message", ""))
    text = answer["Payload"].read().decode(errors="replace")
    try:
        passed = "FunctionError" not in answer and json.loads(text)["Status"] == "SUCCEEDED"
    except (ValueError, KeyError, TypeError):
        passed = False
    return ("SUCCEEDED", "") if passed else ("FAILED", f"Account gate function {name} said: {text[:200]}")


def _stack(engine: Core, one: Instance) -> Stack | None:
    """The stack as it is now; None when it was never made, or is deleted."""
    stack = engine.state.stacks.get(one.stack_id)
    return None if stack is None or stack.status == "DELETE_COMPLETE" else stack


def _settled(engine: Core, one: Instance, stopped: Stopped) -> Stack:
    """The stack once its operation is over."""
    stack = engine.state.stacks[one.stack_id]
    while stack.busy and not stopped():
        engine.wait(one.stack_id, 0.5)
    return stack


def _why(stack: Stack, seen: int) -> str:
    """The first failure of a resource since the operation began, as an instance tells it."""
    for event in stack.events[seen:]:
        own = event.type == STACK_TYPE and event.physical_id == stack.id
        if event.status.endswith("_FAILED") and not own and not event.reason.endswith("cancelled"):
            return (
                f"ResourceLogicalId:{event.logical_id}, ResourceType:{event.type}, "
                f"ResourceStatusReason:{event.reason}."
            )
    return stack.reason or f"Stack {stack.name} is in {stack.status} state."
