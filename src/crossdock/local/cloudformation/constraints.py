"""A request against the constraints of the API's own model, worded as the API words what breaks them.

Source: botocore's service model: required members, enumerations, lengths and bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.local.door.services import model
from crossdock.local.engine import AwsError, Call

_SHOWN = 200


def check(call: Call) -> None:
    """Raises AwsError ValidationError with all that is wrong. An operation that the model lacks isn't looked at."""
    known = model(call.service)
    shape = known.operation_model(call.operation).input_shape if call.operation in known.operation_names else None
    found = list(_broken(shape, call.params, "")) if shape is not None else []
    if found:
        many = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
        raise AwsError("ValidationError", f"{many}: {'; '.join(found)}")


def _broken(shape: Any, value: Any, where: str) -> Iterator[str]:
    match shape.type_name:
        case "structure" if isinstance(value, Mapping):
            for name, member in shape.members.items():
                at = f"{where}.{_lower(name)}" if where else _lower(name)
                if value.get(name) is not None:
                    yield from _broken(member, value[name], at)
                elif name in shape.required_members or name in _NEEDED.get(shape.name, ()):
                    yield f"Value null at '{at}' failed to satisfy constraint: Member must not be null"
        case "list" if isinstance(value, list):
            yield from _bounds(shape, len(value), "length", f"[{', '.join(map(str, value))}]", where)
            for index, item in enumerate(value, 1):
                yield from _broken(shape.member, item, f"{where}.{index}.member")
        case "string" if isinstance(value, str):
            if shape.enum and value not in shape.enum:
                yield _said(value, where, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
            yield from _bounds(shape, len(value), "length", value, where)
        case "integer" | "long" if isinstance(value, int):
            yield from _bounds(shape, value, "value", str(value), where)
        case _:
            pass


_NEEDED: Mapping[str, tuple[str, ...]] = {"Parameter": ("ParameterKey",)}
"""Members without which a structure means nothing, though the model doesn't say so."""


def _bounds(shape: Any, size: int, what: str, value: str, where: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _said(value, where, f"Member must have {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield _said(value, where, f"Member must have {what} less than or equal to {most}")


def _said(value: str, where: str, constraint: str) -> str:
    shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}..."
    return f"Value '{shown}' at '{where}' failed to satisfy constraint: {constraint}"


def _lower(name: str) -> str:
    """`StackName` -> `stackName`, `RoleARN` -> `roleARN`."""
    return name[:1].lower() + name[1:]
