"""A plain tree as readable YAML: short tags, keys in order, a blank line between sections and resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from crossdock.template.functions import INTRINSICS, SHORT_TAGS

_TAGS = {function: f"!{tag}" for tag, function in SHORT_TAGS.items()}
_FLOW_WIDTH = 90
_NO_FOLDING = 1 << 20
_OTHER_BREAKS = "\x85\u2028\u2029"  # line breaks to YAML 1.1, which would fold them
_SPACED = frozenset({"Resources"})


def dump(body: Mapping[str, Any]) -> str:
    """YAML that `parse.load` reads back to the same tree. An empty mapping gives `{}`."""
    if not body:
        return "{}\n"
    sections = []
    for key, value in body.items():
        if key in _SPACED and isinstance(value, dict) and value:
            entries = "\n".join(_indented(_text({name: entry})) for name, entry in value.items())
            sections.append(f"{key}:\n{entries}")
        else:
            sections.append(_text({key: value}))
    return "".join(
        ("\n" if index and _is_block(section) else "") + section for index, section in enumerate(sections)
    )


def _is_block(section: str) -> bool:
    return section.count("\n") > 1


def _text(value: Mapping[str, Any]) -> str:
    text: str = yaml.dump(
        _Entry(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_NO_FOLDING, default_flow_style=False
    )
    return text


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" if line else "\n" for line in text.removesuffix("\n").split("\n"))


class _Entry(dict[str, Any]):
    """One key of the document and its value: never an intrinsic, whatever the key (a resource may be named Ref)."""


class _Dumper(yaml.SafeDumper):
    """Plain style for what follows a short tag, literal blocks for text of several lines, indented sequences."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def choose_scalar_style(self) -> str:
        chosen: str = super().choose_scalar_style()
        event, analysis = self.event, self.analysis
        if chosen != "'" or not isinstance(event, yaml.ScalarEvent) or analysis is None:
            return chosen
        if not event.value or not (event.tag or "").startswith("!"):
            return chosen
        plain = analysis.allow_flow_plain if self.flow_level else analysis.allow_block_plain
        return "" if plain and not analysis.multiline else chosen


def _string(dumper: yaml.SafeDumper, value: str, tag: str = "tag:yaml.org,2002:str") -> yaml.Node:
    if any(odd in value for odd in _OTHER_BREAKS):
        return dumper.represent_scalar(tag, value, style='"')
    return dumper.represent_scalar(tag, value, style="|" if "\n" in value else None)


def _mapping(dumper: yaml.SafeDumper, value: dict[str, Any]) -> yaml.Node:
    if len(value) == 1:
        ((key, inner),) = value.items()
        node = _short(dumper, key, inner) if key in INTRINSICS else None
        if node is not None:
            return node
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=not value)


def _short(dumper: yaml.SafeDumper, function: str, inner: Any) -> yaml.Node | None:
    """The short form; None where there is none (a tag can't follow a tag, nor stand before a number)."""
    tag = _TAGS[function]
    if function == "Fn::GetAtt" and isinstance(inner, list) and len(inner) == 2:
        resource, attribute = inner
        if isinstance(resource, str) and isinstance(attribute, str) and resource and "." not in resource:
            return _string(dumper, f"{resource}.{attribute}", tag)
    if isinstance(inner, str):
        return _string(dumper, inner, tag)
    if isinstance(inner, list):
        node = dumper.represent_sequence(tag, inner, flow_style=False)
        node.flow_style = not inner or _fits(node)
        return node
    if isinstance(inner, dict) and inner and not _is_tagged(inner):
        return dumper.represent_mapping(tag, inner.items(), flow_style=False)
    return None


def _is_tagged(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)) in INTRINSICS


def _fits(node: yaml.Node) -> bool:
    """Whether a sequence reads well on one line."""
    if any(not isinstance(child, yaml.ScalarNode) or "\n" in child.value for child in node.value):
        return False
    tags = sum(len(child.tag) for child in node.value if child.tag.startswith("!"))
    return tags + sum(len(child.value) + 2 for child in node.value) < _FLOW_WIDTH


_Dumper.add_representer(
    _Entry, lambda dumper, entry: dumper.represent_mapping("tag:yaml.org,2002:map", entry.items(), flow_style=False)
)
_Dumper.add_representer(str, _string)
_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(
    list, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=not value)
)
