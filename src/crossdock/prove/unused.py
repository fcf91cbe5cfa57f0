"""Grants that nothing needs, to the action: taking one away would change no need's decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from crossdock.iam import Cause, Decision, Effect, Policy
from crossdock.model.proof import Need, Unused
from crossdock.prove.collect import InForce
from crossdock.prove.held import Held
from crossdock.prove.judge import Judge, Replacement
from crossdock.prove.patterns import matches

Grant = tuple[str, int, str]
"""A policy's name, the index of a statement, an action as it is written there."""


def used(judge: Judge, decided: Iterable[tuple[Need, Decision]]) -> set[Grant]:
    """The grants without which some need would fail."""
    found: set[Grant] = set()
    for need, decision in decided:
        for cause in decision.because if decision.allowed else ():
            found.update(_without(judge, need, cause, found))
    return found


def _without(judge: Judge, need: Need, cause: Cause, known: set[Grant]) -> Iterator[Grant]:
    held = judge.in_force.held.get(cause.policy)
    if held is None or cause.effect is not Effect.ALLOW:
        return
    statement = next(s for s in held.policy.statements if s.index == cause.index)
    for action in statement.actions or ():
        grant = (held.policy.name, cause.index, action)
        if grant in known or not matches(action, need.action):
            continue
        other = Replacement(name=held.policy.name, policy=lacking(held.policy, cause.index, action))
        if not judge.decide(need, other).allowed:
            yield grant


def lacking(policy: Policy, index: int, action: str) -> Policy:
    """The policy without one action of one statement."""
    statements = []
    for statement in policy.statements:
        if statement.index == index:
            left = tuple(one for one in statement.actions or () if one != action)
            if not left:
                continue
            statement = replace(statement, actions=left)  # noqa: PLW2901
        statements.append(statement)
    return replace(policy, statements=tuple(statements))


def unused(in_force: InForce, found: set[Grant]) -> Iterator[Unused]:
    """Every granted action that is not among those used, in the order of the templates.

    A permissions boundary grants nothing (IAM User Guide, access_policies_boundaries): the room that it leaves is none.
    """
    granting = {one.policy.name for role in in_force.roles.values() for one in role.identity}
    bounds = {role.boundary.policy.name for role in in_force.roles.values() if role.boundary} - granting
    for held in sorted(in_force.held.values(), key=lambda one: (not one.ours, one.at, one.policy.name)):
        for compiled in held.policy.allows if held.at.file and held.policy.name not in bounds else ():
            statement = compiled.statement
            for action in statement.actions or ():
                if (held.policy.name, statement.index, action) not in found:
                    yield Unused(place=held.place(compiled.cause), action=action, ours=held.ours,
                                 reason=_reason(held, statement.sid, action))


def _reason(held: Held, sid: str, action: str) -> str:
    return held.reasons.get(f"{sid} {action}") or held.reasons.get(sid, "")
