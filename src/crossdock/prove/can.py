"""One question about one role, answered with the statements that decide it."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.errors import UsageError
from crossdock.model.proof import Finding, Need, Step
from crossdock.prove.judge import account_of
from crossdock.prove.prove import finding, judge_of
from crossdock.prove.scene import Scene
from crossdock.prove.words import asks, at


def ask(
    scene: Scene, role: str, action: str, resource: str, *, via: str = "", context: Mapping[str, str] | None = None
) -> Finding:
    """May a role of the scene do this? `role` is a name or an ARN; `via` a service (`s3`) that calls on its behalf.

    Raises UsageError for a role that isn't there, or whose name several accounts have.
    """
    known = scene.in_force.roles
    found = [arn for arn, one in known.items() if role in (arn, one.name)]
    if len(found) != 1:
        import difflib

        near = difflib.get_close_matches(role, [one.name for one in known.values()], n=3)
        hint = f"name its ARN: {', '.join(found)}" if found else f"roles near to it: {', '.join(near) or 'none'}"
        raise UsageError(message=f"{len(found) or 'no'} roles are named {role}", hint=hint)
    if ":" not in action or not resource.startswith(("arn:", "*")):
        raise UsageError(message=f"{action} on {resource} is no request", hint="such as s3:GetObject arn:aws:s3:::b/k")
    bucket = resource.split(":::", 1)[1].partition("/")[0] if ":s3:::" in resource else ""
    owner = scene.owner(bucket) if bucket else account_of(resource) or account_of(found[0])
    need = Need(
        who=found[0], action=action, resource=resource, owner=owner, step=Step(action="asked"), why="you ask",
        via=(f"{via}.amazonaws.com",) if via else (), context=dict(context or {}),
    )
    judge = judge_of(scene)
    return finding(judge, need, judge.decide(need))


def said(found: Finding) -> list[str]:
    """The answer in words."""
    verdicts = {"allowed": "yes", "unknown": "it depends on what is known only when the call is made"}
    lines = [f"{verdicts.get(found.verdict, 'no')}: {asks(found)}"]
    if found.allowed:
        return lines + [f"  allowed by {place}" for place in found.because]
    for lack in found.missing:
        lines.append(f"  {lack.leg}{at(lack)}")
        lines += [f"  it would take {lack.add}"] if lack.add else []
    return lines
