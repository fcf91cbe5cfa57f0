"""A plan as a person reads it: one line a stack, below it what becomes of its resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from crossdock.model.plan import Change, Plan, Step, Verb
from crossdock.views.words import count

SHOWN = 40
"""Resources of one stack that are named one by one; of more, how many."""


def lines(plan: Plan) -> list[str]:
    """What would be done. What takes data away says so."""
    found = [f"{plan.platform} in {plan.identity}"]
    for step in plan.steps:
        because = f"  ({', '.join(step.because)})" if step.because else ""
        found.append(f"  {step.verb.value} {step.stack.id}  {step.stack.name}{because}")
        found += [f"      {line}" for line in _resources(step)]
    found += _access(plan)
    counts = Counter(step.verb for step in plan.steps)
    said = [f"{counts[verb]} to {verb.name.lower()}" for verb in Verb if counts[verb]]
    return [*found, ", ".join(said) or "nothing to do"]


def _access(plan: Plan) -> Iterator[str]:
    access = plan.access
    if access is None:
        return
    if access.unknown:
        yield f"  access: {access.unknown}"
    for sign, what, listed in (("+", "added", access.added), ("-", "removed", access.removed)):
        if listed:
            yield f"  access {what}: {count(len(listed), 'grant', 'grants')}"
            yield from (f"      {sign} {line}" for line in (listed if len(listed) <= SHOWN else ()))


def _resources(step: Step) -> Iterator[str]:
    changes = step.changes
    if step.verb is Verb.CREATE and changes:
        yield f"+ {count(len(changes), 'resource', 'resources')}"
        return
    for change in changes[:SHOWN]:
        yield _said(change)
    if len(changes) > SHOWN:
        yield f"and {len(changes) - SHOWN} more"


def _said(change: Change) -> str:
    properties = f": {', '.join(change.properties)}" if change.properties else ""
    notes = ["may be replaced" if not change.certain else "", "kept" if change.verb is Verb.KEEP else "",
             "TAKES ITS DATA AWAY" if change.loses_data else ""]
    said = ", ".join(note for note in notes if note)
    return f"{change.verb.value} {change.resource} ({change.type}){properties}{f'  {said}' if said else ''}"
