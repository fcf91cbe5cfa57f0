"""The event pattern language (EventBridge User Guide, creating event patterns). Pure.

A pattern is a JSON object: fields that it names must be in the event, with one of the values listed; `$or` gives
alternatives. A field that is an array in the event matches when one of its elements does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crossdock.local.bus.operators import OperandError, exact, operator

Values = tuple[Any, ...]
Condition = Callable[[Values], bool]


class PatternError(ValueError):
    """A text is no event pattern; says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: conditions on the values of fields, patterns for objects below, and alternatives."""

    leaves: Mapping[str, tuple[Condition, ...]]
    objects: Mapping[str, Pattern]
    alternatives: tuple[Pattern, ...]

    def matches(self, event: Any) -> bool:
        """Whether an event (JSON values; for an array: one of its objects) has what this pattern asks for."""
        if isinstance(event, list):
            return any(self.matches(element) for element in event if isinstance(element, (Mapping, list)))
        return (
            all(_any(conditions, tuple(_scalars(event, field))) for field, conditions in self.leaves.items())
            and all(pattern.matches(_below(event, field)) for field, pattern in self.objects.items())
            and (not self.alternatives or any(pattern.matches(event) for pattern in self.alternatives))
        )


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> Pattern:
    """The pattern that a JSON text holds. Raises PatternError."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise PatternError(f"Filter is not valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise PatternError("Filter is not an object")
    if not document:
        raise PatternError("Empty objects are not allowed")
    return _pattern(document)


def _pattern(document: Mapping[str, Any]) -> Pattern:
    leaves: dict[str, tuple[Condition, ...]] = {}
    objects: dict[str, Pattern] = {}
    alternatives: tuple[Pattern, ...] = ()
    for field, rule in document.items():
        if field == "$or" and _is_or(rule):
            alternatives = tuple(_pattern(alternative) for alternative in rule)
        elif isinstance(rule, dict):
            if not rule:
                raise PatternError("Empty objects are not allowed")
            objects[field] = _pattern(rule)
        elif isinstance(rule, list):
            if not rule:
                raise PatternError("Empty arrays are not allowed")
            leaves[field] = tuple(_condition(field, each) for each in rule)
        else:
            raise PatternError(f'"{field}" must be an object or an array')
    return Pattern(leaves, objects, alternatives)


def _is_or(rule: Any) -> bool:
    """`$or` is an operator when it lists at least two objects; else it is a field of that name."""
    return isinstance(rule, list) and len(rule) > 1 and all(isinstance(each, dict) and each for each in rule)


def _condition(field: str, wanted: Any) -> Condition:
    try:
        if not isinstance(wanted, dict):
            test = exact(wanted)
        elif len(wanted) != 1:
            raise PatternError("Only one key allowed in match expression")
        else:
            name, operand = next(iter(wanted.items()))
            if name == "exists":
                if not isinstance(operand, bool):
                    raise PatternError("exists match pattern must be either true or false.")
                return lambda values: bool(values) is operand
            test = operator(name, operand)
    except OperandError as error:
        raise PatternError(f"{error} (at {field})") from error
    return lambda values: any(test(value) for value in values)


def _any(conditions: tuple[Condition, ...], values: Values) -> bool:
    return any(condition(values) for condition in conditions)


def _scalars(event: Any, field: str) -> Iterator[Any]:
    """The leaf values of a field: none when it is absent or an object, the elements when it is an array."""
    if isinstance(event, Mapping) and field in event:
        queue = [event[field]]
        while queue:
            value = queue.pop(0)
            if isinstance(value, (list, tuple)):
                queue[:0] = value
            elif not isinstance(value, Mapping):
                yield value


def _below(event: Any, field: str) -> Any:
    """The object or array in a field; an empty object where there is none, so that `exists: false` can hold."""
    value = event.get(field) if isinstance(event, Mapping) else None
    return value if isinstance(value, (Mapping, list)) and value else {}
