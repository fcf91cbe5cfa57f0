"""Intrinsics -> values: all of it (`resolve`), or as far as it is known (`partial`), and the Conditions section.

Source: CloudFormation User Guide, "Intrinsic function reference", "Conditions section", "Dynamic references".
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from crossdock.template.calls import PURE, equal, text
from crossdock.template.functions import INTRINSICS, intrinsic
from crossdock.template.problems import mistake, nearest
from crossdock.template.scope import Pseudo, Scope, Unresolved
from crossdock.template.substitute import substitute, substitute_known, variables

__all__ = ["NO_VALUE", "Pseudo", "Scope", "Unresolved", "conditions", "dynamic", "partial", "resolve"]


class _NoValue:
    def __repr__(self) -> str:
        return "AWS::NoValue"


NO_VALUE = _NoValue()
"""What `Ref: AWS::NoValue` gives; it removes the property or list item that holds it."""

_DYNAMIC = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]+)\}\}")


def resolve(value: Any, scope: Scope) -> Any:
    """`value` with every intrinsic and dynamic reference replaced. AWS::NoValue as a whole gives None.

    Raises Unresolved (from the scope's callables) and TemplateError.
    """
    result = _value(value, scope)
    return None if result is NO_VALUE else dynamic(result, scope)


def dynamic(value: Any, scope: Scope) -> Any:
    """`value` with `{{resolve:...}}` replaced in every string; they are read after all intrinsics, as on AWS."""
    match value:
        case str() if "{{resolve:" in value:
            return _DYNAMIC.sub(lambda found: scope.dynamic(found[1], found[2]), value)
        case dict():
            return {key: dynamic(item, scope) for key, item in value.items()}
        case list():
            return [dynamic(item, scope) for item in value]
        case _:
            return value


def partial(value: Any, scope: Scope) -> Any:
    """`value` as far as it is known: what raises Unresolved stays in place, its known arguments resolved."""
    result = _partial(value, scope)
    return None if result is NO_VALUE else result


def conditions(body: Mapping[str, Any], scope: Scope) -> Mapping[str, bool]:
    """The truth of every condition of a template, in its order; `scope.conditions` is not looked at.

    Raises TemplateError: a condition that names itself, an unknown one, or a resource.
    """
    declared: Mapping[str, Any] = body.get("Conditions") or {}
    known: dict[str, bool] = {}
    pending: list[str] = []

    def refuse(name: str, attribute: str = "") -> Any:  # noqa: ARG001
        raise mistake(
            f"Template format error: Unresolved dependencies [{name}]. "
            "Cannot reference resources in the Conditions block of the template"
        )

    inner = dataclasses.replace(scope, reference=refuse, attribute=refuse, conditions=_Lazy(lambda name: truth(name)))  # noqa: PLW0108

    def truth(name: str) -> bool:
        if name in pending:
            raise mistake(f"Template format error: Circular dependency between conditions: [{', '.join(pending)}]")
        if name not in known:
            if name not in declared:
                raise mistake(
                    f"Template format error: Unresolved condition dependency {name} in the Conditions block of the "
                    "template", hint=nearest(name, declared),
                )  # fmt: skip
            pending.append(name)
            known[name] = _truth(declared[name], inner)
            pending.pop()
        return known[name]

    return {name: truth(name) for name in declared}


class _Lazy(dict[str, bool]):
    """Conditions that are decided when asked for, so that their order in the template doesn't matter."""

    def __init__(self, decide: Callable[[str], bool]) -> None:
        super().__init__()
        self._decide = decide

    def __missing__(self, name: str) -> bool:
        return self._decide(name)

    def __contains__(self, name: object) -> bool:
        return True


def _value(value: Any, scope: Scope) -> Any:
    match value:
        case dict():
            function = intrinsic(value)
            if function:
                return _call(function, value[function], scope)
            if "Fn::Transform" in value:
                return _transformed(value, scope)
            return _members(value, lambda item: _value(item, scope))
        case list():
            resolved = (_value(item, scope) for item in value)
            return [item for item in resolved if item is not NO_VALUE]
        case _:
            return value


def _members(value: Mapping[str, Any], each: Callable[[Any], Any]) -> dict[str, Any]:
    """A plain mapping, member by member. A function name beside other keys, or an unknown one, is a mistake."""
    result = {}
    for key, item in value.items():
        if key.startswith("Fn::"):
            hint = "a function stands alone in its mapping" if key in INTRINSICS else nearest(key, INTRINSICS)
            raise mistake(f"Encountered unsupported function: {key}", hint=hint)
        resolved = each(item)
        if resolved is not NO_VALUE:
            result[key] = resolved
    return result


def _call(function: str, argument: Any, scope: Scope) -> Any:  # noqa: PLR0911  one a function
    if function in PURE:
        return PURE[function](_value(argument, scope))
    match function:
        case "Ref":
            return _reference(argument, scope)
        case "Fn::GetAtt":
            return _attribute(argument, scope)
        case "Fn::Sub":
            template, given = _sub_arguments(argument, scope)
            return substitute(template, lambda name: _variable(name, given, scope))
        case "Fn::If":
            return _value(_branch(argument, scope), scope)
        case "Fn::FindInMap":
            return _mapped(argument, scope)
        case "Fn::GetAZs":
            region = _value(argument, scope)
            return list(scope.zones(region or scope.pseudo.region))
        case "Fn::ImportValue":
            name = text(_value(argument, scope))
            if name is None:
                raise mistake("Template error: the attribute in Fn::ImportValue must be a string")
            return scope.import_value(name)
        case "Fn::Transform":
            return _transformed({function: argument}, scope)
        case "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not":
            return _truth({function: argument}, scope)
        case _:
            raise mistake(f"Encountered unsupported function: {function}", hint="it is for the Rules section only")


def _reference(argument: Any, scope: Scope) -> Any:
    name = _value(argument, scope)
    if not isinstance(name, str):
        raise mistake("Template format error: Every Ref object must have a single String value.")
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
    match _value(argument, scope):
        case [str() as resource, str() as attribute]:
            return scope.attribute(resource, attribute)
        case _:
            raise mistake(
                "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the "
                "resource attribute"
            )


def _sub_arguments(argument: Any, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    match argument:
        case str():
            return argument, {}
        case [str() as template]:
            return template, {}
        case [str() as template, dict() as given]:
            return template, {name: _Later(item, scope) for name, item in given.items()}
        case _:
            raise mistake(
                "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a "
                "string as first argument, and an optional second argument to specify a mapping of values to replace "
                "in the string"
            )


@dataclasses.dataclass(frozen=True, slots=True)
class _Later:
    """A variable of Fn::Sub, resolved when the text needs it: `partial` may know one and not the other."""

    value: Any
    scope: Scope


def _variable(name: str, given: Mapping[str, Any], scope: Scope) -> str:
    if name in given:
        value = _value(given[name].value, scope)
    elif "." in name and name not in scope.parameters:
        resource, _, attribute = name.partition(".")
        value = scope.attribute(resource, attribute)
    else:
        value = _reference(name, scope)
    result = text(value)
    if result is None:
        raise mistake(f"Template error: variable {name} in Fn::Sub expression does not resolve to a string")
    return result


def _branch(argument: Any, scope: Scope) -> Any:
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
            raise mistake("Template error: Fn::If requires a list argument with three elements: condition, then, else")


def _mapped(argument: Any, scope: Scope) -> Any:
    default: list[Any] = []
    match argument:
        case [name, top, second]:
            pass
        case [name, top, second, {"DefaultValue": fallback}]:
            default = [fallback]
        case _:
            raise mistake("Template error: every Fn::FindInMap object requires three parameters, the map name, map "
                          "key and the attribute for return value")  # fmt: skip
    keys = [text(_value(key, scope)) for key in (name, top, second)]
    found: Any = scope.mappings
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    if found is not None:
        return found
    if default:
        return _value(default[0], scope)
    if keys[0] not in scope.mappings:
        raise mistake(
            f"Template error: Mapping named '{keys[0]}' is not present in the 'Mappings' section of template."
        )
    raise mistake(f"Template error: Unable to get mapping for {'::'.join(str(key) for key in keys)}")


def _transformed(value: Mapping[str, Any], scope: Scope) -> Any:
    """What a macro makes of the place where Fn::Transform stands; the keys beside it stay."""
    match value["Fn::Transform"]:
        case {"Name": str() as name, **rest}:
            given = _value(rest.get("Parameters", {}), scope)
            made = _value(scope.transform(name, given), scope)
        case _:
            raise mistake("Template error: Fn::Transform requires a Name")
    beside = _members({k: v for k, v in value.items() if k != "Fn::Transform"}, lambda item: _value(item, scope))
    if not beside:
        return made
    if not isinstance(made, dict):
        raise mistake(f"Template error: the transform {name} must give a mapping to stand beside other keys")
    return {**made, **beside}


def _truth(value: Any, scope: Scope) -> bool:  # noqa: PLR0911  one a function
    """The truth of a condition expression."""
    match value:
        case {"Condition": str() as name}:
            return scope.conditions[name]
        case {"Fn::Equals": [left, right]}:
            return equal(_value(left, scope), _value(right, scope))
        case {"Fn::Not": [inner]}:
            return not _truth(inner, scope)
        case {"Fn::And": [*inner]} if 2 <= len(inner) <= 10:
            return all([_truth(item, scope) for item in inner])  # noqa: C419  a mistake in any of them is told
        case {"Fn::Or": [*inner]} if 2 <= len(inner) <= 10:
            return any([_truth(item, scope) for item in inner])  # noqa: C419
        case {"Fn::If": argument}:
            return _truth(_branch(argument, scope), scope)
        case bool():
            return value
        case _:
            raise mistake(
                "Template error: a condition is made of Fn::Equals and Condition, joined by Fn::And and Fn::Or of 2 to "
                "10 conditions and Fn::Not of one"
            )


def _partial(value: Any, scope: Scope) -> Any:  # noqa: PLR0911  one a kind of value
    match value:
        case dict() if function := intrinsic(value):
            try:
                return _settled(_call(function, value[function], scope), scope)
            except Unresolved:
                return _partial_call(function, value[function], scope)
        case dict() if "Fn::Transform" in value:
            try:
                return _transformed(value, scope)
            except Unresolved:
                return value
        case dict():
            return _members(value, lambda item: _partial(item, scope))
        case list():
            return [item for item in (_partial(item, scope) for item in value) if item is not NO_VALUE]
        case _:
            return _settled(value, scope)


def _settled(value: Any, scope: Scope) -> Any:
    try:
        return dynamic(value, scope)
    except Unresolved:
        return value


def _partial_call(function: str, argument: Any, scope: Scope) -> Any:
    match function:
        case "Ref" | "Fn::GetAtt":
            return {function: argument}
        case "Fn::If":
            return _partial(_branch(argument, scope), scope)
        case "Fn::Sub":
            template, given = _sub_arguments(argument, scope)
            known = substitute_known(template, lambda name: _variable(name, given, scope))
            left = {name: _partial(given[name].value, scope) for name in variables(known) if name in given}
            return {function: [known, left] if left else known}
        case _:
            return {function: _partial(argument, scope)}
