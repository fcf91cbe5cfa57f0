"""Definitions: read, checked as far as Step Functions checks them, and what isn't executed here named.

Amazon States Language specification, "Structure of a State Machine"; CreateStateMachine API (InvalidDefinition).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.local.engine import AwsError

TYPES = ("Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
_ENDS = ("Succeed", "Fail")
MOST = 1_048_576
"""Bytes; Step Functions quotas, "Maximum state machine size"."""


def read(text: str) -> Mapping[str, Any]:
    """A definition. Raises AwsError for what Step Functions would not take."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise _invalid("INVALID_JSON_DESCRIPTION", str(error)) from error
    if not isinstance(found, dict):
        raise _invalid("SCHEMA_VALIDATION_FAILED", "The definition is no object")
    if len(text.encode()) > MOST:
        raise _invalid("SCHEMA_VALIDATION_FAILED", f"The definition is larger than {MOST} bytes")
    if problems := list(_problems(found, "")):
        raise _invalid("SCHEMA_VALIDATION_FAILED", problems[0])
    return found


def problems(text: str) -> list[str]:
    """What is wrong with a definition (ValidateStateMachineDefinition API)."""
    try:
        read(text)
    except AwsError as error:
        return [error.message]
    return []


def _invalid(code: str, message: str) -> AwsError:
    return AwsError("InvalidDefinition", f"Invalid State Machine Definition: '{code}: {message}'", 400)


def _problems(flow: Mapping[str, Any], where: str) -> Iterator[str]:
    states = flow.get("States")
    if not isinstance(states, dict) or not states:
        yield f"There are no States at /{where}States"
        return
    if flow.get("StartAt") not in states:
        yield f"MISSING_TRANSITION_TARGET: Missing 'StartAt' target: {flow.get('StartAt')} at /{where}StartAt"
    for name, state in states.items():
        here = f"{where}States/{name}/"
        if not isinstance(state, dict):
            yield f"The state is no object at /{here}"
            continue
        yield from _of_state(state, states, here)


def _of_state(state: Mapping[str, Any], states: Mapping[str, Any], here: str) -> Iterator[str]:
    kind = state.get("Type")
    if kind not in TYPES:
        yield f"Value is not valid at /{here}Type: {kind}"
        return
    targets = [state["Next"]] if "Next" in state else []
    if kind == "Choice":
        if not state.get("Choices"):
            yield f"The value for the field 'Choices' must be a non-empty list at /{here}"
        targets += [one.get("Next") for one in state.get("Choices") or ()]
        targets += [state["Default"]] if "Default" in state else []
    elif kind not in _ENDS and ("Next" in state) is bool(state.get("End")):
        yield f"One of 'Next' and 'End' is required at /{here}"
    targets += [catcher.get("Next") for catcher in state.get("Catch") or ()]
    for target in targets:
        if target not in states:
            yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at /{here}Next"
    if kind == "Task" and not isinstance(state.get("Resource"), str):
        yield f"The field 'Resource' is required at /{here}"
    if kind == "Parallel":
        for number, branch in enumerate(state.get("Branches") or ()):
            yield from _problems(branch, f"{here}Branches/{number}/")
    if kind == "Map":
        processor = state.get("ItemProcessor") or state.get("Iterator")
        if not isinstance(processor, dict):
            yield f"The field 'ItemProcessor' is required at /{here}"
        else:
            yield from _problems(processor, f"{here}ItemProcessor/")
