"""What each intrinsic function takes, as far as it shows before anything is known: CloudFormation refuses the rest when
it reads a template.

Source: CloudFormation Template Reference, "Intrinsic function reference", "Condition functions", "Rule-specific
intrinsic functions". Messages are AWS's where AWS's are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crossdock.template.calls import BASE64, CIDR, JOIN, SELECT, SPLIT
from crossdock.template.functions import FOR_EACH, INTRINSICS, intrinsic
from crossdock.template.problems import nearest

Path = tuple[str | int, ...]
Found = tuple[Path, str, str]

REF = "Template format error: Every Ref object must have a single String value."
GET_ATT = (
    "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource "
    "attribute"
)
SUB = (
    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as "
    "first argument, and an optional second argument to specify a mapping of values to replace in the string"
)
IF = "Template error: Fn::If requires a list argument with three elements"
FIND_IN_MAP = (
    "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for "
    "return value"
)
IMPORT_VALUE = "Template error: the attribute in Fn::ImportValue must be a string"
GET_AZS = "Template error: every Fn::GetAZs object must have a String-typed value."
_BETWEEN = "Template error: every {} object requires a list of at least 2 and at most 10 boolean parameters."
_CONDITIONS: Mapping[str, str] = {
    "Fn::Equals": "Template error: every Fn::Equals object requires a list of 2 string parameters.",
    "Fn::Not": "Template error: every Fn::Not object requires one boolean parameter.",
    "Fn::And": _BETWEEN.format("Fn::And"),
    "Fn::Or": _BETWEEN.format("Fn::Or"),
}
_RULES = frozenset({
    "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll",
})  # fmt: skip


def unsupported(name: str) -> str:
    """What is said of a function that isn't one, or stands where it can't."""
    return f"Template error: Encountered unsupported function: {name} Supported functions are: [{', '.join(_KNOWN)}]"


_KNOWN = (
    "Fn::Base64", "Fn::GetAtt", "Fn::GetAZs", "Fn::ImportValue", "Fn::Join", "Fn::Split", "Fn::FindInMap", "Fn::Select",
    "Ref", "Fn::Equals", "Fn::If", "Fn::Not", "Condition", "Fn::And", "Fn::Or", "Fn::Contains", "Fn::EachMemberEquals",
    "Fn::EachMemberIn", "Fn::ValueOf", "Fn::ValueOfAll", "Fn::RefAll", "Fn::Sub", "Fn::Cidr",
)  # fmt: skip


def malformed(body: Mapping[str, Any]) -> Iterator[Found]:
    """Path, what AWS says, and a hint, for each function in resources, outputs and conditions whose argument can't be
    meant, that doesn't exist, or that has other keys beside it."""
    for section in ("Resources", "Outputs"):
        members = body.get(section)
        for name, member in members.items() if isinstance(members, dict) else ():
            for key, value in member.items() if isinstance(member, dict) else ():
                yield from _walk(value, (section, name, key))
    conditions = body.get("Conditions")
    for name, condition in conditions.items() if isinstance(conditions, dict) else ():
        yield from _condition(condition, ("Conditions", name))


def _walk(value: Any, path: Path) -> Iterator[Found]:
    function = intrinsic(value)
    if function and (function in _CONDITIONS or function in _RULES):
        yield (*path, function), unsupported(function), "it is for conditions: name one in Fn::If"
        return
    if function:
        yield from _function(function, value[function], (*path, function))
        return
    if isinstance(value, dict):
        for key in value:
            if isinstance(key, str) and key.startswith("Fn::") and not key.startswith((FOR_EACH, "Fn::Transform")):
                hint = "a function stands alone in its mapping" if key in INTRINSICS else nearest(key, INTRINSICS)
                yield (*path, key), unsupported(key), hint
    yield from _inside(value, path)


def _inside(value: Any, path: Path) -> Iterator[Found]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _walk(item, (*path, key))


