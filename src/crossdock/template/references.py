"""What a value refers to: every Ref, GetAtt and Sub variable, with the path where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.template.functions import intrinsic
from crossdock.template.substitute import variables


@dataclass(frozen=True, slots=True)
class Reference:
    """One mention of a name. `attribute` is empty for Ref and `${Name}`; `path` leads to the intrinsic."""

    name: str
    attribute: str
    path: tuple[str | int, ...]
    function: str


def references(
    value: Any, conditions: Mapping[str, bool] | None = None, path: tuple[str | int, ...] = ()
) -> Iterator[Reference]:
    """Every reference in `value`, pseudo parameters too. With `conditions`, only the branches of Fn::If that hold."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from references(item, conditions, (*path, index))
        return
    if not isinstance(value, dict):
        return
    match intrinsic(value), value:
        case "Ref", {"Ref": str() as name}:
            yield Reference(name, "", path, "Ref")
        case "Fn::GetAtt", {"Fn::GetAtt": [str() as name, attribute]}:
            yield Reference(name, attribute if isinstance(attribute, str) else "", path, "Fn::GetAtt")
            yield from references(attribute, conditions, (*path, "Fn::GetAtt", 1))
        case "Fn::Sub", {"Fn::Sub": argument}:
            yield from _substituted(argument, conditions, path)
        case "Fn::If", {"Fn::If": [str() as condition, yes, no]} if conditions and condition in conditions:
            branch, index = (yes, 1) if conditions[condition] else (no, 2)
            yield from references(branch, conditions, (*path, "Fn::If", index))
        case _:
            for key, item in value.items():
                yield from references(item, conditions, (*path, key))


def _substituted(
    argument: Any, conditions: Mapping[str, bool] | None, path: tuple[str | int, ...]
) -> Iterator[Reference]:
    template, given = argument, {}
    if isinstance(argument, list) and argument:
        template, given = argument[0], argument[1] if len(argument) > 1 and isinstance(argument[1], dict) else {}
        yield from references(given, conditions, (*path, "Fn::Sub", 1))
    if not isinstance(template, str):
        return
    for variable in variables(template):
        if variable not in given:
            name, _, attribute = variable.partition(".")
            yield Reference(name, attribute, path, "Fn::Sub")
