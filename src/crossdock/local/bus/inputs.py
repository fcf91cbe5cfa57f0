"""What a target is sent of an event: Input, InputPath, InputTransformer (EventBridge User Guide, input
transformation). Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(r"\.([\w\-]+)|\['([^']+)'\]|\[(\d+)\]")
_PLACEHOLDER = re.compile(r"<([\w.\-]+)>")


class TargetInputError(ValueError):
    """A target's input can't be what it says."""


def target_input(target: Mapping[str, Any], event: Mapping[str, Any], *, rule_arn: str, rule_name: str) -> str:
    """The text sent to a target: JSON, or plain text where a template makes such."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(at(event, target["InputPath"]))
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        values = {name: at(event, path) for name, path in (transformer.get("InputPathsMap") or {}).items()}
        values |= {
            "aws.events.rule-arn": rule_arn,
            "aws.events.rule-name": rule_name,
            "aws.events.event.ingestion-time": event.get("time"),
            "aws.events.event": {k: v for k, v in event.items() if k != "detail"},
            "aws.events.event.json": event,
        }
        return _fill(transformer["InputTemplate"], values)
    return json.dumps(event)


def check(target: Mapping[str, Any]) -> None:
    """Raises TargetInputError for a target whose input could never be made."""
    given = [k for k in ("Input", "InputPath", "InputTransformer") if k in target]
    if len(given) > 1:
        raise TargetInputError(
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {target['Id']}"
        )
    paths = [target["InputPath"]] if "InputPath" in target else []
    if "Input" in target:
        try:
            json.loads(target["Input"])
        except ValueError as error:
            raise TargetInputError(f"JSON syntax error in input for target {target['Id']}") from error
    if "InputTransformer" in target:
        names = target["InputTransformer"].get("InputPathsMap") or {}
        paths += names.values()
        for name in _PLACEHOLDER.findall(target["InputTransformer"]["InputTemplate"]):
            if name not in names and not name.startswith("aws.events."):
                raise TargetInputError(f"InputTemplate for target {target['Id']} has no path for placeholder {name}")
    for path in paths:
        _steps(path)


def at(event: Any, path: str) -> Any:
    """The value at a JSON path of fields and indices (`$.detail.list[0]`); None where there is none."""
    for step in _steps(path):
        if isinstance(step, int):
            event = event[step] if isinstance(event, list) and step < len(event) else None
        else:
            event = event.get(step) if isinstance(event, Mapping) else None
    return event


def _steps(path: str) -> list[str | int]:
    if not path.startswith("$"):
        raise TargetInputError(f"Invalid JSONPath {path}: it must begin with $")
    steps: list[str | int] = []
    position = 1
    while position < len(path):
        found = _STEP.match(path, position)
        if not found:
            raise TargetInputError(f"Invalid JSONPath {path}")
        field, quoted, index = found.groups()
        steps.append(int(index) if index else field or quoted)
        position = found.end()
    return steps


def _fill(template: str, values: Mapping[str, Any]) -> str:
    """Replace placeholders: JSON where they stand alone, their text where they stand inside a string."""
    filled, end = "", 0
    for found in _PLACEHOLDER.finditer(template):
        filled += template[end : found.start()]
        value = values.get(found[1])
        inside = len(re.findall(r'(?<!\\)"', template[: found.start()])) % 2 == 1
        if inside:
            text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
            filled += json.dumps(text)[1:-1]
        else:
            filled += '""' if value is None else json.dumps(value)
        end = found.end()
    return filled + template[end:]
