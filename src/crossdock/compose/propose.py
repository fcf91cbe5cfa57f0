"""Needs written into crossdock.yaml where their service stands, everything else left as it is, comments too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from crossdock.errors import UsageError
from crossdock.model.assembly import Grant


def with_needs(text: str, service: str, needs: Sequence[Grant]) -> str:
    """The text of a platform file with these needs added to a service's.

    Raises UsageError where they can't be written in by lines: the service, or its `needs`, stands in braces.
    """
    found = _value(_value(yaml.compose(text, Loader=yaml.SafeLoader), "services"), service)
    listed = _value(found, "needs")
    lines = text.splitlines(keepends=True)
    if not isinstance(found, yaml.MappingNode) or found.flow_style or (listed is not None and listed.flow_style):
        raise _by_hand(service, needs)
    indent = found.value[0][0].start_mark.column
    if listed is None:
        after, new = _last_line(found), [" " * indent + "needs:\n", *entries(needs, indent + 2)]
    else:
        after, new = _last_line(listed), entries(needs, listed.start_mark.column)
    lines[after] = lines[after].rstrip("\n") + "\n"
    written = "".join((*lines[: after + 1], *new, *lines[after + 1 :]))
    if yaml.safe_load(written) != _meant(text, service, needs):
        raise _by_hand(service, needs)
    return written


def entries(needs: Sequence[Grant], indent: int) -> list[str]:
    """The lines of a list of needs."""
    lines: list[str] = []
    for need in needs:
        lines.append(f"{' ' * indent}- actions: {_list(need.actions)}\n")
        lines += [f"{' ' * indent}  resources:\n", *(f"{' ' * indent}    - {json.dumps(r)}\n" for r in need.resources)]
    return lines


def _list(names: Sequence[str]) -> str:
    return f"[{', '.join(json.dumps(one) if '*' in one else one for one in names)}]"


def _by_hand(service: str, needs: Sequence[Grant]) -> UsageError:
    return UsageError(
        message=f"the needs of {service} can't be written into crossdock.yaml as it is laid out there",
        hint=f"write the entry of {service} in lines of its own, or put them in by hand",
        details=["".join(["needs:\n", *entries(needs, 2)]).rstrip("\n")],
    )


def _value(node: Any, key: str) -> Any:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _last_line(node: yaml.Node) -> int:
    """The line on which the last thing of a node ends; what follows is blank, a comment, or another's."""
    return max(end for end in _ends(node))


def _ends(node: yaml.Node) -> Iterator[int]:
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        for child in node.value:
            for one in child if isinstance(child, tuple) else (child,):
                yield from _ends(one)
    else:
        yield node.end_mark.line - (node.end_mark.column == 0 and node.end_mark.line > node.start_mark.line)


def _meant(text: str, service: str, needs: Sequence[Grant]) -> Any:
    data = yaml.safe_load(text)
    added = [{"actions": list(need.actions), "resources": list(need.resources)} for need in needs]
    data["services"][service]["needs"] = [*data["services"][service].get("needs", ()), *added]
    return data
