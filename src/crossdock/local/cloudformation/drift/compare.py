"""Differences between what a template says of a resource and what its service says.

Only what the template sets counts: defaults that a service fills in are no drift (CloudFormation User Guide,
"Considerations when detecting drift").
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

_DOCUMENTS = ("PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "EventPattern", "Policies", "RedrivePolicy")
"""Properties in which more than was written is a difference too."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs. `path` is a JSON pointer from the properties; values are text or JSON."""

    path: str
    expected: str
    actual: str
    kind: Literal["ADD", "REMOVE", "NOT_EQUAL"]


def differences(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> list[Difference]:
    """What differs, of the properties that `expected` has."""
    found: list[Difference] = []
    for name, value in expected.items():
        if name not in actual:
            found.append(Difference(f"/{name}", _text(value), "null", "REMOVE"))
        else:
            found += _between(_plain(value), _plain(actual[name]), f"/{name}", name in _DOCUMENTS)
    return found


def _between(expected: Any, actual: Any, path: str, strict: bool) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            where = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            if key in actual:
                yield from _between(value, actual[key], where, strict)
            else:
                yield Difference(where, _text(value), "null", "REMOVE")
        for key in actual.keys() - expected.keys() if strict else ():
            yield Difference(f"{path}/{key}", "null", _text(actual[key]), "ADD")
    elif isinstance(expected, list) and isinstance(actual, list):
        yield from _lists(expected, actual, path, strict)
    elif expected != actual:
        yield Difference(path, _text(expected), _text(actual), "NOT_EQUAL")


def _lists(expected: list[Any], actual: list[Any], path: str, strict: bool) -> Iterator[Difference]:
    """Order doesn't matter. Lists of one length that differ are compared item by item."""
    missing, more = list(expected), list(actual)
    for item in expected:
        if item in more:
            more.remove(item)
            missing.remove(item)
    if len(expected) == len(actual) and missing:
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            if one in missing:
                yield from _between(one, other, f"{path}/{index}", strict)
        return
    for item in missing:
        yield Difference(f"{path}/{expected.index(item)}", _text(item), "null", "REMOVE")
    for item in more:
        yield Difference(f"{path}/{actual.index(item)}", "null", _text(item), "ADD")


def _plain(value: Any) -> Any:
    """The value with scalars as text, and JSON text (policies) as what it says: a template may write either."""
    match value:
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case bool():
            return "true" if value else "false"
        case str() if value[:1] in ("{", "["):
            try:
                return _plain(json.loads(value))
            except ValueError:
                return value
        case _:
            return str(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
