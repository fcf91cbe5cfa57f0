"""One intrinsic after the other, over the whole tree: the machinery behind `resolve`.

Every function here may let Unresolved through from the scope's callables, and raises TemplateError for mistakes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from crossdock.template import arguments
from crossdock.template.calls import PURE, equal, text
from crossdock.template.functions import INTRINSICS, intrinsic
from crossdock.template.problems import mistake, nearest
from crossdock.template.scope import Scope
from crossdock.template.substitute import substitute


class _NoValue:
    def __repr__(self) -> str:
        return "AWS::NoValue"


NO_VALUE = _NoValue()
"""What `Ref: AWS::NoValue` gives; it removes the property or list item that holds it."""


def value_of(value: Any, scope: Scope) -> Any:
    """The value with every intrinsic replaced, dynamic references left; NO_VALUE for `Ref: AWS::NoValue`."""
    match value:
        case dict():
            function = intrinsic(value)
            if function:
                return call(function, value[function], scope)
            if "Fn::Transform" in value:
                return transformed(value, scope)
            return members(value, lambda item: value_of(item, scope))
        case list():
            resolved = (value_of(item, scope) for item in value)
            return [item for item in resolved if item is not NO_VALUE]
        case _:
            return value


def members(value: Mapping[str, Any], each: Callable[[Any], Any]) -> dict[str, Any]:
    """A plain mapping, member by member. A function name beside other keys, or an unknown one, is a mistake."""
    result = {}
    for key, item in value.items():
        if key.startswith("Fn::"):
            hint = "a function stands alone in its mapping" if key in INTRINSICS else nearest(key, INTRINSICS)
            raise mistake(arguments.unsupported(key), hint=hint)
        resolved = each(item)
        if resolved is not NO_VALUE:
            result[key] = resolved
    return result


def call(function: str, argument: Any, scope: Scope) -> Any:
    """What one intrinsic gives for its argument as written."""
    if function in PURE:
        return PURE[function](value_of(argument, scope))
    match function:
        case "Ref":
            return _reference(argument, scope)
        case "Fn::GetAtt":
            return _attribute(argument, scope)
        case "Fn::Sub":
            template, given = sub_arguments(argument, scope)
            return substitute(template, lambda name: variable(name, given, scope))
        case "Fn::If":
            return value_of(branch(argument, scope), scope)
        case "Fn::FindInMap":
            return _mapped(argument, scope)
        case "Fn::GetAZs":
            region = value_of(argument, scope)
            return list(scope.zones(region or scope.pseudo.region))
        case "Fn::ImportValue":
            name = text(value_of(argument, scope))
            if name is None:
                raise mistake(arguments.IMPORT_VALUE)
            return scope.import_value(name)
        case "Fn::Transform":
            return transformed({function: argument}, scope)
        case "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not":
            raise mistake(arguments.unsupported(function), hint="it is for conditions: name one in Fn::If")
        case _:
            raise mistake(arguments.unsupported(function), hint="it is for the Rules section only")


def _reference(argument: Any, scope: Scope) -> Any:
    name = value_of(argument, scope)
    if not isinstance(name, str):
        raise mistake(arguments.REF)
    if name == "AWS::NoValue":
        return NO_VALUE
    if name.startswith("AWS::"):
        try:
            return scope.pseudo.value(name)
        except KeyError:
            raise mistake(
                f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of the "
                "template"
            ) from None
    return scope.parameters[name] if name in scope.parameters else scope.reference(name)


def _attribute(argument: Any, scope: Scope) -> Any:
    match value_of(argument, scope):
        case [str() as resource, str() as attribute]:
            return scope.attribute(resource, attribute)
        case _:
            raise mistake(arguments.GET_ATT)


def sub_arguments(argument: Any, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    """The text of Fn::Sub and its own variables, which `variable` resolves when the text needs them."""
    match argument:
        case str():
            return argument, {}
        case [str() as template, dict() as given]:
            return template, {name: _Later(item, scope) for name, item in given.items()}
        case _:
            raise mistake(arguments.SUB)


@dataclasses.dataclass(frozen=True, slots=True)
class _Later:
    """A variable of Fn::Sub, resolved when the text needs it: `partial` may know one and not the other."""

    value: Any
    scope: Scope


def variable(name: str, given: Mapping[str, Any], scope: Scope) -> str:
    """The text that stands for `${name}`."""
    if name in given:
        value = value_of(given[name].value, scope)
    elif "." in name and name not in scope.parameters:
        resource, _, attribute = name.partition(".")
        value = scope.attribute(resource, attribute)
    else:
        value = _reference(name, scope)
    result = text(value)
    if result is None:
        raise mistake(f"Template error: variable {name} in Fn::Sub expression does not resolve to a string")
    return result


def branch(argument: Any, scope: Scope) -> Any:
    """The chosen branch of Fn::If, unresolved: the other one may name things that don't exist."""
    match argument:
        case [str() as name, yes, no]:
            if name not in scope.conditions:
                raise mistake(
                    f"Template format error: Unresolved condition dependency {name} in the Resources block of the "
                    "template", hint=nearest(name, scope.conditions),
                )  # fmt: skip
            return yes if scope.conditions[name] else no
        case _:
            raise mistake(arguments.IF, hint="condition, then, else")


