"""What each template is for, takes and gives, read from the template itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crossdock import library
from crossdock.template import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter; `default` None: it must be given."""

    name: str
    group: str
    description: str
    default: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One template. `outputs`: name -> description."""

    name: str
    title: str
    purpose: str
    parameters: tuple[Parameter, ...]
    outputs: Mapping[str, str]


def entry(name: str) -> Entry:
    """What a template says of itself. KeyError if there is none of this name."""
    body = load(library.load(name), name).body
    title, _, purpose = str(body["Description"]).partition(" - ")
    interface = (body.get("Metadata") or {}).get("AWS::CloudFormation::Interface") or {}
    groups = {
        parameter: group["Label"]["default"]
        for group in interface.get("ParameterGroups", ()) for parameter in group["Parameters"]
    }
    declared = body.get("Parameters") or {}
    return Entry(
        name=name, title=title, purpose=purpose,
        parameters=tuple(
            Parameter(name=parameter, group=group, description=str(declared[parameter]["Description"]),
                      default=str(declared[parameter]["Default"]) if "Default" in declared[parameter] else None)
            for parameter, group in groups.items()
        ),
        outputs={output: str(told["Description"]) for output, told in body["Outputs"].items()},
    )


def page() -> str:
    """docs/library.md."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# The template library"
    yield ""
    yield "Plain CloudFormation, one idea a template: each can be used alone (`crossdock library show NAME`). This page"
    yield "is made from the templates themselves. A parameter without a default must be given."
    group = ""
    for name in library.names():
        found = entry(name)
        if name.partition("/")[0] != group:
            group = name.partition("/")[0]
            yield from ("", f"## {group}")
        yield from ("", f"### {name}", "", f"{found.title}: {found.purpose}", "", "| parameter | default | |",
                    "| --- | --- | --- |")
        for parameter in found.parameters:
            default = "" if parameter.default is None else f"`{parameter.default}`" if parameter.default else "empty"
            yield f"| {parameter.name} | {default} | {_cell(parameter.description)} |"
        yield from ("", "| output | |", "| --- | --- |")
        for output, description in found.outputs.items():
            yield f"| {output} | {_cell(description)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
