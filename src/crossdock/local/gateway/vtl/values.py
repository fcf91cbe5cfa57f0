"""What values of templates can do: strings, lists and maps as Java has them, since Velocity calls Java."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from crossdock.local.engine import NotEmulated

Methods = Mapping[str, Callable[..., Any]]


def text(value: Any) -> str:
    """A value as it is put into the output: Java's `toString`."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case float() if value.is_integer() and abs(value) < 1e7:
            return f"{value:.1f}"
        case dict():
            return "{" + ", ".join(f"{text(key)}={text(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(text(item) for item in value) + "]"
        case _:
            return str(value)


def member(value: Any, name: str) -> Any:
    """`value.name`: of a map, what stands under this key; None where there is none."""
    match value:
        case dict():
            return value.get(name)
        case list() if name in ("size", "length"):
            return len(value)
        case _ if hasattr(value, "members"):
            return value.members().get(name)
        case _:
            return None


def call(value: Any, name: str, arguments: list[Any]) -> Any:
    """`value.name(...)`. Raises NotEmulated for methods that aren't known here."""
    if hasattr(value, "methods"):
        methods: Methods = value.methods()
    else:
        methods = _methods(value)
    if name not in methods:
        if value is None:
            return None
        raise NotEmulated(f"the method {name} of {type(value).__name__} in mapping templates of API Gateway")
    return methods[name](*arguments)


def item(value: Any, index: Any) -> Any:
    """`value[index]`."""
    match value:
        case list() if isinstance(index, int) and -len(value) <= index < len(value):
            return value[index]
        case dict():
            return value.get(index)
        case _:
            return None


def _methods(value: Any) -> Methods:
    common: dict[str, Callable[..., Any]] = {
        "toString": lambda: text(value), "equals": lambda other: value == other,
    }
    match value:
        case bool():
            return common
        case str():
            return {**common, **_of_text(value)}
        case dict():
            return {**common, **_of_map(value)}
        case list():
            return {**common, **_of_list(value)}
        case int() | float():
            return {**common, "intValue": lambda: int(value), "doubleValue": lambda: float(value),
                    "longValue": lambda: int(value), "compareTo": lambda other: (value > other) - (value < other)}
        case _:
            return {}


def _of_text(value: str) -> Methods:
    return {
        "length": lambda: len(value), "isEmpty": lambda: not value, "trim": value.strip, "toLowerCase": value.lower,
        "toUpperCase": value.upper, "contains": lambda part: str(part) in value, "startsWith": value.startswith,
        "endsWith": value.endswith, "indexOf": value.find, "lastIndexOf": value.rfind,
        "substring": lambda begin, end=None: value[begin:end], "charAt": lambda at: value[at],
        "replace": value.replace, "concat": lambda other: value + text(other),
        "replaceAll": lambda pattern, new: re.sub(pattern, _replacement(new), value),
        "replaceFirst": lambda pattern, new: re.sub(pattern, _replacement(new), value, count=1),
        "split": lambda pattern: _split(pattern, value), "matches": lambda pattern: bool(re.fullmatch(pattern, value)),
        "equalsIgnoreCase": lambda other: value.lower() == str(other).lower(),
        "compareTo": lambda other: (value > other) - (value < other), "hashCode": lambda: _hash(value),
    }  # fmt: skip


def _hash(value: str) -> int:
    """Java's String.hashCode."""
    found = 0
    for letter in value:
        found = (31 * found + ord(letter)) & 0xFFFFFFFF
    return found - (1 << 32) if found >> 31 else found


def _replacement(new: str) -> str:
    """Java writes groups `$1` where Python writes `\\1`."""
    return re.sub(r"\$(\d)", r"\\\1", new.replace("\\", "\\\\").replace("\\\\$", "$"))


def _split(pattern: str, value: str) -> list[str]:
    """Java's split drops empty strings at the end."""
    found = re.split(pattern, value)
    while found and not found[-1]:
        found.pop()
    return found


def _of_map(value: dict[Any, Any]) -> Methods:
    def put(key: Any, given: Any) -> Any:
        before = value.get(key)
        value[key] = given
        return before

    return {
        "get": value.get, "put": put, "keySet": lambda: list(value), "values": lambda: list(value.values()),
        "entrySet": lambda: [{"key": key, "value": given} for key, given in value.items()],
        "containsKey": lambda key: key in value, "containsValue": lambda given: given in value.values(),
        "size": lambda: len(value), "isEmpty": lambda: not value, "remove": lambda key: value.pop(key, None),
        "putAll": value.update, "getOrDefault": value.get,
    }


def _of_list(value: list[Any]) -> Methods:
    def add(*given: Any) -> bool:
        value.insert(given[0] if len(given) == 2 else len(value), given[-1])
        return True

    def add_all(more: list[Any]) -> bool:
        value.extend(more)
        return bool(more)

    return {
        "size": lambda: len(value), "get": lambda at: value[at], "isEmpty": lambda: not value, "add": add,
        "contains": lambda given: given in value, "addAll": add_all,
        "indexOf": lambda given: value.index(given) if given in value else -1,
        "remove": value.pop, "set": value.__setitem__, "subList": lambda begin, end: value[begin:end],
    }


def as_json(value: Any) -> str:
    """A value as JSON, compact, as API Gateway writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
