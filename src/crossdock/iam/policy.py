"""Policies: a document read, checked as AWS checks it on writing, and compiled once for many requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock.errors import PolicyError, Position
from crossdock.iam.compiled import Compiled, compile_statement
from crossdock.iam.grammar import VERSIONS, Reader
from crossdock.iam.mistakes import Mistake
from crossdock.iam.statement import Effect, PolicyKind, Statement

__all__ = ["Policy", "PolicyKind", "Statement", "parse", "review", "validate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy of one kind. `name` is for explanations; `denies` and `allows` are its statements, compiled.

    version  without one a document is of 2008-10-17, in which `${...}` is plain text
    """

    kind: PolicyKind
    statements: tuple[Statement, ...]
    name: str = ""
    version: str = VERSIONS[0]
    position: Position | None = None
    denies: tuple[Compiled, ...] = field(init=False, repr=False, compare=False)
    allows: tuple[Compiled, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        variables = self.version == VERSIONS[1]
        for name, effect in (("denies", Effect.DENY), ("allows", Effect.ALLOW)):
            ready = tuple(
                compile_statement(s, self.kind, self.name, variables=variables)
                for s in self.statements
                if s.effect is effect
            )
            object.__setattr__(self, name, ready)


def parse(
    document: str | Mapping[str, Any], kind: PolicyKind, *, name: str = "", position: Position | None = None
) -> Policy:
    """Read a policy document (JSON text or its object). PolicyError names every problem that AWS would refuse."""
    reader = Reader(kind)
    statements = reader.document(document)
    if reader.problems:
        subject = f"{name}: " if name else ""
        raise PolicyError(message=subject + "; ".join(reader.problems), position=position, details=reader.problems)
    return Policy(kind=kind, statements=statements, name=name, version=reader.version, position=position)


def validate(document: str | Mapping[str, Any], kind: PolicyKind) -> list[str]:
    """Every problem of a document, in words; empty when AWS would store it."""
    reader = Reader(kind)
    reader.document(document)
    return reader.problems


def review(document: str | Mapping[str, Any], kind: PolicyKind) -> list[Mistake]:
    """Every mistake of a document and where it is: what AWS would refuse, and what it stores although no such action or
    resource can be."""
    reader = Reader(kind)
    reader.document(document)
    return [*reader.refused, *reader.doubtful]
