"""Names that a template mentions and doesn't declare: in Ref, GetAtt, Sub, DependsOn, Condition, FindInMap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.errors import TemplateError
from crossdock.template import graph, schema
from crossdock.template.problems import nearest
from crossdock.template.references import Reference, references

Path = tuple[str | int, ...]
Found = tuple[Path, str, str]

PSEUDO = frozenset(
    f"AWS::{name}"
    for name in (
        "AccountId", "NoValue", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix",
    )
)  # fmt: skip


def unresolved(body: Mapping[str, Any]) -> list[Found]:
    """Path, what AWS says, and a hint, for each name that nothing declares; and circles of resources."""
    resources, parameters = body.get("Resources") or {}, body.get("Parameters") or {}
    values = {*resources, *parameters, *PSEUDO}
    found = [*_conditions(body, parameters)]
    for section in ("Resources", "Outputs"):
        for name, member in (body.get(section) or {}).items():
            for reference in references(member, path=(section, name)):
                found += _reference(section, reference, resources, values)
            found += _condition_names(body, member, (section, name), section)
            found += _maps(body, member, (section, name))
    for name, resource in resources.items():
        found += _depends_on(name, resource, resources)
    return found or _circles(body)


def _reference(
    section: str, reference: Reference, resources: Mapping[str, Any], values: set[str]
) -> Iterator[Found]:
    name, attribute = reference.name, reference.attribute
    path = (*reference.path, reference.function)
    what = f"Template format error: Unresolved resource dependencies [{name}] in the {section} block of the template"
    if reference.function == "Fn::GetAtt" and name not in resources:
        yield path, f"Template error: instance of Fn::GetAtt references undefined resource {name}", nearest(
            name, resources
        )
    elif name not in values or (attribute and name not in resources):
        yield path, what, nearest(name, resources if attribute else values)
    elif attribute:
        yield from _attribute(path, name, attribute, str(resources[name].get("Type")))


def _attribute(path: Path, name: str, attribute: str, type_name: str) -> Iterator[Found]:
    """An attribute that the type can't give. Only types whose schema lists read-only ones are sure enough to refuse."""
    found = schema.of(type_name)
    if found is None or found.open or not found.read_only or attribute.startswith("Outputs."):
        return
    top = attribute.split(".", maxsplit=1)[0]
    known = {path.split(".")[0] for path in found.read_only} | set(found.properties)
    if top not in known:
        what = f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"
        yield path, what, nearest(attribute, found.read_only)


def _conditions(body: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[Found]:
    declared = body.get("Conditions") or {}
    for name, condition in declared.items():
        for reference in references(condition, path=("Conditions", name)):
            if reference.name not in parameters and reference.name not in PSEUDO:
                yield (*reference.path, reference.function), (
                    f"Template format error: Unresolved dependencies [{reference.name}]. Cannot reference resources in "
                    "the Conditions block of the template"
                ), nearest(reference.name, parameters)
        for path, mentioned in _mentioned(condition, ("Conditions", name)):
            if mentioned not in declared:
                yield _undeclared(path, mentioned, declared, "Conditions")
        yield from _maps(body, condition, ("Conditions", name))


def _condition_names(body: Mapping[str, Any], member: Any, path: Path, section: str) -> Iterator[Found]:
    declared = body.get("Conditions") or {}
    named = member.get("Condition")
    if isinstance(named, str) and named not in declared:
        yield _undeclared((*path, "Condition"), named, declared, section)
    for where, name in _branches(member, path):
        if name not in declared:
            yield _undeclared(where, name, declared, section)


def _undeclared(path: Path, name: str, declared: Mapping[str, Any], section: str) -> Found:
    what = f"Template format error: Unresolved condition dependency {name} in the {section} block of the template"
    return path, what, nearest(name, declared)


def _mentioned(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Names of conditions inside a condition."""
    match value:
        case {"Condition": str() as name} if len(value) == 1:
            yield (*path, "Condition"), name
        case dict():
            for key, item in value.items():
                yield from _mentioned(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _mentioned(item, (*path, index))


def _branches(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Names of conditions in Fn::If."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if key == "Fn::If" and isinstance(item, list) and item and isinstance(item[0], str):
            yield (*path, key), item[0]
        yield from _branches(item, (*path, key))


def _maps(body: Mapping[str, Any], value: Any, path: Path) -> Iterator[Found]:
    mappings = body.get("Mappings") or {}
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if key == "Fn::FindInMap" and isinstance(item, list) and item and isinstance(item[0], str):
            name = item[0]
            if name not in mappings and len(item) < 4:
                what = f"Template error: Mapping named '{name}' is not present in the 'Mappings' section of template."
                yield (*path, key), what, nearest(name, mappings)
        yield from _maps(body, item, (*path, key))


def _depends_on(name: str, resource: Mapping[str, Any], resources: Mapping[str, Any]) -> Iterator[Found]:
    given = resource.get("DependsOn") or []
    for other in [given] if isinstance(given, str) else given:
        if other not in resources:
            yield ("Resources", name, "DependsOn"), (
                f"Template format error: Unresolved resource dependencies [{other}] in the Resources block of the "
                "template"
            ), nearest(str(other), resources)


def _circles(body: Mapping[str, Any]) -> list[Found]:
    """Circles among resources that exist whatever the conditions say."""
    resources = body.get("Resources") or {}
    certain = {name: _certain(one) for name, one in resources.items() if "Condition" not in one}
    try:
        graph.waves(graph.dependencies({"Resources": certain}, {}))
    except TemplateError as error:
        return [(("Resources",), problem.what, problem.hint) for problem in error.problems]
    return []


def _certain(value: Any) -> Any:
    """The value without what hangs on a condition."""
    match value:
        case {"Fn::If": _}:
            return None
        case dict():
            return {key: _certain(item) for key, item in value.items()}
        case list():
            return [_certain(item) for item in value]
        case _:
            return value
