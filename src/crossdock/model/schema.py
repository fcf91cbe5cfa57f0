"""JSON Schemas of the documents that nouns become, made from the nouns themselves (JSON Schema 2020-12).

`encode`d values of a type always validate against `schema(type)`; a test holds the two together.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from crossdock.model.codec import SCHEMA_VERSION

_PLAIN: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", Path: "string"}


def document(kind: type[Any]) -> dict[str, Any]:
    """The schema of a file that `codec.dumps` writes: the noun's members, its type and the schema version."""
    definitions: dict[str, Any] = {}
    body = _dataclass(kind, definitions)
    head = {"schema": {"const": SCHEMA_VERSION}, "type": {"const": kind.__name__}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": kind.__name__,
        "description": _first_line(kind), "type": "object", "additionalProperties": False,
        "required": ["schema", "type", *body["required"]], "properties": head | body["properties"],
        "$defs": dict(sorted(definitions.items())),
    }


def schema(kind: type[Any]) -> dict[str, Any]:
    """The schema of a noun's value without the document's head."""
    definitions: dict[str, Any] = {}
    body = _dataclass(kind, definitions)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": kind.__name__,
            "description": _first_line(kind), **body, "$defs": dict(sorted(definitions.items()))}


def _dataclass(kind: type[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    fields = dataclasses.fields(kind)
    properties = {field.name: _of(hints[field.name], definitions) for field in fields}
    if getattr(kind, "TAGGED", False):
        properties["kind"] = {"const": kind.__name__}
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


def _of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any:
        return {}
    if hint is type(None):
        return {"type": "null"}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_of(option, definitions) for option in args]}
    if origin in (tuple, list, frozenset):
        return {"type": "array", "items": _of(args[0], definitions)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(args[1], definitions)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}
            definitions[hint.__name__] = {"description": _first_line(hint), **_dataclass(hint, definitions)}
        return {"$ref": f"#/$defs/{hint.__name__}"}
    raise TypeError(f"no schema for {hint!r}")


def _first_line(kind: type[Any]) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]
