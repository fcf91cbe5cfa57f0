"""Decide what must change. Reads nothing, writes nothing: the same inputs give the same plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from crossdock.aws.stacks import UNUSABLE
from crossdock.deploy import changes
from crossdock.deploy.delta import access
from crossdock.deploy.observe import ASSEMBLY_TAG, PLATFORM_TAG, STACK_TAG
from crossdock.errors import DeployError
from crossdock.model.assembly import Assembly, Delivery, Literal, Output, Stack
from crossdock.model.plan import Observed, ObservedStack, Plan, Step, Verb
from crossdock.prove.resources import platform_stacks

_HIDDEN = "****"
"""How CloudFormation shows the value of a NoEcho parameter."""


def plan(assembly: Assembly, observed: Observed, texts: Mapping[str, str] | None = None) -> Plan:
    """The steps that make the cloud what the assembly says: its stacks in order, then those it no longer names.

    `texts` are the assembly's templates, by path: with them each step says what becomes of its resources.

    What a failed first delivery left in a target account is deleted too: pipelines can't change it, only fail at it.

    Raises DeployError for a stack that is being changed, or that only a person can bring back.
    """
    steps: list[Step] = []
    verbs: dict[str, Verb] = {}
    for stack in assembly.stacks:
        verb, because = _decide(stack, observed.stacks.get(stack.id), verbs, observed, assembly)
        verbs[stack.id] = verb
        steps.append(Step(stack=stack, verb=verb, because=because))
    steps += [_gone(seen, f"its first delivery left it in {seen.status}") for seen in observed.stuck]
    steps += [_gone(orphan, "no longer in crossdock.yaml") for orphan in reversed(observed.orphans)]
    if not texts:
        return _bound(assembly, observed, steps)
    made = _bound(assembly, observed, [*_detailed(steps, assembly, observed, texts)])
    return replace(made, access=access(assembly, observed, texts)) if made.changes else made


def _detailed(
    steps: list[Step], assembly: Assembly, observed: Observed, texts: Mapping[str, str]
) -> Iterator[Step]:
    outputs: dict[str, Mapping[str, str]] = {}
    if any(step.verb not in (Verb.KEEP, Verb.DELETE) for step in steps):
        # What isn't there yet gives what it would give on paper.
        outputs = {id_: stack.outputs for id_, stack in platform_stacks(assembly, texts).items()}
        outputs |= {id_: stack.outputs for id_, stack in observed.stacks.items() if stack.outputs}
    for step in steps:
        seen = observed.stacks.get(step.stack.id)
        match step.verb:
            case Verb.CREATE | Verb.REPLACE:
                yield replace(step, changes=changes.created(step.stack, texts, outputs))
            case Verb.UPDATE if seen is not None:
                yield replace(step, changes=changes.changed(step.stack, seen, texts, outputs))
            case _:
                yield step


def removal(assembly: Assembly, observed: Observed, texts: Mapping[str, str]) -> Plan:
    """The steps that take everything away: what was delivered first, then the stacks, each before what it needs.

    `texts` are the assembly's templates, by path.
    """
    steps = [_gone(seen, f"delivered as {name}") for name, seen in observed.delivered.items()]
    steps += [_gone(orphan, "no longer in crossdock.yaml") for orphan in reversed(observed.orphans)]
    steps += [
        Step(stack=stack, verb=Verb.DELETE, because=("destroy",),
             changes=changes.deleted(stack, observed.stacks[stack.id], texts))
        for stack in reversed(assembly.stacks) if stack.id in observed.stacks
    ]
    return _bound(assembly, observed, steps)


def losses(plan_: Plan) -> dict[str, str]:
    """What the plan takes data away with: `STACK/RESOURCE` (the resource's place in its stack) -> the stack's id."""
    return {
        f"{step.stack.id}/{change.resource}": step.stack.id
        for step in plan_.steps for change in step.changes if change.loses_data
    }


def clearing(assembly: Assembly, observed: Observed, delivery: Delivery) -> Plan:
    """The step that deletes what a failed first delivery left, none where there is nothing of the kind.

    Such a stack, in ROLLBACK_COMPLETE, can only be deleted (CloudFormation User Guide, "Stack status codes"), and no
    action mode that prepares a change set does that (CodePipeline User Guide, CloudFormation action).
    """
    seen = observed.delivered.get(f"{delivery.service}/{delivery.environment}")
    stuck = [seen] if seen is not None and seen in observed.stuck else []
    return _bound(assembly, observed, [_gone(one, f"its first delivery left it in {one.status}") for one in stuck])


def tags(stack: Stack, assembly: Assembly) -> dict[str, str]:
    """The tags that a stack carries: its own, and those by which `observe` knows it again."""
    return {
        **stack.tags, PLATFORM_TAG: assembly.platform, STACK_TAG: stack.id, ASSEMBLY_TAG: assembly.digest[:16],
    }


def _bound(assembly: Assembly, observed: Observed, steps: list[Step]) -> Plan:
    return Plan(
        platform=assembly.platform, identity=observed.identity, assembly_digest=assembly.digest,
        observed_digest=observed.digest, steps=tuple(steps),
    )


def differences(
    stack: Stack, seen: ObservedStack, assembly: Assembly, *, outputs: Mapping[str, Mapping[str, str]],
    changing: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """In what a stack differs from what it should be, in a few words each; empty: in nothing.

    outputs   what stacks give, by id
    changing  ids of stacks whose outputs may still become others
    """
    found: list[str] = []
    if seen.sha256 != stack.sha256:
        found.append("template")
    for name, wanted in stack.parameters.items():
        have = seen.parameters.get(name)
        match wanted:
            case Literal(value=value):
                differs = have not in (value, _HIDDEN)
            case Output(stack=giver, name=output):
                differs = giver in changing or have not in (outputs.get(giver, {}).get(output), _HIDDEN)
        if differs:
            found.append(f"parameter {name}")
    if _lasting(tags(stack, assembly)) != _lasting(seen.tags):
        found.append("tags")
    if stack.protected != seen.protected:
        found.append("termination protection")
    return tuple(found)


def _lasting(tags_: Mapping[str, str]) -> dict[str, str]:
    """Tags but the one that says which assembly changed a stack last: that alone changes no stack."""
    return {key: value for key, value in tags_.items() if key != ASSEMBLY_TAG}


def _decide(
    stack: Stack, seen: ObservedStack | None, verbs: Mapping[str, Verb], observed: Observed, assembly: Assembly
) -> tuple[Verb, tuple[str, ...]]:
    if seen is None:
        return Verb.CREATE, ("not there yet",)
    if seen.status in UNUSABLE:
        return Verb.REPLACE, (f"an earlier try left it in {seen.status}",)
    if seen.status.endswith("_IN_PROGRESS"):
        raise DeployError(
            message=f"stack {stack.name} in account {stack.account} is being changed ({seen.status})",
            hint="wait until it rests: crossdock status",
        )
    if seen.status == "UPDATE_ROLLBACK_FAILED":
        raise DeployError(
            message=f"stack {stack.name} in account {stack.account} could not be rolled back ({seen.status})",
            hint=f"aws cloudformation continue-update-rollback --stack-name {stack.name}",
        )
    because = differences(
        stack, seen, assembly, outputs={id_: s.outputs for id_, s in observed.stacks.items()},
        changing=frozenset(id_ for id_, verb in verbs.items() if verb is not Verb.KEEP),
    )
    return (Verb.UPDATE, because) if because else (Verb.KEEP, ())


def left(seen: ObservedStack) -> Stack:
    """A stack that the assembly does not name: it has no template here."""
    return Stack(
        id=f"{seen.account}/{seen.name}", name=seen.name, account=seen.account, account_id=seen.account_id,
        region=seen.region, template="", sha256="", protected=seen.protected,
    )


def _gone(seen: ObservedStack, why: str) -> Step:
    return Step(stack=left(seen), verb=Verb.DELETE, because=(why,))
