"""A resource's resolved properties against the types that its schema declares, as a provider checks them first.

Source: the resource provider schemas; the words are those of the validator behind CloudFormation's providers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.template import schema

_SPOKEN = {
    "object": "JSONObject", "array": "JSONArray", "string": "String", "integer": "Integer", "number": "Number",
    "boolean": "Boolean", "null": "Null",
}  # fmt: skip
_ALTERNATIVES = ("anyOf", "oneOf", "allOf", "not", "if")
_DEEPEST = 12


def problems(kind: str, properties: Mapping[str, Any]) -> list[str]:
    """Every value of a wrong type, every name that doesn't belong and every one that lacks; empty when all is well.

    Scalars count as the type that their text is of, since templates write numbers and booleans as text too.
    """
    facts = schema.of(kind)
    if facts is None or kind.startswith("Custom::"):
        return []
    whole = {"properties": facts.properties, "required": facts.required, "additionalProperties": facts.open}
    return list(_wrong(facts, whole, properties, "#", 0))


def _wrong(facts: schema.TypeSchema, shape: Any, value: Any, where: str, depth: int) -> Iterator[str]:
    shape = _followed(facts, shape)
    if depth > _DEEPEST or any(key in shape for key in _ALTERNATIVES):
        return
    given = shape.get("type")
    kinds = [given] if isinstance(given, str) else list(given or ())
    if kinds and not any(_is(kind, value) for kind in kinds):
        yield f"{where}: expected type: {_SPOKEN.get(kinds[0], kinds[0])}, found: {_spoken(value)}"
    elif isinstance(value, Mapping):
        yield from _names(shape, value, where)
        known = shape.get("properties") or {}
        others: Any = next(iter((shape.get("patternProperties") or {}).values()), {})
        for name, item in value.items():
            yield from _wrong(facts, known.get(name) or others, item, f"{where}/{name}", depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _wrong(facts, shape.get("items") or {}, item, f"{where}/{index}", depth + 1)


def _names(shape: Mapping[str, Any], value: Mapping[str, Any], where: str) -> Iterator[str]:
    known, patterns = shape.get("properties") or {}, shape.get("patternProperties")
    if shape.get("additionalProperties") is False and not patterns:
        for name in value.keys() - known.keys():
            yield f"{where}: extraneous key [{name}] is not permitted"
    for name in shape.get("required") or ():
        if name not in value:
            yield f"{where}: required key [{name}] not found"


def _followed(facts: schema.TypeSchema, shape: Any) -> Mapping[str, Any]:
    for _ in range(_DEEPEST):
        if not isinstance(shape, dict):
            return {}
        reference = str(shape.get("$ref", ""))
        if not reference.startswith("#/definitions/"):
            return shape
        shape = facts.definitions.get(reference.removeprefix("#/definitions/"), {})
    return {}


def _is(kind: str, value: Any) -> bool:
    match kind:
        case "object":
            return isinstance(value, Mapping)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, (str, int, float, bool))
        case "boolean":
            return isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false"))
        case "integer":
            return _number(value) is not None and float(str(value)).is_integer()
        case "number":
            return _number(value) is not None
        case _:
            return value is None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = str(value)
    return float(text) if re.fullmatch(r"[-+]?\d{1,18}(\.\d+)?(e[-+]?\d{1,2})?", text, re.IGNORECASE) else None


def _spoken(value: Any) -> str:
    match value:
        case Mapping():
            return "JSONObject"
        case list():
            return "JSONArray"
        case bool():
            return "Boolean"
        case int():
            return "Integer"
        case float():
            return "Number"
        case str():
            return "String"
        case _:
            return "Null"
