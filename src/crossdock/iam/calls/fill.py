"""Resource templates filled from parameters.

`{Path}` is replaced by the parameter. Where the parameter may be an ARN instead of a name (ECS clusters, SNS topics),
an ARN in the last place is the resource itself, and elsewhere gives its last segment. `{kind:Path}` lets the kind make
the whole ARN (kinds.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from crossdock.iam.calls.kinds import KINDS, Place
from crossdock.iam.calls.paths import Params, first, text, values

_HOLE = re.compile(r"(?<!\$)\{(?:([a-z-]+):)?((?:[^{}]|\{\})+)\}")
_MANY = re.compile(r"[\w.@]+(?:\[\]|\{\}|<>)+")


def fill(template: str, params: Params, place: Place) -> Iterator[tuple[str, bool]]:
    """The resources that a template gives, each with whether it is unresolved; none when a parameter is missing."""
    for name, value in (("Partition", place.partition), ("Region", place.region), ("Account", place.account)):
        template = template.replace("${" + name + "}", value)
    yield from _spread(template, params, place)


def _spread(template: str, params: Params, place: Place) -> Iterator[tuple[str, bool]]:
    """One resource for each element of the lists that the template names, the element bound to `@`."""
    for hole in _HOLE.finditer(template):
        if many := _MANY.search(hole.group(2)):
            listed = re.escape(many.group()) + r"(?=[.|}])"
            items = values(params, many.group())
            for item in items:
                yield from _spread(re.sub(listed, "@", template), {**params, "@": item}, place)
            if not items:  # what stands beside it, separated by `|`, may still fill the place
                yield from _spread(re.sub(listed, "~", template), params, place)
            return
    yield from _fill(template, params, place)


def _fill(template: str, params: Params, place: Place) -> Iterator[tuple[str, bool]]:
    holes = list(_HOLE.finditer(template))
    parts: list[str] = []
    end, unresolved = 0, False
    for hole in holes:
        parts.append(template[end : hole.start()])
        end = hole.end()
        kind, spec = hole.groups()
        found = values(params, spec) or ([""] if kind == "user" else [])
        if not found:
            return
        value = text(found[0])
        if kind:
            value, loose = KINDS[kind](value, place)
            unresolved = unresolved or loose
        elif template != hole.group() and _is_arn_of(value, template):
            if hole is holes[-1]:
                yield value, False
                return
            value = re.split("[:/]", value)[-1]
        parts.append(value)
    parts.append(template[end:])
    yield "".join(parts), unresolved


def _is_arn_of(value: str, template: str) -> bool:
    """An ARN of another service is no name of this one: it stays text, which no policy about that service allows."""
    return value.startswith("arn:") and value.split(":")[2:3] == template.split(":")[2:3]


def is_template(spec: str) -> bool:
    """Whether a spec of a context key is a template rather than a path."""
    return "{" in spec.replace("{}", "")


def owner_of(resource: str) -> str:
    """The 12 digits in an ARN, or an empty string."""
    parts = resource.split(":", 5)
    return parts[4] if len(parts) == 6 and re.fullmatch(r"\d{12}", parts[4]) else ""


def literal(params: Params, spec: str) -> str:
    """A spec's first value as text, or an empty string."""
    value: Any = first(params, spec)
    return "" if value is None else text(value)