def _function(function: str, argument: Any, path: Path) -> Iterator[Found]:
    said, takes = _TAKES.get(function, ("", lambda _: True))
    if not takes(argument):
        yield path, said, ""
    elif function == "Fn::FindInMap" and len(argument) == 4:  # its default is a mapping, and no function
        yield from _inside(argument[:3], path)
        yield from _walk(argument[3]["DefaultValue"], (*path, 3, "DefaultValue"))
    else:
        yield from _inside(argument, path)


def _condition(value: Any, path: Path) -> Iterator[Found]:
    """An expression that is true or false, or will be."""
    match value:
        case {"Fn::Equals": argument} if len(value) == 1:
            if isinstance(argument, list) and len(argument) == 2:
                yield from _inside(argument, (*path, "Fn::Equals"))
            else:
                yield (*path, "Fn::Equals"), _CONDITIONS["Fn::Equals"], ""
        case {"Fn::Not": argument} if len(value) == 1:
            yield from _conditions("Fn::Not", argument, path, 1, 1)
        case {"Fn::And": argument} if len(value) == 1:
            yield from _conditions("Fn::And", argument, path, 2, 10)
        case {"Fn::Or": argument} if len(value) == 1:
            yield from _conditions("Fn::Or", argument, path, 2, 10)
        case _:
            yield from _walk(value, path)


def _conditions(function: str, argument: Any, path: Path, least: int, most: int) -> Iterator[Found]:
    if not isinstance(argument, list) or not least <= len(argument) <= most:
        yield (*path, function), _CONDITIONS[function], ""
        return
    for index, inner in enumerate(argument):
        yield from _condition(inner, (*path, function, index))


# -- one by one: whether an argument can be meant


def _scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float)) or intrinsic(value) is not None


def _listed(value: Any) -> bool:
    return isinstance(value, list) or intrinsic(value) is not None


def _get_att(argument: Any) -> bool:
    match argument:
        case [name, attribute]:
            return bool(name) and bool(attribute) and all(isinstance(each, (str, dict)) for each in argument)
        case _:
            return False


def _join(argument: Any) -> bool:
    match argument:
        case [str(), parts]:
            return _listed(parts) and (not isinstance(parts, list) or all(map(_scalar, parts)))
        case _:
            return False


def _split(argument: Any) -> bool:
    match argument:
        case [str() as delimiter, source]:
            return bool(delimiter) and _scalar(source)
        case _:
            return False


def _select(argument: Any) -> bool:
    match argument:
        case [index, items]:
            return (str(index).isdigit() or intrinsic(index) is not None) and _listed(items)
        case _:
            return False


def _sub(argument: Any) -> bool:
    match argument:
        case str() | [str(), dict()]:
            return True
        case _:
            return False


def _if(argument: Any) -> bool:
    match argument:
        case [str(), _, _]:
            return True
        case _:
            return False


def _find_in_map(argument: Any) -> bool:
    match argument:
        case [_, _, _] | [_, _, _, {"DefaultValue": _}]:
            return all(map(_scalar, argument[:3]))
        case _:
            return False


def _cidr(argument: Any) -> bool:
    return intrinsic(argument) is not None or (isinstance(argument, list) and 2 <= len(argument) <= 3
                                               and all(map(_scalar, argument)))


_TAKES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "Ref": (REF, lambda argument: isinstance(argument, (str, dict))),
    "Fn::GetAtt": (GET_ATT, _get_att),
    "Fn::Join": (JOIN, _join),
    "Fn::Split": (SPLIT, _split),
    "Fn::Select": (SELECT, _select),
    "Fn::Sub": (SUB, _sub),
    "Fn::If": (IF, _if),
    "Fn::FindInMap": (FIND_IN_MAP, _find_in_map),
    "Fn::Base64": (BASE64, _scalar),
    "Fn::Cidr": (CIDR, _cidr),
    "Fn::GetAZs": (GET_AZS, _scalar),
    "Fn::ImportValue": (IMPORT_VALUE, _scalar),
}
