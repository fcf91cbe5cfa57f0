"""The kinds of value that a template's members must be, beyond names and sections: checked before anything is resolved.

Source: CloudFormation User Guide, "Template anatomy".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.template.functions import FOR_EACH, intrinsic

Path = tuple[str | int, ...]
Found = tuple[Path, str, str]

_RESOURCE: Mapping[str, tuple[type, ...]] = {
    "Type": (str,), "Properties": (dict,), "Metadata": (dict,), "Condition": (str,), "DependsOn": (str, list),
}  # fmt: skip
_OUTPUT: Mapping[str, tuple[type, ...]] = {"Description": (str,), "Condition": (str,), "Export": (dict,)}
_PARAMETER: Mapping[str, tuple[type, ...]] = {
    "Type": (str,), "AllowedValues": (list,), "Description": (str,), "ConstraintDescription": (str,),
    "AllowedPattern": (str,),
}  # fmt: skip
_RULE: Mapping[str, tuple[type, ...]] = {"Assertions": (list,), "RuleCondition": (dict,)}
_SECTIONS = ("Resources", "Outputs", "Conditions", "Parameters", "Mappings", "Rules")
_MAY_CALL = ("Properties", "Metadata", "RuleCondition")
_SAID: Mapping[type, str] = {str: "a string", dict: "an object", list: "a list"}
Told = tuple[Path, str]
_SCALARS = (str, int, float, bool)


def wrong_kinds(body: Mapping[str, Any]) -> Iterator[Found]:
    """Path, what is said, and no hint, for every value of the wrong kind; sections are mappings of mappings already.
    Worded as CloudFormation words a template that it can't read."""
    for path, what in _problems(body):
        yield path, what, ""


def _problems(body: Mapping[str, Any]) -> Iterator[Told]:
    for section in _SECTIONS:
        for name, member in (body.get(section) or {}).items():
            if name.startswith("Fn::") and not (name == "Fn::Transform" and isinstance(member, dict)) and not (
                name.startswith(FOR_EACH) and isinstance(member, list)
            ):
                yield (section, name), f"Template format error: [/{section}] Encountered unsupported function: {name}"
    for section, kinds in (("Resources", _RESOURCE), ("Outputs", _OUTPUT), ("Parameters", _PARAMETER),
                           ("Rules", _RULE)):  # fmt: skip
        for name, member in (body.get(section) or {}).items():
            if isinstance(member, dict):
                yield from _kinds((section, name), member, kinds)
    for name, declared in (body.get("Resources") or {}).items():
        if name.startswith("Fn::"):
            continue
        if isinstance(declared, dict) and not {"Type", "Fn::Transform"} & declared.keys():
            what = f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
            yield ("Resources", name), what
        needs = declared.get("DependsOn") if isinstance(declared, dict) else None
        if isinstance(needs, list) and not all(isinstance(one, str) for one in needs):
            what = f"Template format error: [/Resources/{name}/DependsOn] must be a list of strings"
            yield ("Resources", name, "DependsOn"), what
    for name, parameter in (body.get("Parameters") or {}).items():
        if isinstance(parameter, dict) and "Default" in parameter and not isinstance(parameter["Default"], _SCALARS):
            what = f"Template format error: Every Default member must be a string. [/Parameters/{name}/Default]"
            yield ("Parameters", name, "Default"), what
    for name, rule in (body.get("Rules") or {}).items():
        assertions = rule.get("Assertions") or () if isinstance(rule, dict) else ()
        if isinstance(assertions, list) and not all(isinstance(one, dict) for one in assertions):
            what = f"Template format error: [/Rules/{name}/Assertions] must be a list of objects"
            yield ("Rules", name, "Assertions"), what
    for name, mapping in (body.get("Mappings") or {}).items():
        for key, values in mapping.items() if isinstance(mapping, dict) else ():
            if not isinstance(values, dict) and not key.startswith("Fn::"):
                what = f"Template format error: Every Mappings attribute must be a String or a List. [/Mappings/{name}]"
                yield ("Mappings", name, key), what
    yield from _transform(body.get("Transform"))


def _kinds(path: Path, member: Mapping[str, Any], kinds: Mapping[str, tuple[type, ...]]) -> Iterator[Told]:
    for key, wanted in kinds.items():
        value = member.get(key)
        if value is None or (isinstance(value, wanted) and (key in _MAY_CALL or not intrinsic(value))):
            continue
        spoken = " or ".join(_SAID[kind] for kind in wanted)
        where = "/".join(str(part) for part in path)
        yield (*path, key), f"Template format error: [/{where}/{key}] Value of {key} must be {spoken}"


def _transform(section: Any) -> Iterator[Told]:
    entries = section if isinstance(section, list) else [] if section is None else [section]
    for entry in entries:
        if not isinstance(entry, str) and not (isinstance(entry, dict) and isinstance(entry.get("Name"), str)):
            yield ("Transform",), (
                "Template format error: Transform must be a macro's name, an object with its Name, or a list of these"
            )
