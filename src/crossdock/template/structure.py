"""Mistakes that CloudFormation refuses before it does anything, in its words, with positions.

Source: CloudFormation User Guide, "Template anatomy", "Understand CloudFormation quotas", "Troubleshooting".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.errors import Problem
from crossdock.template.arguments import malformed
from crossdock.template.functions import FOR_EACH, LANGUAGE_EXTENSIONS
from crossdock.template.kinds import wrong_kinds
from crossdock.template.names import Found, unresolved
from crossdock.template.parameters import known_type
from crossdock.template.parse import Document, Path
from crossdock.template.problems import nearest
from crossdock.template.secure import misplaced
from crossdock.template.transforms import LANGUAGE_EXTENSIONS as EXTENSIONS
from crossdock.template.transforms import declared

SECTIONS = (
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions",
    "Transform", "Hooks", "Globals", "Resources", "Outputs",
)  # fmt: skip
INLINE_BYTES = 51_200
"""Of a template that is sent in the call itself (TemplateBody)."""
STORED_BYTES = 1_000_000
"""Of a template that is read from S3 (TemplateURL)."""

_QUOTAS = {"Resources": 500, "Parameters": 200, "Outputs": 200, "Mappings": 200}
_REQUIRED = {"Resources": "Type", "Parameters": "Type", "Outputs": "Value"}
_RESOURCE_ATTRIBUTES = (
    "Type", "Properties", "DependsOn", "Condition", "Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy",
    "UpdateReplacePolicy", "Connectors", "IgnoreGlobals", "Description",
)  # fmt: skip
_CUSTOM = ("AWS::CloudFormation::CustomResource", "Custom::")
"""Types that may have a `Version` (CloudFormation reference, AWS::CloudFormation::CustomResource, examples)."""


def validate(document: Document, *, inline: bool = False) -> list[Problem]:
    """Every problem of a template's structure and names, in the order of the text; empty when CloudFormation takes it.

    `inline`: the template is sent as TemplateBody, to which the smaller size quota applies. Names that a macro may make
    (any transform but AWS::LanguageExtensions, loops) aren't looked for: validate what the macro made.
    """
    body = document.body
    found = [*_size(document, inline), *_sections(body)] or list(wrong_kinds(body))
    if not found:
        found = [*_members(body), *_nulls(body, ()), *_extensions(body)]
        if not _has_macros(body):
            found += list(malformed(body)) or unresolved(body) or list(misplaced(body))
    problems = (Problem(document.position(path), what, hint) for path, what, hint in found)
    return sorted(problems, key=lambda problem: problem.position)


def made(document: Document, body: Mapping[str, Any]) -> list[Problem]:
    """Every problem of the names in what a template's macros made of it; positions are those of the template."""
    found = list(malformed(body)) or unresolved(body) or list(misplaced(body))
    problems = (Problem(document.position(path), what, hint) for path, what, hint in found)
    return sorted(problems, key=lambda problem: problem.position)


def _size(document: Document, inline: bool) -> Iterator[Found]:
    if inline and document.size > INLINE_BYTES:
        yield (), (
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length"
            f" less than or equal to {INLINE_BYTES}"
        ), "upload the template to a bucket and give its URL"
    elif document.size > STORED_BYTES:
        yield (), f"Template may not exceed {STORED_BYTES} bytes in size.", "split it into nested stacks"


def _sections(body: Mapping[str, Any]) -> Iterator[Found]:
    version = body.get("AWSTemplateFormatVersion")
    if version is not None and version != "2010-09-09":
        what = "Template format error: unsupported value for AWSTemplateFormatVersion."
        yield ("AWSTemplateFormatVersion",), what, "the only version is 2010-09-09"
    for name, section in body.items():
        if name not in SECTIONS and not name.startswith("Fn::"):
            yield (name,), f"Invalid template property or properties [{name}]", nearest(name, SECTIONS)
        elif name in ("Resources", "Parameters", "Outputs", "Mappings", "Conditions", "Rules"):
            yield from _section(name, section)
    if not body.get("Resources"):
        yield ("Resources",), "Template format error: At least one Resources member must be defined.", ""
    description = body.get("Description")
    if description is not None and not isinstance(description, str):
        yield ("Description",), "Template format error: every Description member must be a string.", ""
    elif description and len(description.encode()) > 1024:
        yield ("Description",), "Template format error: 'Description' length is greater than 1024.", ""


def _section(name: str, section: Any) -> Iterator[Found]:
    if not isinstance(section, dict):
        yield (name,), f"Template format error: {name} member must be a mapping.", ""
        return
    quota = _QUOTAS.get(name)
    if quota and len(section) > quota:
        what = f"Number of {name.lower()}, {len(section)}, is greater than maximum allowed, {quota}"
        yield (name,), f"Template format error: {what}", ""
    for key, member in section.items():
        if name != "Conditions" and not isinstance(member, dict) and not key.startswith("Fn::"):
            yield (name, key), f"Template format error: [/{name}/{key}] member must be a mapping.", ""


def _members(body: Mapping[str, Any]) -> Iterator[Found]:
    for section, key in _REQUIRED.items():
        for name, member in (body.get(section) or {}).items():
            if name.startswith("Fn::"):
                continue
            if not name.isascii() or not name.isalnum():
                kind = section.removesuffix("s")
                yield (section, name), f"Template format error: {kind} name {name} is non alphanumeric.", ""
            if key not in member and "Fn::Transform" not in member:
                what = f"Template format error: [/{section}/{name}] Every {section} object must contain a {key} member."
                yield (section, name), what, ""
    for name, declaration in (body.get("Parameters") or {}).items():
        type_name = declaration.get("Type")
        if type_name is not None and not known_type(str(type_name)):
            what = f"Template format error: Unrecognized parameter type: {type_name}"
            yield ("Parameters", name, "Type"), what, ""
    for name, resource in (body.get("Resources") or {}).items():
        for attribute in resource if not name.startswith("Fn::") else ():
            if attribute == "Version" and str(resource.get("Type", "")).startswith(_CUSTOM):
                continue
            if attribute not in _RESOURCE_ATTRIBUTES and not attribute.startswith("Fn::"):
                what = f"Invalid template resource property '{attribute}'"
                yield ("Resources", name, attribute), what, nearest(attribute, _RESOURCE_ATTRIBUTES)


def _nulls(value: Any, path: Path) -> Iterator[Found]:
    if value is None:
        where = "/".join(str(part) for part in path)
        yield path, f"Template format error: [/{where}] 'null' values are not allowed in templates", ""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _nulls(item, (*path, key))


def _extensions(value: Any, path: Path = (), allowed: bool = False) -> Iterator[Found]:
    """Functions that need the transform AWS::LanguageExtensions, where a template doesn't declare it."""
    if not path and EXTENSIONS in declared(value):
        allowed = True
    if allowed:
        return
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(key, str) and (key in LANGUAGE_EXTENSIONS or key.startswith(FOR_EACH)):
            what = f"Template format error: Unrecognized function {key}"
            yield (*path, key), what, f"declare Transform: {EXTENSIONS}"
        yield from _extensions(item, (*path, key))


def _has_macros(body: Mapping[str, Any]) -> bool:
    if any(name != EXTENSIONS for name in declared(body)):
        return True
    pending: list[Any] = [body]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if any(key == "Fn::Transform" or key.startswith(FOR_EACH) for key in value):
                return True
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return False
