"""Policy documents of resolved templates, each statement with the line where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.errors import Position
from crossdock.iam import Cause, Policy, PolicyKind, parse
from crossdock.model.proof import Place
from crossdock.prove.resources import Resource
from crossdock.template import resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One policy in force.

    policy      its name is unique among all: `deliver of role psl-development-survey-pipeline`
    holder      ARN of the role or resource that holds it
    at          where the document stands
    statements  where each statement stands
    ours        it stands in a composed template
    reasons     Sid -> why something in it is granted that nothing needs
    """

    policy: Policy
    holder: str
    at: Position
    document: Mapping[str, Any] = field(repr=False)
    statements: tuple[Position, ...] = field(default=(), repr=False)
    ours: bool = True
    reasons: Mapping[str, str] = field(default_factory=dict, repr=False)

    def place(self, cause: Cause | None = None) -> Place:
        """Where a statement of it stands, or the document as a whole."""
        if cause is None or cause.index >= len(self.statements):
            return Place(policy=self.policy.name, file=self.at.file, line=self.at.line,
                         statement="" if cause is None else cause.statement)
        found = self.statements[cause.index]
        return Place(policy=self.policy.name, file=found.file, line=found.line, statement=cause.statement)


def held(
    resource: Resource, path: Sequence[str | int], kind: PolicyKind, name: str, *, holder: str = ""
) -> Held:
    """The policy document at a path of a resource's properties. Raises PolicyError when AWS would refuse it."""
    document = _walk(resource.properties, path)
    at = resource.position(*path)
    return Held(
        policy=parse(document, kind, name=name, position=at), holder=holder or resource.arn, at=at, document=document,
        statements=tuple(_places(resource, tuple(path))), ours=resource.home.ours, reasons=reasons(resource),
    )


def merged(parts: Iterable[tuple[Resource, Mapping[str, Any]]], kind: PolicyKind, name: str, holder: str) -> Held:
    """One policy of several resources that each add a statement (Lambda permissions, a bus's statements)."""
    listed = list(parts)
    document = {"Version": "2012-10-17", "Statement": [statement for _, statement in listed]}
    places = tuple(resource.position() for resource, _ in listed)
    return Held(
        policy=parse(document, kind, name=name, position=places[0]), holder=holder, at=places[0], document=document,
        statements=places, ours=all(resource.home.ours for resource, _ in listed),
    )


def given(document: Mapping[str, Any], kind: PolicyKind, name: str, holder: str) -> Held:
    """A policy that AWS wrote: no template has it."""
    return Held(policy=parse(document, kind, name=name), holder=holder, at=Position(""), document=document, ours=False)


def reasons(resource: Resource) -> Mapping[str, str]:
    """`Metadata: {Crossdock: {Unused: {SID: REASON}}}`; `SID ACTION` speaks of one action alone."""
    found = (resource.metadata.get("Crossdock") or {}).get("Unused") or {}
    return {str(sid): str(reason) for sid, reason in found.items()}


def _walk(value: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        value = value[step]
    return value


def _places(resource: Resource, path: tuple[str | int, ...]) -> Iterator[Position]:
    """Where the statements that remain after conditions stand; where that can't be told, the document's place."""
    try:
        written = _walk(resource.written, path)["Statement"]
    except (KeyError, IndexError, TypeError):  # an intrinsic on the way: the resolved document has it all the same
        return
    for index, statement in enumerate(written if isinstance(written, list) else [written]):
        if resolve.resolve(statement, resource.scope) is not None:
            where = (*path, "Statement", index) if isinstance(written, list) else (*path, "Statement")
            yield resource.position(*where)
