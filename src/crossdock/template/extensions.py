"""The transform AWS::LanguageExtensions: loops written out, computed names of references computed.

Fn::Length, Fn::ToJsonString and the default of Fn::FindInMap need no expansion; `resolve` knows them.
Source: CloudFormation User Guide, "Fn::ForEach", "AWS::LanguageExtensions transform".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crossdock.template.calls import text
from crossdock.template.functions import FOR_EACH
from crossdock.template.problems import mistake
from crossdock.template.resolve import Scope, resolve
from crossdock.template.transforms import LANGUAGE_EXTENSIONS, declared, without

_PLACE = re.compile(r"([$&])\{(\w+)\}")
_SECTIONS = ("Conditions", "Resources", "Outputs")


def expand(body: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """The body with every loop written out; as it is when it doesn't declare the transform.

    Of `scope`, parameters, mappings and pseudo parameters are looked at: collections may refer to nothing else.
    Raises TemplateError: a malformed loop, two loops of one name, two results of one name.
    """
    if LANGUAGE_EXTENSIONS not in declared(body):
        return dict(body)
    _check_names(body)
    sections = {key: _walk(value, {}, scope) if key in _SECTIONS else value for key, value in body.items()}
    return without(sections, LANGUAGE_EXTENSIONS)


def _check_names(body: Mapping[str, Any]) -> None:
    seen: set[str] = set()

    def walk(value: Any) -> None:
        for key, item in value.items() if isinstance(value, dict) else ():
            if key.startswith(FOR_EACH):
                if key in seen:
                    raise mistake(f"Template error: the loop name {key} is used twice")
                seen.add(key)
            walk(item)
        for item in value if isinstance(value, list) else ():
            walk(item)

    for section in _SECTIONS:
        walk(body.get(section))


def _walk(value: Any, variables: Mapping[str, str], scope: Scope) -> Any:
    match value:
        case {"Ref": str() as name} if len(value) == 1 and name in variables:
            return variables[name]
        case {"Ref": dict() as name} if len(value) == 1:
            return {"Ref": _name(name, variables, scope)}
        case {"Fn::GetAtt": [*parts]} if len(value) == 1:
            return {"Fn::GetAtt": [_name(part, variables, scope) for part in parts]}
        case {"Fn::Sub": [str() as template, dict() as given]} if len(value) == 1:
            inner = {name: item for name, item in variables.items() if name not in given}
            return {"Fn::Sub": [_text(template, inner), _walk(given, variables, scope)]}
        case dict():
            return _mapping(value, variables, scope)
        case list():
            return [_walk(item, variables, scope) for item in value]
        case str():
            return _text(value, variables)
        case _:
            return value


def _name(part: Any, variables: Mapping[str, str], scope: Scope) -> Any:
    """A name that may be computed: CloudFormation must know it before it makes anything."""
    walked = _walk(part, variables, scope)
    return resolve(walked, scope) if isinstance(walked, dict) else walked


def _mapping(value: Mapping[str, Any], variables: Mapping[str, str], scope: Scope) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, item in value.items():
        made = _loop(key, item, variables, scope) if key.startswith(FOR_EACH) else {
            _text(key, variables): _walk(item, variables, scope)
        }  # fmt: skip
        for name, content in made.items():
            if name in result:
                raise mistake(f"Template error: {key} makes {name}, which is there already")
            result[name] = content
    return result


def _loop(key: str, loop: Any, variables: Mapping[str, str], scope: Scope) -> dict[str, Any]:
    match loop:
        case [str() as identifier, collection, dict() as template]:
            pass
        case _:
            raise mistake(f"Template error: {key} requires a list of three: identifier, collection, and what to make")
    result: dict[str, Any] = {}
    for item in _collection(key, collection, variables, scope):
        made = _walk(template, {**variables, identifier: item}, scope)
        for name, content in made.items():
            if name in result:
                raise mistake(f"Template error: {key} makes {name} twice: its name must contain ${{{identifier}}}")
            result[name] = content
    return result


def _collection(key: str, collection: Any, variables: Mapping[str, str], scope: Scope) -> list[str]:
    given = resolve(_walk(collection, variables, scope), scope)
    items: list[str] = []
    for item in given if isinstance(given, list) else [None]:
        # a reference to a list parameter inside the list counts as its items
        for one in item if isinstance(item, list) else [item]:
            written = text(one)
            if written is None:
                raise mistake(f"Template error: the collection of {key} must be a list of strings")
            items.append(written)
    return items


def _text(value: str, variables: Mapping[str, str]) -> str:
    """`${X}` becomes the item, `&{X}` its letters and digits alone (for logical ids)."""

    def replace(found: re.Match[str]) -> str:
        if found[2] not in variables:
            return found[0]
        item = variables[found[2]]
        return item if found[1] == "$" else re.sub(r"[^0-9A-Za-z]", "", item)

    return _PLACE.sub(replace, value) if variables else value
