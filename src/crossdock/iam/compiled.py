"""Statements compiled once for many requests: patterns to matchers, conditions to tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from crossdock.iam.conditions import compile_all
from crossdock.iam.patterns import Matcher, Mode, Sight, matcher
from crossdock.iam.principals import Caller, PrincipalMatch, compile_principals
from crossdock.iam.statement import Effect, PolicyKind, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A statement that decided, or would decide if its condition were known to hold.

    policy     the policy's name, "" when it was given none
    statement  its Sid, or `statement N` counting from 1; for a KMS grant the grant's name
    kind       None for a KMS grant
    """

    kind: PolicyKind | None
    policy: str
    statement: str
    effect: Effect
    index: int = 0

    def __str__(self) -> str:
        if self.kind is None:
            return f"KMS {self.statement}"
        named = f" {self.policy}" if self.policy and self.policy != self.kind.words else ""
        statement = self.statement if self.statement.startswith("statement ") else f"statement {self.statement}"
        return f"{statement} of the {self.kind.words}{named}"


class Facts(Sight, Protocol):
    """What a statement sees of a request."""

    @property
    def action(self) -> str: ...
    @property
    def resource(self) -> str: ...
    @property
    def caller(self) -> Caller: ...


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement ready to meet requests.

    applies    action, resource and conditions: True, False, or None when it hangs on an unknown key
    whom       how the statement names a caller, or None; DIRECT in policies without Principal
    variables  whether `${...}` is replaced: only in version 2012-10-17
    """

    cause: Cause
    applies: Callable[[Facts], bool | None]
    whom: PrincipalMatch
    statement: Statement
    variables: bool


def compile_statement(statement: Statement, kind: PolicyKind, policy: str, *, variables: bool) -> Compiled:
    """Compile one statement of a policy. ValueError when a condition is one that AWS would refuse."""
    action = _actions(statement)
    resource = _resources(statement, variables=variables)
    condition = compile_all(statement.conditions, statement.effect, variables=variables)

    def applies(facts: Facts) -> bool | None:
        if not action(facts.action):
            return False
        answer = resource(facts.resource, facts) if resource else True
        if answer is False or condition is None:
            return answer
        held = condition(facts)
        return held if answer is True or held is False else None

    cause = Cause(
        kind=kind, policy=policy, statement=statement.label, effect=statement.effect, index=statement.index
    )
    return Compiled(
        cause, applies, compile_principals(statement.principal, statement.not_principal), statement, variables
    )


def _actions(statement: Statement) -> Callable[[str], bool]:
    """Actions arrive in lower case: service prefix and name compare without case (IAM User Guide, Action)."""
    listed = statement.not_actions if statement.actions is None else statement.actions
    values = [value.lower() for value in listed or ()]
    exact = frozenset(value for value in values if not re.search(r"[*?]", value))
    wild = [_glob(value) for value in values if value not in exact]
    full = re.compile("|".join(wild), re.DOTALL).fullmatch if wild else None
    negated = statement.actions is None

    def match(action: str) -> bool:
        return (action in exact or (full is not None and full(action) is not None)) is not negated

    return match


def _glob(value: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in value)


def _resources(statement: Statement, *, variables: bool) -> Matcher | None:
    """None when the statement has no Resource: it means the resource that it is attached to."""
    negated = statement.resources is None
    listed = statement.not_resources if negated else statement.resources
    if listed is None:
        return None
    matches = matcher([complete(value) for value in listed], Mode.RESOURCE, variables=variables)
    if not negated:
        return None if "*" in listed else matches

    def differs(resource: str, sight: Sight) -> bool | None:
        answer = matches(resource, sight)
        return None if answer is None else not answer

    return differs


def complete(arn: str) -> str:
    """An ARN of fewer than six parts, completed with wildcards (IAM User Guide, Resource)."""
    missing = 5 - re.sub(r"\$\{[^}]*\}", "", arn).count(":")
    return arn + ":*" * missing if arn.startswith("arn:") and missing > 0 else arn
