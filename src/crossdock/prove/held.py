"""Policy documents of resolved templates, each statement with the line where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.errors import PolicyError, Position, Problem, TemplateError
from crossdock.iam import Cause, Mistake, Policy, PolicyKind, parse, review
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
    """The policy document at a path of a resource's properties. Raises TemplateError when AWS would refuse it."""
    document = _walk(resource.properties, path)
    at = resource.position(*path)
    try:
        policy = parse(document, kind, name=name, position=at)
    except PolicyError:
        refused = [problem(resource, path, one) for one in review(document, kind) if not one.stored]
        raise TemplateError(refused, at.file) from None
    return Held(
        policy=policy, holder=holder or resource.arn, at=at, document=document,
        statements=tuple(resource.position(*where) for where in _written(resource, tuple(path))),
        ours=resource.home.ours, reasons=reasons(resource),
    )


def problem(resource: Resource, path: Sequence[str | int], mistake: Mistake) -> Problem:
    """A mistake of the document at a path of a resource's properties, where it stands in the template."""
    inner = mistake.path
    match inner:
        case ("Statement", int(index), *rest):
            written = list(_written(resource, tuple(path)))
            where = (*written[index], *rest) if index < len(written) else (*path, "Statement")
        case _:
            where = (*path, *inner)
    return Problem(resource.position(*where), f"{resource.logical_id}: {mistake.what}", mistake.hint)


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


def _written(resource: Resource, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """The paths of the statements that remain after conditions; none where an intrinsic makes the document."""
    try:
        written = _walk(resource.written, path)["Statement"]
    except (KeyError, IndexError, TypeError):  # an intrinsic on the way: the resolved document has it all the same
        return
    for index, statement in enumerate(written if isinstance(written, list) else [written]):
        if resolve.resolve(statement, resource.scope) is not None:
            yield (*path, "Statement", index) if isinstance(written, list) else (*path, "Statement")
