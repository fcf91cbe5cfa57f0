"""Data <-> JSON for every noun: one codec, a schema version in each document, a digest of its content."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

SCHEMA_VERSION = 1
T = TypeVar("T")


def encode(value: Any) -> Any:
    """A dataclass tree as JSON values. Tuples become lists, enums their values, keys keep their order."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)} | (
            {"kind": type(value).__name__} if getattr(type(value), "TAGGED", False) else {}
        )
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): encode(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted(encode(v) for v in value)
    if isinstance(value, Path):
        return value.as_posix()
    return value


def decode(kind: type[T], data: Any) -> T:
    """JSON values as an instance of `kind`. ValueError names what doesn't fit."""
    return typing.cast(T, _decode(kind, data, kind.__name__))


def _decode(kind: Any, data: Any, where: str) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any:
        return data
    if origin in (typing.Union, types.UnionType):
        return _decode_union(args, data, where)
    if origin is tuple:
        _expect(data, list, where)
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_decode(args[0], v, f"{where}[{i}]") for i, v in enumerate(data))
        return tuple(_decode(a, v, f"{where}[{i}]") for i, (a, v) in enumerate(zip(args, data, strict=True)))
    if origin is frozenset:
        return frozenset(_decode(args[0], v, where) for v in data)
    if origin is list:
        return [_decode(args[0], v, f"{where}[{i}]") for i, v in enumerate(data)]
    if origin is not None and issubclass(origin, Mapping):
        _expect(data, dict, where)
        return {k: _decode(args[1], v, f"{where}.{k}") for k, v in data.items()}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _decode_fields(kind, data, where)
    if isinstance(kind, type) and issubclass(kind, (Enum, Path)):
        return kind(data)
    if kind is float and isinstance(data, int):
        return float(data)
    if isinstance(kind, type):
        _expect(data, kind, where)
    return data


def _decode_union(args: tuple[Any, ...], data: Any, where: str) -> Any:
    if data is None and type(None) in args:
        return None
    tagged = {a.__name__: a for a in args if getattr(a, "TAGGED", False)}
    if isinstance(data, dict) and data.get("kind") in tagged:
        return _decode(tagged[data["kind"]], data, where)
    errors = []
    for option in (a for a in args if a is not type(None)):
        try:
            return _decode(option, data, where)
        except ValueError as error:
            errors.append(str(error))
    raise ValueError("; ".join(errors))


def _decode_fields(kind: type[Any], data: Any, where: str) -> Any:
    _expect(data, dict, where)
    hints = get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind)}
    unknown = set(data) - set(fields) - {"kind"}
    if unknown:
        raise ValueError(f"{where}: unknown {', '.join(sorted(unknown))}")
    given = {name: _decode(hints[name], data[name], f"{where}.{name}") for name in fields if name in data}
    missing = [
        n for n, f in fields.items()
        if n not in given and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise ValueError(f"{where}: missing {', '.join(missing)}")
    return kind(**given)


def _expect(data: Any, kind: type, where: str) -> None:
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise ValueError(f"{where}: expected {kind.__name__}, found {type(data).__name__}")


def canonical(value: Any) -> bytes:
    """The bytes that a digest is taken over: JSON, keys sorted, no spaces."""
    return json.dumps(encode(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def dumps(value: Any) -> str:
    """One JSON document of a noun, for a file or `--json`."""
    document = {"schema": SCHEMA_VERSION, "type": type(value).__name__} | encode(value)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def loads(kind: type[T], text: str) -> T:
    """The noun in a document that `dumps` wrote. ValueError when it is of another type or schema version."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("type") != kind.__name__:
        raise ValueError(f"not a {kind.__name__} document")
    if document.get("schema") != SCHEMA_VERSION:
        raise ValueError(f"schema version {document.get('schema')} is not the supported {SCHEMA_VERSION}")
    return decode(kind, {k: v for k, v in document.items() if k not in ("schema", "type")})
