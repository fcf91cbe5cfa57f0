"""Properties against the shape that their type declares: names that don't belong, names that are missing, scalars.

Source: the resource provider schema language (JSON Schema draft 7), "Resource type schema" in the CloudFormation CLI
User Guide. Messages as CloudFormation reports a provider's refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from crossdock.template.calls import text
from crossdock.template.functions import intrinsic
from crossdock.template.problems import nearest

if TYPE_CHECKING:
    from crossdock.template.schema import TypeSchema


# How the packaged schemas write "a map of text, in which a template may put any scalar" (environment variables).
_ANYTHING = {"string", "number", "integer", "object", "array", "boolean"}


def check(schema: TypeSchema, properties: Mapping[str, Any]) -> list[str]:
    """Unknown and missing property names, at any depth. What an intrinsic will give isn't looked at."""
    own = {"type": "object", "properties": schema.properties, "required": schema.required}
    return list(_wrong(own | ({} if schema.open else {"additionalProperties": False}), properties, "#", schema))


def _wrong(shape: Mapping[str, Any], value: Any, where: str, schema: TypeSchema) -> Iterator[str]:
    shape = _followed(shape, schema)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _wrong(shape.get("items") or {}, item, f"{where}/{index}", schema)
    if not isinstance(value, dict) or intrinsic(value):
        return
    known: Mapping[str, Any] = shape.get("properties") or {}
    closed = shape.get("additionalProperties") is False
    patterns = tuple(_pattern(text) for text in shape.get("patternProperties") or ())
    for name, item in value.items():
        if name in known:
            yield from _wrong(known[name], item, f"{where}/{name}", schema)
        elif closed and not any(pattern.search(name) for pattern in patterns) and not name.startswith("Fn::"):
            hint = nearest(name, (n for n in known if n not in schema.read_only))
            yield f"{where}: extraneous key [{name}] is not permitted" + (f" ({hint})" if hint else "")
    if not any(key.startswith("Fn::") for key in value):
        for name in shape.get("required") or ():
            if name not in value:
                yield f"{where}: required key [{name}] not found"


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """A pattern of the schema language, which is ECMAScript's: Python's has no classes of Unicode (`\\p{L}`). Letters
    and numbers become word characters, separators white space, others any character: rather too wide than too narrow.
    """
    wider = {"L": r"\w", "N": r"\w", "Z": r"\s"}
    plain = re.sub(r"\\p\{(\w)\w*\}", lambda found: wider.get(found[1], r"\W\w"), text).replace("||", "|")
    try:
        return re.compile(plain)
    except re.error:
        return re.compile("")


def coerce(schema: TypeSchema, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Text as numbers and booleans, and numbers and booleans as text, where only that is declared."""
    return {name: _coerced(schema.properties.get(name) or {}, value, schema) for name, value in properties.items()}


def _coerced(shape: Mapping[str, Any], value: Any, schema: TypeSchema) -> Any:
    shape = _followed(shape, schema)
    if isinstance(value, list):
        return [_coerced(shape.get("items") or {}, item, schema) for item in value]
    if isinstance(value, dict):
        if intrinsic(value):
            return value
        known: Mapping[str, Any] = shape.get("properties") or {}
        others: Any = next(iter((shape.get("patternProperties") or {}).values()), {})
        return {name: _coerced(known.get(name) or others, item, schema) for name, item in value.items()}
    return _scalar(shape.get("type"), value)


def _scalar(kind: Any, value: Any) -> Any:
    match kind, value:
        case "integer", str() if re.fullmatch(r"[-+]?\d+", value):
            return int(value)
        case "number", str() if re.fullmatch(r"[-+]?\d+(\.\d+)?", value):
            return float(value) if "." in value else int(value)
        case "boolean", str() if value.lower() in ("true", "false"):
            return value.lower() == "true"
        case "string", bool() | int() | float():
            return text(value)
        case ["string", *_], bool() | int() | float() if set(kind) == _ANYTHING:
            return text(value)
        case _:
            return value


def _followed(shape: Any, schema: TypeSchema) -> Mapping[str, Any]:
    """The shape behind its `$ref`s."""
    for _ in range(8):
        if not isinstance(shape, dict):
            return {}
        reference = shape.get("$ref", "")
        if not reference.startswith("#/definitions/"):
            return shape
        shape = schema.definitions.get(reference.removeprefix("#/definitions/"), {})
    return {}
