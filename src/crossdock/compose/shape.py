"""Whether what was written has the shape of a platform: the JSON Schema's findings in words for a person."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from jsonschema import Draft202012Validator

from crossdock.compose.schema import schema
from crossdock.compose.written import Path, Written
from crossdock.errors import Problem
from crossdock.model.platform import pointer

_KINDS = {
    "string": "text", "boolean": "true or false", "integer": "a whole number", "number": "a number",
    "object": "a mapping (key: value)", "array": "a list",
}


def problems(written: Written) -> Iterator[Problem]:
    """Every place where the values do not fit the schema."""
    validator: Any = Draft202012Validator(schema())
    for error in validator.iter_errors(written.value):
        yield from _told(error, written)


def nearest(name: str, names: Iterable[str]) -> str:
    """One hint: the valid name that is most like this one, or all of them."""
    valid = sorted(names)
    close = difflib.get_close_matches(name.lower(), valid, n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]}?"
    return f"use one of: {', '.join(valid)}" if valid else ""


def named(path: Path) -> str:
    """A path as a person writes it: `environments.staging.branch`, `checks[0]`."""
    out = ""
    for step in path:
        out += f"[{step}]" if isinstance(step, int) else f".{step}" if out else step
    return out


def _told(error: Any, written: Written) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    where, value, rule = written.at(path), error.instance, error.validator_value
    of = f"`{named(path)}`" if path else "the file"
    must = error.schema.get("x-must", "")
    match error.validator:
        case "additionalProperties":
            known = set(error.schema.get("properties", {}))
            for key in value:
                if key not in known:
                    inside = f" in {of}" if path else ""
                    position = written.at((*path, key), key=True)
                    yield Problem(position, f"unknown key `{key}`{inside}", nearest(key, known - set(value) or known))
        case "required":
            missing = error.message.split("'")[1]
            yield Problem(where, f"{of} lacks the key `{missing}`", _meant(error, missing))
        case "type":
            what = f"{of} must be {_kinds(rule)}, found {_found(value)}"
            yield Problem(where, what, _type_hint(error, path, written))
        case "enum" if isinstance(value, str):
            yield Problem(where, f"{of} can't be `{value}`", nearest(value, [str(v) for v in rule]))
        case "pattern" | "maxLength" | "minLength" if "propertyNames" in error.absolute_schema_path:
            where = written.at((*path, value), key=True)
            yield Problem(where, f"the name `{value}` in {of} is not allowed", f"use {must}")
        case "pattern" | "maxLength" | "minLength":
            yield Problem(where, f"{of} can't be `{value}`", f"it must be {must}" if must else error.message)
        case "minProperties" | "minItems":
            few = "is empty" if not value else "has too few entries"
            yield Problem(where, f"{of} {few}", f"give at least {rule}")
        case "minimum" | "maximum":
            bound = "at least" if error.validator == "minimum" else "at most"
            yield Problem(where, f"{of} can't be {value}", f"it must be {bound} {rule}")
        case _:
            yield Problem(where, f"{of}: {error.message}", "")


def _kinds(rule: Any) -> str:
    return " or ".join(_KINDS[kind] for kind in ([rule] if isinstance(rule, str) else rule))


def _found(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text `{value}`" if value else "an empty text"
        case dict():
            return "a mapping"
        case _:
            return "a list"


def _type_hint(error: Any, path: Path, written: Written) -> str:
    text = written.texts.get(pointer(path), "")
    if error.validator_value == "string" and text and error.instance is not None:
        return f'put it in quotes: "{text}"'
    if error.validator_value == "boolean":
        return "write true or false without quotes"
    if error.validator_value in ("integer", "number") and isinstance(error.instance, str):
        return "write the number without quotes"
    if error.validator_value == "array" and isinstance(error.instance, str):
        return f"write a list: [{error.instance}]"
    return "indent the entries below it" if error.instance is None else ""


def _meant(error: Any, key: str) -> str:
    described = str(error.schema["properties"].get(key, {}).get("description", ""))
    first = described.split(". ", maxsplit=1)[0].rstrip(".")
    return f"add {key}: {first}" if first else f"add {key}"
