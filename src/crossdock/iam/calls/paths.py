"""Looking into a request's parameters.

A path names members as botocore does: `pipeline.name`, `entries[].EventBusName` (every element of a list),
`Attributes{}` (the keys of a map), `Roles<>` (its values). A spec is paths separated by `|`, of which the first with a
value counts; one that starts with `=` is a literal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Params = Mapping[str, Any]
_MARK = re.compile(r"\[\]|\{\}|<>")


def values(params: Params, spec: str) -> list[Any]:
    """All values that a spec finds, outermost list first; empty when none is given."""
    for path in spec.split("|"):
        if path.startswith("="):
            return [path[1:]]
        if found := _walk(params, path):
            return found
    return []


def first(params: Params, spec: str) -> Any:
    """The first value of a spec, or None."""
    found = values(params, spec)
    return found[0] if found else None


def text(value: Any) -> str:
    """A parameter as IAM compares it: `true`/`false` for booleans, decimal numbers."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.decode() if isinstance(value, bytes) else str(value)


def as_map(found: list[Any]) -> dict[str, str]:
    """Tags or another map, in any of the shapes that APIs use (map, list of pairs, nested lists), as one flat map."""
    flat: dict[str, str] = {}
    for value in found:
        if isinstance(value, list | tuple):
            flat.update(as_map(list(value)))
        elif isinstance(value, Mapping):
            lower = {str(k).lower(): v for k, v in value.items()}
            key = lower.get("key", lower.get("tagkey"))
            if isinstance(key, str) and set(lower) <= {"key", "value", "tagkey", "tagvalue"}:
                flat[key] = text(lower.get("value", lower.get("tagvalue")) or "")
            else:
                flat.update({str(k): text(v) for k, v in value.items()})
    return flat


def holds(params: Params, condition: str) -> bool:
    """`Path` (given and neither empty nor false), `!Path`, `Path=value` (or `Path=a,b`: one of them)."""
    if condition.startswith("!"):
        return not holds(params, condition[1:])
    path, equals, wanted = condition.partition("=")
    found = values(params, path)
    if equals:
        return any(text(value) in wanted.split(",") for value in found)
    return any(value not in (None, "", False, [], {}, ()) for value in found)


def _walk(value: Any, path: str) -> list[Any]:
    found = [value]
    for part in path.split("."):
        name = part.rstrip("[]{}<>")
        found = [v[name] for v in found if isinstance(v, Mapping) and v.get(name) is not None]
        for mark in _MARK.findall(part):
            match mark:
                case "{}":
                    found = [key for v in found for key in as_map([v])]
                case "<>":
                    found = [item for v in found if isinstance(v, Mapping) for item in v.values()]
                case _:
                    found = [item for v in found if isinstance(v, list | tuple) for item in v]
    return found
