"""The Rules section: assertions about combinations of parameters, checked before anything is made.

Source: CloudFormation User Guide, "Rules section", "Rule-specific intrinsic functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crossdock.errors import Problem, TemplateError
from crossdock.template.calls import equal, text
from crossdock.template.problems import NOWHERE, mistake
from crossdock.template.resolve import Pseudo, Scope, resolve

Lookup = Callable[[str, str, str], Any]
"""An attribute of what a parameter names: type (`AWS::EC2::Subnet::Id`), id, attribute (`VpcId`) -> its value."""


def check(
    body: Mapping[str, Any], parameters: Mapping[str, Any], pseudo: Pseudo, lookup: Lookup | None = None
) -> None:
    """Check every rule whose condition holds. `parameters` are values from `parameters.resolve`.

    Raises TemplateError with one problem for each assertion that fails: its AssertDescription, or the rule's name.
    Fn::ValueOf and Fn::ValueOfAll ask EC2 for attributes (a subnet's VPC) by `lookup`; without one they are refused.
    """
    rules: Mapping[str, Any] = body.get("Rules") or {}
    types = {name: str((one or {}).get("Type")) for name, one in (body.get("Parameters") or {}).items()}
    asked = _Asked(Scope(parameters, {}, {}, pseudo), types, lookup)
    problems = []
    for name, rule in rules.items():
        if "RuleCondition" in rule and not asked.truth(rule["RuleCondition"]):
            continue
        for assertion in rule.get("Assertions") or ():
            if not asked.truth(assertion.get("Assert")):
                said = assertion.get("AssertDescription") or f"an assertion of rule {name} does not hold"
                problems.append(Problem(NOWHERE, str(said).strip(), f"rule {name}"))
    if problems:
        raise TemplateError(problems, "the parameters")


class _Asked:
    """Rule functions over one set of parameters."""

    def __init__(self, scope: Scope, types: Mapping[str, str], lookup: Lookup | None) -> None:
        self._scope, self._types, self._lookup = scope, types, lookup

    def truth(self, value: Any) -> bool:
        match value:
            case {"Fn::Equals": [left, right]}:
                return equal(self._value(left), self._value(right))
            case {"Fn::Not": [inner]}:
                return not self.truth(inner)
            case {"Fn::And": [*inner]}:
                return all(self.truth(item) for item in inner)
            case {"Fn::Or": [*inner]}:
                return any(self.truth(item) for item in inner)
            case {"Fn::Contains": [members, wanted]}:
                return text(self._value(wanted)) in self._texts(members)
            case {"Fn::EachMemberEquals": [members, wanted]}:
                return all(member == text(self._value(wanted)) for member in self._texts(members))
            case {"Fn::EachMemberIn": [members, allowed]}:
                return set(self._texts(members)) <= set(self._texts(allowed))
            case _:
                raise mistake("Template format error: a rule is made of functions that give true or false")

    def _texts(self, value: Any) -> list[str | None]:
        found = self._value(value)
        return [text(item) for item in found] if isinstance(found, list) else [text(found)]

    def _value(self, value: Any) -> Any:
        match value:
            case {"Fn::RefAll": str() as type_name}:
                return [self._scope.parameters[name] for name, its in self._types.items() if its == type_name]
            case {"Fn::ValueOf": [str(name), str(attribute)]}:
                found = self._attributes(name, attribute)
                return found if isinstance(self._scope.parameters.get(name), list) else found[0]
            case {"Fn::ValueOfAll": [str(type_name), str(attribute)]}:
                named = [name for name, its in self._types.items() if its in (type_name, f"List<{type_name}>")]
                return [value for name in named for value in self._attributes(name, attribute)]
            case _:
                return resolve(value, self._scope)

    def _attributes(self, name: str, attribute: str) -> list[Any]:
        """The attribute of everything that a parameter names."""
        if self._lookup is None:
            raise mistake("Fn::ValueOf and Fn::ValueOfAll are not supported: they ask EC2 for attributes")
        if name not in self._types:
            raise mistake(f"Template format error: Unresolved dependencies [{name}] in the Rules block of the template")
        kind = self._types[name].removeprefix("List<").removesuffix(">")
        value = self._scope.parameters[name]
        return [self._lookup(kind, str(one), attribute) for one in (value if isinstance(value, list) else [value])]
