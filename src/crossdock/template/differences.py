"""What differs between a stack and its next template: per resource, which properties, and whether it is replaced.

Source: CloudFormation API Reference, "ResourceChange", "ResourceChangeDetail", "ResourceTargetDefinition"; User Guide,
"Update behaviors of stack resources".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from crossdock.template import graph, schema
from crossdock.template.problems import mistake
from crossdock.template.references import references
from crossdock.template.resolve import Scope, partial
from crossdock.template.schema import Replacement

Action = Literal["Add", "Modify", "Remove"]
_ATTRIBUTES = ("Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy")


@dataclass(frozen=True, slots=True)
class Detail:
    """Why one property (or resource attribute) changes.

    attribute   `Properties`, `Tags`, `Metadata`, ...
    name        the property at top level; empty for other attributes
    recreation  what that change means for the resource
    evaluation  `Dynamic`: whether it changes turns out only when the referenced resource has changed
    source      `DirectModification`, `ResourceReference` (Ref), `ResourceAttribute` (GetAtt)
    cause       `Name` or `Name.Attribute` that is referred to; empty for direct modifications
    """

    attribute: str
    name: str
    recreation: Replacement
    evaluation: Literal["Static", "Dynamic"] = "Static"
    source: Literal["DirectModification", "ResourceReference", "ResourceAttribute"] = "DirectModification"
    cause: str = ""


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One resource that is added, modified or removed."""

    logical_id: str
    type: str
    action: Action
    replacement: Replacement = "never"
    details: tuple[Detail, ...] = ()

    @property
    def properties(self) -> tuple[str, ...]:
        """Names of the properties that change, each once."""
        return tuple(dict.fromkeys(detail.name for detail in self.details if detail.name))

    @property
    def scope(self) -> tuple[str, ...]:
        """Attributes that change (`Properties`, `Tags`, `Metadata`, ...), each once."""
        return tuple(dict.fromkeys(detail.attribute for detail in self.details))


def known(body: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """The resources that exist under the scope's conditions, resolved but for references to each other.

    Give it a scope whose `reference` and `attribute` raise Unresolved (the default): a reference then compares by name,
    and whether its value changes is decided from what happens to the resource.
    """
    resources = body.get("Resources") or {}
    return {name: partial(resources[name], scope) for name in graph.active(body, scope.conditions)}


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[ResourceChange, ...]:
    """What happens to each resource on the way from `old` to `new`, both from `known`.

    New and modified ones in the template's order, then the removed. Unchanged ones are left out. Raises TemplateError
    when a resource would change its type, which CloudFormation refuses.
    """
    retyped = [name for name in new if name in old and old[name].get("Type") != new[name].get("Type")]
    if retyped:
        raise mistake(
            "Update of resource type is not permitted. The new template modifies resource type of the following "
            f"resources: [{', '.join(retyped)}]"
        )
    changes: dict[str, ResourceChange] = {}
    for wave in graph.waves(graph.dependencies({"Resources": _unconditional(new)}, {})):
        for name in wave:
            change = _modified(name, old[name], new[name], changes) if name in old else _added(name, new[name])
            if change is not None:
                changes[name] = change
    removed = [
        ResourceChange(name, str(old[name].get("Type")), "Remove") for name in old if name not in new
    ]
    return (*(changes[name] for name in new if name in changes), *removed)


def _unconditional(resources: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {k: v for k, v in one.items() if k != "Condition"} for name, one in resources.items()}


def _added(name: str, resource: Mapping[str, Any]) -> ResourceChange:
    return ResourceChange(name, str(resource.get("Type")), "Add")


def _modified(
    name: str, old: Mapping[str, Any], new: Mapping[str, Any], changes: Mapping[str, ResourceChange]
) -> ResourceChange | None:
    type_name = str(new.get("Type"))
    before, after = old.get("Properties") or {}, new.get("Properties") or {}
    known_type = schema.of(type_name)
    details = []
    if known_type is None:
        changed = sorted(p for p in {*before, *after} if before.get(p) != after.get(p))
        details += [Detail(_attribute(p), p, "conditional") for p in changed]
    else:
        direct = known_type.update(before, after)
        details += [Detail(_attribute(p), p, direct.recreation[p]) for p in direct.properties]
    directly = {detail.name for detail in details}
    for property_name, value in after.items():
        if property_name not in directly:
            details += _dynamic(property_name, value, changes, known_type)
    details += [Detail(a, "", "never") for a in _ATTRIBUTES if old.get(a) != new.get(a)]
    if not details:
        return None
    replacement = schema.worst(detail.recreation for detail in details)
    return ResourceChange(name, type_name, "Modify", replacement, tuple(details))


def _attribute(name: str) -> str:
    return "Tags" if name == "Tags" else "Properties"


def _dynamic(
    name: str, value: Any, changes: Mapping[str, ResourceChange], type_schema: schema.TypeSchema | None
) -> list[Detail]:
    """Changes of a property that is written as before, but refers to something that changes.

    A Ref gives another value when its resource is replaced, GetAtt perhaps already when it is modified.
    """
    found = []
    for reference in references(value):
        change = changes.get(reference.name)
        if change is None or change.action == "Remove" or (not reference.attribute and change.replacement == "never"):
            continue
        paths = (*type_schema.create_only, *type_schema.conditional_create_only) if type_schema else (name,)
        top = {path.split(".")[0] for path in paths}
        source: Literal["ResourceAttribute", "ResourceReference"] = (
            "ResourceAttribute" if reference.attribute else "ResourceReference"
        )
        cause = f"{reference.name}.{reference.attribute}" if reference.attribute else reference.name
        recreation: Replacement = "conditional" if name in top else "never"
        sure = change.replacement == "always" and not reference.attribute
        if sure and type_schema and name in type_schema.create_only:
            recreation = "always"
        found.append(Detail(_attribute(name), name, recreation, "Static" if sure else "Dynamic", source, cause))
    return list(dict.fromkeys(found))