def _mapped(argument: Any, scope: Scope) -> Any:
    default: list[Any] = []
    match argument:
        case [name, top, second]:
            pass
        case [name, top, second, {"DefaultValue": fallback}]:
            default = [fallback]
        case _:
            raise mistake(arguments.FIND_IN_MAP)
    keys = [text(value_of(key, scope)) for key in (name, top, second)]
    if None in keys:
        raise mistake(arguments.FIND_IN_MAP, hint="keys are strings")
    found: Any = scope.mappings
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    if found is not None:
        return found
    if default:
        return value_of(default[0], scope)
    if keys[0] not in scope.mappings:
        raise mistake(
            f"Template error: Mapping named '{keys[0]}' is not present in the 'Mappings' section of template."
        )
    raise mistake(f"Template error: Unable to get mapping for {'::'.join(str(key) for key in keys)}")


def transformed(value: Mapping[str, Any], scope: Scope) -> Any:
    """What a macro makes of the place where Fn::Transform stands; the keys beside it stay."""
    match value["Fn::Transform"]:
        case {"Name": str() as name, **rest}:
            given = value_of(rest.get("Parameters", {}), scope)
            made = value_of(scope.transform(name, given), scope)
        case _:
            raise mistake("Template error: Fn::Transform requires a Name")
    beside = members({k: v for k, v in value.items() if k != "Fn::Transform"}, lambda item: value_of(item, scope))
    if not beside:
        return made
    if not isinstance(made, dict):
        raise mistake(f"Template error: the transform {name} must give a mapping to stand beside other keys")
    return {**made, **beside}


def truth_of(value: Any, scope: Scope) -> bool:
    """The truth of a condition expression."""
    match value:
        case {"Condition": str() as name}:
            return scope.conditions[name]
        case {"Fn::Equals": [left, right]}:
            return equal(value_of(left, scope), value_of(right, scope))
        case {"Fn::Not": [inner]}:
            return not truth_of(inner, scope)
        case {"Fn::And": [*inner]} if 2 <= len(inner) <= 10:
            return all([truth_of(item, scope) for item in inner])  # noqa: C419  a mistake in any of them is told
        case {"Fn::Or": [*inner]} if 2 <= len(inner) <= 10:
            return any([truth_of(item, scope) for item in inner])  # noqa: C419
        case {"Fn::If": argument}:
            return truth_of(branch(argument, scope), scope)
        case bool():
            return value
        case _:
            raise mistake(
                "Template error: a condition is made of Fn::Equals and Condition, joined by Fn::And and Fn::Or of 2 to "
                "10 conditions and Fn::Not of one"
            )
