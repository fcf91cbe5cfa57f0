"""Access that two assemblies differ in: each grant and denial that one has and the other has not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from crossdock.iam import Statement
from crossdock.prove.scene import Scene


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Grant:
    """One action of one statement. `whom` is empty in policies of roles; `condition` is JSON, empty without one."""

    policy: str
    effect: str
    action: str
    resource: str
    whom: str = ""
    condition: str = ""

    def __str__(self) -> str:
        whom = f" to {self.whom}" if self.whom else ""
        condition = f" if {self.condition}" if self.condition else ""
        return f"{self.policy}: {self.effect} {self.action} on {self.resource}{whom}{condition}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    added: tuple[Grant, ...]
    removed: tuple[Grant, ...]


def against(new: Scene, old: Scene) -> Difference:
    """What the platform's own policies (not those of services) say in `new` and not in `old`, and the reverse."""
    now, before = set(_grants(new)), set(_grants(old))
    return Difference(added=tuple(sorted(now - before)), removed=tuple(sorted(before - now)))


def _grants(scene: Scene) -> Iterator[Grant]:
    for held in scene.in_force.held.values():
        for statement in held.policy.statements if held.ours else ():
            for action in statement.actions or (f"all but {', '.join(statement.not_actions or ())}",):
                for resource in statement.resources or ("this",):
                    yield Grant(policy=held.policy.name, effect=statement.effect.value, action=action,
                                resource=resource, whom=_whom(statement), condition=_condition(statement))


def _whom(statement: Statement) -> str:
    principal = statement.principal
    if principal is None:
        return ""
    if principal.everyone:
        return "everyone"
    return ", ".join(sorted(principal.aws | principal.service | principal.federated | principal.canonical))


def _condition(statement: Statement) -> str:
    listed = [[c.operator, c.key, sorted(c.values)] for c in statement.conditions]
    return json.dumps(sorted(listed)) if listed else ""
