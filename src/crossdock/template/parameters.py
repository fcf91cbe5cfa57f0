"""Parameter values: defaults, types and constraints, as CreateStack and UpdateStack check them.

Source: CloudFormation User Guide, "Parameters section", "AWS-specific parameter types", "Systems Manager parameter
types"; the messages are those of the API.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crossdock.errors import Problem, TemplateError
from crossdock.template.calls import text
from crossdock.template.problems import NOWHERE, nearest

Value = str | list[str]

_ID = "[0-9a-f]{8}(?:[0-9a-f]{9})?"
_AWS_TYPES: Mapping[str, str] = {
    "AWS::EC2::AvailabilityZone::Name": r"[a-z]{2,}(?:-[a-z0-9]+)+-\d[a-z](?:-.+)?|[a-z]{2,}(?:-[a-z0-9]+)+-\d[a-z]?",
    "AWS::EC2::Image::Id": f"ami-{_ID}",
    "AWS::EC2::Instance::Id": f"i-{_ID}",
    "AWS::EC2::KeyPair::KeyName": r".{1,255}",
    "AWS::EC2::SecurityGroup::GroupName": r".{1,255}",
    "AWS::EC2::SecurityGroup::Id": f"sg-{_ID}",
    "AWS::EC2::Subnet::Id": f"subnet-{_ID}",
    "AWS::EC2::Volume::Id": f"vol-{_ID}",
    "AWS::EC2::VPC::Id": f"vpc-{_ID}",
    "AWS::Route53::HostedZone::Id": r"Z?[A-Z0-9]{1,32}",
}
"""AWS-specific types and how their values are spelled. That the thing exists is for the caller to find out."""

_SSM_VALUE = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
_LIST = re.compile(r"List<(.+)>")
_SCALARS = frozenset({"String", "Number", "AWS::SSM::Parameter::Name"}) | _AWS_TYPES.keys()
# Java's names of character classes, which Python's `re` lacks.
_JAVA_CLASSES = {
    r"\p{Alpha}": "a-zA-Z", r"\p{Digit}": "0-9", r"\p{Alnum}": "a-zA-Z0-9", r"\p{Upper}": "A-Z",
    r"\p{Lower}": "a-z", r"\p{L}": "a-zA-Z", r"\p{Space}": r"\s", r"\p{ASCII}": r"\x00-\x7f",
}  # fmt: skip


def resolve(
    body: Mapping[str, Any],
    given: Mapping[str, str],
    *,
    previous: Mapping[str, str] | None = None,
    ssm: Callable[[str], str] | None = None,
) -> Mapping[str, Value]:
    """What Ref gives for every parameter of a template, in its order: text, or a list of texts for list types.

    previous  values taken for names that `given` lacks (UsePreviousValue), before defaults
    ssm       name of a Systems Manager parameter -> its value. Without it, such a value stays a dynamic reference,
              `{{resolve:ssm:NAME}}`, unchecked

    Raises TemplateError with every problem found.
    """
    declared: Mapping[str, Any] = body.get("Parameters") or {}
    problems: list[str] = []
    unknown = [name for name in given if name not in declared]
    if unknown:
        problems.append(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    texts = stored(body, given, previous=previous)
    missing = [name for name in declared if name not in texts]
    if missing:
        problems.append(f"Parameters: [{', '.join(missing)}] must have values")
    values: dict[str, Value] = {}
    for name, value in texts.items():
        values[name], found = _one(name, declared[name], value, ssm)
        problems.extend(found)
    if problems:
        hints = [nearest(name, declared) for name in unknown[:1]]
        raise TemplateError(
            [Problem(NOWHERE, what, hints[0] if hints and not i else "") for i, what in enumerate(problems)],
            "the parameters",
        )
    return values


def stored(
    body: Mapping[str, Any], given: Mapping[str, str], *, previous: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """The texts that CloudFormation keeps as a stack's parameters: given, previous or default, before any lookup."""
    declared: Mapping[str, Any] = body.get("Parameters") or {}
    result: dict[str, str] = {}
    for name, declaration in declared.items():
        default = text((declaration or {}).get("Default"))
        for value in (given.get(name), (previous or {}).get(name), default):
            if value is not None:
                result[name] = value
                break
    return result


def masked(body: Mapping[str, Any], values: Mapping[str, str]) -> Mapping[str, str]:
    """The values as DescribeStacks shows them: `****` for NoEcho parameters."""
    declared: Mapping[str, Any] = body.get("Parameters") or {}
    return {
        name: "****" if text((declared.get(name) or {}).get("NoEcho")) == "true" else value
        for name, value in values.items()
    }


