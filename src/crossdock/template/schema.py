"""What CloudFormation knows of a resource type: its properties, what an update replaces, what GetAtt gives.

Source: the resource provider schemas of the CloudFormation registry, in the copy that cfn-lint packages. A type's file
is read when it is asked for, and once; the linter itself (a second of imports) is never loaded.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from crossdock.errors import UsageError
from crossdock.template.functions import intrinsic

Replacement = Literal["never", "conditional", "always"]
_REGION = "us-east-1"  # the region that has every type; schemas differ between regions only in late additions


@dataclass(frozen=True, slots=True)
class Change:
    """What an update of a resource does: the changed properties (top level, sorted) and whether it is replaced.

    `recreation` tells it for each changed property.
    """

    replacement: Replacement
    properties: tuple[str, ...]
    recreation: Mapping[str, Replacement] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TypeSchema:
    """One resource type. Paths are dotted from the resource's Properties; `*` stands for every item of a list.

    create_only   a change there replaces the resource; conditional: it may
    read_only     attributes for GetAtt
    """

    type_name: str
    properties: Mapping[str, Any]
    definitions: Mapping[str, Any]
    required: tuple[str, ...]
    create_only: tuple[str, ...]
    conditional_create_only: tuple[str, ...]
    read_only: tuple[str, ...]
    write_only: tuple[str, ...]
    primary_identifier: tuple[str, ...]
    open: bool
    """Whether properties that aren't listed are allowed (custom resources)."""

    def update(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
        """The change from one set of properties to another. A value that still holds an intrinsic may or may not
        differ in the end, so where it decides about replacement, replacement is conditional."""
        names = sorted(n for n in {*old, *new} if old.get(n) != new.get(n) or (n in old) != (n in new))
        recreation = {name: self.recreation(name, old, new) for name in names}
        return Change(worst(recreation.values()), tuple(names), recreation)

    def recreation(self, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Replacement:
        """What a change of one top-level property means for the resource."""
        if sure := self._differs(self.create_only, name, old, new):
            return "always" if sure == "surely" else "conditional"
        return "conditional" if self._differs(self.conditional_create_only, name, old, new) else "never"

    def _differs(
        self, paths: tuple[str, ...], name: str, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Literal["", "maybe", "surely"]:
        found: Literal["", "maybe", "surely"] = ""
        for path in paths:
            before, after = list(_at(old, path)), list(_at(new, path))
            if path.split(".")[0] == name and before != after:
                if not any(_unresolved(value) for value in (*before, *after)):
                    return "surely"
                found = "maybe"
        return found


def worst(levels: Iterable[Replacement]) -> Replacement:
    """What changes that mean these together mean for the resource."""
    found = set(levels)
    return "always" if "always" in found else "conditional" if "conditional" in found else "never"


@cache
def of(type_name: str) -> TypeSchema | None:
    """The schema of a type, None when CloudFormation has no such type. `Custom::X` is a custom resource."""
    digest = _index().get("AWS::CloudFormation::CustomResource" if type_name.startswith("Custom::") else type_name)
    if digest is None:
        return None
    raw = json.loads((_schemas() / "resources" / f"{digest}.json").read_text(encoding="utf-8"))
    required = raw.get("required") or ()
    return TypeSchema(
        type_name=type_name,
        properties=raw.get("properties") or {},
        definitions=raw.get("definitions") or {},
        required=tuple(required),
        create_only=_paths(raw, "createOnlyProperties"),
        conditional_create_only=_paths(raw, "conditionalCreateOnlyProperties"),
        read_only=_paths(raw, "readOnlyProperties"),
        write_only=_paths(raw, "writeOnlyProperties"),
        primary_identifier=_paths(raw, "primaryIdentifier"),
        open=raw.get("additionalProperties") is not False or bool(raw.get("patternProperties")),
    )


def names() -> frozenset[str]:
    """Every resource type that CloudFormation has."""
    return frozenset(_index())


def permissions(type_name: str, *handlers: str) -> tuple[str, ...]:
    """The IAM actions that a type's handlers (`create`, `read`, `update`, `delete`) declare, each once; none for an
    unknown type. They are an upper bound: what an absent property would need is among them."""
    digest = _index().get(type_name)
    if digest is None:
        return ()
    declared = _raw(digest).get("handlers") or {}
    listed = [action for handler in handlers for action in (declared.get(handler) or {}).get("permissions") or ()]
    return tuple(dict.fromkeys(listed))


@cache
def tagging(type_name: str) -> tuple[str, bool]:
    """The property that holds a type's tags, empty where it takes none, and whether CloudFormation puts tags of its own
    there (`tagging` in the type's schema; the defaults are those of the schemas' own definition)."""
    digest = _index().get(type_name)
    raw = _raw(digest) if digest else {}
    said: Mapping[str, Any] = raw.get("tagging") or {}
    name = str(said.get("tagProperty", "/properties/Tags")).removeprefix("/properties/")
    if not said.get("taggable", True) or name not in (raw.get("properties") or {}):
        return "", False
    return name, bool(said.get("cloudFormationSystemTags", True))


@cache
def _raw(digest: str) -> Mapping[str, Any]:
    raw: dict[str, Any] = json.loads((_schemas() / "resources" / f"{digest}.json").read_text(encoding="utf-8"))
    return raw


def _paths(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(path.removeprefix("/properties/").replace("/", ".") for path in raw.get(key) or ())


@cache
def _index() -> Mapping[str, str]:
    """Type name -> name of the file that describes it."""
    index: dict[str, str] = json.loads((_schemas() / "providers" / f"{_REGION}.json").read_text(encoding="utf-8"))
    return index


@cache
def _schemas() -> Path:
    spec = importlib.util.find_spec("cfnlint")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(location) / "data" / "schemas"
        if (found / "providers" / f"{_REGION}.json").exists():
            return found
    raise UsageError(
        message="the CloudFormation resource schemas that cfn-lint packages are not installed",
        hint="install cfn-lint anew: pip install --force-reinstall cfn-lint",
    )


def _at(value: Any, path: str) -> Iterator[Any]:
    """The values at a dotted path; an intrinsic on the way stands for what it will give."""
    head, _, rest = path.partition(".")
    if intrinsic(value):
        yield value
    elif head == "*":
        for item in value if isinstance(value, list) else ():
            yield from _at(item, rest) if rest else (item,)
    elif isinstance(value, dict) and head in value:
        yield from _at(value[head], rest) if rest else (value[head],)


def _unresolved(value: Any) -> bool:
    if intrinsic(value) or (isinstance(value, str) and "{{resolve:" in value):
        return True
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_unresolved(item) for item in items)


def check(type_name: str, properties: Mapping[str, Any]) -> list[str]:
    """What is wrong with a resource's properties, worded as resource providers do; empty when nothing is."""
    from crossdock.template.shapes import check as check_shape

    found = of(type_name)
    return check_shape(found, properties) if found else [f"Unrecognized resource types: [{type_name}]"]


def coerce(type_name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties with scalars as the type declares them, as CloudFormation passes them on (`"30"` -> 30)."""
    from crossdock.template.shapes import coerce as coerce_shape

    found = of(type_name)
    return coerce_shape(found, properties) if found else dict(properties)
