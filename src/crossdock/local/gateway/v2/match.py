"""Which route of an HTTP API answers (API Gateway Developer Guide, "Create routes for HTTP APIs")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crossdock.local.gateway.v2.state import DEFAULT, Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    route: Route
    variables: Mapping[str, str]


def find(routes: Iterable[Route], method: str, path: str) -> Match | None:
    """A literal segment goes before a variable, that before a greedy one, a method before ANY, `$default` last."""
    best: tuple[tuple[tuple[int, ...], bool], Match] | None = None
    fallback: Match | None = None
    for route in routes:
        if route.key == DEFAULT:
            fallback = Match(route=route, variables={})
            continue
        variables = _matches(route.path, path) if route.method in (method, "ANY") else None
        if variables is None:
            continue
        rank = (tuple(_rank(part) for part in route.path.split("/")[1:]), route.method == "ANY")
        if best is None or rank < best[0]:
            best = rank, Match(route=route, variables=variables)
    return best[1] if best else fallback


def _matches(template: str, path: str) -> dict[str, str] | None:
    """What the variables stand for, None when the path is another. A trailing slash counts."""
    parts, rest = template.split("/")[1:], path.split("/")[1:]
    variables: dict[str, str] = {}
    for place, part in enumerate(parts):
        name = part.strip("{}+")
        match _rank(part):
            case 2:
                variables[name] = "/".join(rest[place:])
                return variables if variables[name] else None
            case 1 if place < len(rest) and rest[place]:
                variables[name] = rest[place]
            case 0 if place < len(rest) and rest[place] == part:
                continue
            case _:
                return None
    return variables if len(rest) == len(parts) else None


def _rank(part: str) -> int:
    return 0 if not part.startswith("{") else 2 if part.endswith("+}") else 1
