"""Intrinsics -> values: all of it (`resolve`), or as far as it is known (`partial`), and the Conditions section.

Source: CloudFormation User Guide, "Intrinsic function reference", "Conditions section", "Dynamic references".
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from crossdock.template.evaluate import (
    NO_VALUE,
    branch,
    call,
    members,
    sub_arguments,
    transformed,
    truth_of,
    value_of,
    variable,
)
from crossdock.template.functions import intrinsic
from crossdock.template.problems import mistake, nearest
from crossdock.template.scope import Pseudo, Scope, Unresolved
from crossdock.template.substitute import substitute_known, variables

__all__ = ["NO_VALUE", "Pseudo", "Scope", "Unresolved", "conditions", "dynamic", "partial", "resolve"]

_DYNAMIC = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]+)\}\}")


def resolve(value: Any, scope: Scope) -> Any:
    """`value` with every intrinsic and dynamic reference replaced. AWS::NoValue as a whole gives None.

    Raises Unresolved (from the scope's callables) and TemplateError.
    """
    result = value_of(value, scope)
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
            known[name] = truth_of(declared[name], inner)
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


def _partial(value: Any, scope: Scope) -> Any:
    match value:
        case dict() if function := intrinsic(value):
            try:
                return _settled(call(function, value[function], scope), scope)
            except Unresolved:
                return _partial_call(function, value[function], scope)
        case dict() if "Fn::Transform" in value:
            try:
                return transformed(value, scope)
            except Unresolved:
                return value
        case dict():
            return members(value, lambda item: _partial(item, scope))
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
            return _partial(branch(argument, scope), scope)
        case "Fn::Sub":
            template, given = sub_arguments(argument, scope)
            known = substitute_known(template, lambda name: variable(name, given, scope))
            left = {name: _partial(given[name].value, scope) for name in variables(known) if name in given}
            return {function: [known, left] if left else known}
        case _:
            return {function: _partial(argument, scope)}