def known_type(type_name: str) -> bool:
    """Whether CloudFormation has this parameter type."""
    if type_name == "CommaDelimitedList" or type_name in _SCALARS:
        return True
    if found := _SSM_VALUE.fullmatch(type_name):
        return found[1] in ("String", "CommaDelimitedList", "List<String>") or _is_aws(_element(found[1]))
    found = _LIST.fullmatch(type_name)
    return bool(found) and (found[1] == "Number" or _is_aws(found[1]))  # type: ignore[index]


def _is_aws(type_name: str) -> bool:
    return type_name in _AWS_TYPES


def _element(type_name: str) -> str:
    found = _LIST.fullmatch(type_name)
    return found[1] if found else "String" if type_name == "CommaDelimitedList" else type_name


def _one(
    name: str, declaration: Mapping[str, Any], value: str, ssm: Callable[[str], str] | None
) -> tuple[Value, list[str]]:
    type_name = str(declaration.get("Type", "String"))
    if not known_type(type_name):
        return value, [f"Template format error: Unrecognized parameter type: {type_name}"]
    if found := _SSM_VALUE.fullmatch(type_name):
        # Constraints speak of the name that was given, not of the value behind it.
        problems = list(_constraints(name, declaration, "String", [value]))
        looked_up = ssm(value) if ssm else f"{{{{resolve:ssm:{value}}}}}"
        listed, element = _is_list(found[1]), _element(found[1])
        items = _items(looked_up) if listed and ssm else [looked_up]
        if ssm:
            problems += [p for item in items if (p := _misspelt(name, element, item))]
        return (items if listed else looked_up), problems
    if _is_list(type_name):
        items = _items(value)
        return items, list(_constraints(name, declaration, _element(type_name), items))
    return value, list(_constraints(name, declaration, type_name, [value]))


def _is_list(type_name: str) -> bool:
    return type_name == "CommaDelimitedList" or bool(_LIST.fullmatch(type_name))


def _items(value: str) -> list[str]:
    return [item.strip() for item in value.split(",")] if value else []


def _constraints(name: str, declaration: Mapping[str, Any], element: str, items: list[str]) -> Iterator[str]:
    explained = declaration.get("ConstraintDescription")
    for item in items:
        broken = _broken(name, declaration, element, item)
        if broken:
            yield f"Parameter {name} failed to satisfy constraint: {explained}" if explained else broken
            return


def _broken(name: str, declaration: Mapping[str, Any], element: str, item: str) -> str:
    """What AWS says of one value that breaks a constraint, or an empty string."""
    quoted = f"Parameter '{name}'"
    if element == "Number" and _number(item) is None:
        return f"{quoted} must be a number."
    if misspelt := _misspelt(name, element, item):
        return misspelt
    allowed = declaration.get("AllowedValues")
    if allowed is not None and item not in [text(one) for one in allowed]:
        return f"{quoted} must be one of AllowedValues"
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and not _matches(name, str(pattern), item):
        return f"{quoted} must match pattern {pattern}"
    if (least := _limit(declaration, "MinLength")) is not None and len(item) < least:
        return f"{quoted} must contain at least {least:g} characters"
    if (most := _limit(declaration, "MaxLength")) is not None and len(item) > most:
        return f"{quoted} must contain at most {most:g} characters"
    number = _number(item) if element == "Number" else None
    if number is not None:
        if (least := _limit(declaration, "MinValue")) is not None and number < least:
            return f"{quoted} must be a number not less than {least:g}"
        if (most := _limit(declaration, "MaxValue")) is not None and number > most:
            return f"{quoted} must be a number not greater than {most:g}"
    return ""


def _misspelt(name: str, element: str, item: str) -> str:
    pattern = _AWS_TYPES.get(element)
    if pattern is None or re.fullmatch(pattern, item):
        return ""
    return f"Parameter validation failed: parameter value {item} for parameter name {name} does not exist"


def _matches(name: str, pattern: str, item: str) -> bool:
    """AllowedPattern is a Java regular expression that must match the whole value."""
    for java, python in _JAVA_CLASSES.items():
        pattern = re.sub(rf"(\[[^\]]*){re.escape(java)}", lambda m, p=python: m[1] + p, pattern)  # type: ignore[misc]
        pattern = pattern.replace(java, f"[{python}]")
    try:
        return re.fullmatch(pattern, item) is not None
    except re.error as error:
        what = f"Template format error: AllowedPattern of parameter {name} is no regular expression: {error}"
        raise TemplateError([Problem(NOWHERE, what)], "the parameters") from error


def _number(value: str) -> float | None:
    return float(value) if re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", value.strip()) else None


def _limit(declaration: Mapping[str, Any], key: str) -> float | None:
    written = text(declaration.get(key))
    return None if written is None else _number(written)
