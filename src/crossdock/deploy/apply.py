"""Carry out a plan. Stacks change here and nowhere else; what happens is told as events."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, assert_never

from crossdock.aws import stacks
from crossdock.aws.cloud import Account, Cloud
from crossdock.aws.sentences import sentences
from crossdock.aws.stacks import StackEvent
from crossdock.deploy.observe import observe
from crossdock.deploy.plan import clearing, differences, left, losses, tags
from crossdock.deploy.together import Task, together
from crossdock.errors import CrossdockError, DataLoss, DeployError, EditedAssembly, StalePlan
from crossdock.model.assembly import Assembly, Delivery, Literal, Output, Stack
from crossdock.model.events import Event, Kind
from crossdock.model.plan import Observed, Plan, Step, Verb

Clock = Callable[[], float]


def unsettled(observed: Observed) -> tuple[str, ...]:
    """Ids of stacks that are being changed, e.g. since a run was interrupted."""
    return tuple(id_ for id_, seen in observed.stacks.items() if stacks.moving(seen.status))


def settle(
    assembly: Assembly, observed: Observed, cloud: Cloud, *, clock: Clock = time.time
) -> Iterator[Event]:
    """Wait for the changes that are under way, so that a plan is made for stacks at rest."""
    for id_ in unsettled(observed):
        stack = assembly.stack(id_)
        step = Step(stack=stack, verb=Verb.KEEP, because=("an earlier run began this change",))
        yield from _told(step, _waiting(cloud.account(stack.account_id), stack), clock, {})


def _waiting(account: Account, stack: Stack) -> Generator[StackEvent, None, str]:
    yield from stacks.settle(account, stack.name, stack.region)
    return "at rest"


def recover(assembly: Assembly, delivery: Delivery, cloud: Cloud, *, clock: Clock = time.time) -> Iterator[Event]:
    """Bring a delivery's stack back to where its pipeline can change it; nothing where it can already.

    What a failed first delivery left is deleted; a rollback that failed is taken up again.

    Raises StackFailed, CloudError.
    """
    seen = observe(assembly, cloud)
    found = seen.delivered.get(f"{delivery.service}/{delivery.environment}")
    if found is not None and found.status == "UPDATE_ROLLBACK_FAILED":
        step = Step(stack=left(found), verb=Verb.UPDATE, because=("its rollback failed",))
        yield from _told(step, _continuing(cloud.account(found.account_id), step.stack), clock, {})
    yield from apply(clearing(assembly, seen, delivery), assembly, Path(), cloud, observed=seen, clock=clock)


def _continuing(account: Account, stack: Stack) -> Generator[StackEvent, None, str]:
    yield from stacks.continue_rollback(account, stack.name, stack.region)
    return "rolled back"


def apply(
    plan: Plan, assembly: Assembly, directory: Path, cloud: Cloud, *, observed: Observed | None = None,
    allow_data_loss: Collection[str] = (), clock: Clock = time.time,
) -> Iterator[Event]:
    """Do the plan's steps, each after those that it needs, several at once. `directory` holds the assembly's files.

    `observed` is what the plan was just made from; without it the cloud is looked at again and a plan made for another
    state is refused. What holds data is deleted or replaced only where `allow_data_loss` names it, or its stack.

    Raises StalePlan, DataLoss, EditedAssembly, StackFailed, CloudError.
    """
    refused = {one: stack for one, stack in losses(plan).items()
               if not any(f"{one}/".startswith(f"{name}/") for name in allow_data_loss)}
    if refused:
        raise DataLoss(resources=list(refused), stacks=list(dict.fromkeys(refused.values())))
    if plan.assembly_digest != assembly.digest:
        raise StalePlan(subject="the assembly")
    if (plan.identity.account, plan.identity.endpoint) != (cloud.identity().account, cloud.identity().endpoint):
        raise StalePlan(subject="the cloud", hint=f"this plan was made for {plan.identity}, not {cloud.identity()}")
    observed = observed or observe(assembly, cloud)
    if plan.observed_digest != observed.digest:
        raise StalePlan(subject=f"the state of {cloud.identity()}")
    work = _Work(assembly, directory, cloud, observed)
    for account in sorted({step.stack.account_id for step in plan.steps} | {assembly.accounts[assembly.shared]}):
        cloud.account(account)  # roles are assumed once, before threads share what comes of it

    def told(step: Step) -> Iterator[Event]:
        return _told(step, work.do(step), clock, work.sentences(step))

    yield from together([
        Task(partial(told, step), after) for step, after in zip(plan.steps, waits(plan.steps, assembly), strict=True)
    ])


def waits(steps: Sequence[Step], assembly: Assembly) -> Iterator[frozenset[int]]:
    """For each step the indexes of those before it that must be done: those that it takes from, and to delete a stack
    of the assembly, those that take from it. What the assembly doesn't know goes last, one after another."""
    known = {stack.id for stack in assembly.stacks}
    needs = {stack.id: set(stack.after) for stack in assembly.stacks}
    for index, step in enumerate(steps):
        before = list(enumerate(steps[:index]))
        if step.verb is not Verb.DELETE:
            found = {i for i, other in before if other.stack.id in step.stack.after and other.verb is not Verb.DELETE}
        elif step.stack.id in known:
            found = {i for i, o in before if o.stack.id not in known or step.stack.id in needs[o.stack.id]}
        else:
            found = {i for i, _ in before}
        yield frozenset(found)


def _told(
    step: Step, work: Generator[StackEvent, None, str], clock: Clock, texts: Mapping[str, str]
) -> Iterator[Event]:
    """A step's events around the stack events of its work."""
    began, stack = clock(), step.stack
    facts = {"account": stack.account, "stack": stack.name, "source": stack.source, "verb": step.verb.value}
    yield Event(at=began, kind=Kind.STEP_STARTED, subject=stack.id, facts=facts | {"because": list(step.because)})
    try:
        while True:
            try:
                event = next(work)
            except StopIteration as done:
                detail = str(done.value)
                break
            yield Event(at=clock(), kind=Kind.RESOURCE, subject=event.logical_id, facts={
                "stack": stack.name, "account": stack.account, "type": event.type, "status": event.status,
                "reason": event.reason, "sentence": texts.get(event.logical_id, ""),
            })
    except CrossdockError as error:
        ended = {"ok": False, "seconds": round(clock() - began, 3), "detail": str(error)}
        yield Event(at=clock(), kind=Kind.STEP_ENDED, subject=stack.id, facts=facts | ended)
        raise
    ended = {"ok": True, "seconds": round(clock() - began, 3), "detail": detail}
    yield Event(at=clock(), kind=Kind.STEP_ENDED, subject=stack.id, facts=facts | ended)


@dataclass(slots=True)
class _Work:
    """One apply: what the stacks gave so far."""

    assembly: Assembly
    directory: Path
    cloud: Cloud
    observed: Observed
    outputs: dict[str, dict[str, str]] = field(init=False)
    uploaded: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self.outputs = {id_: dict(stack.outputs) for id_, stack in self.observed.stacks.items()}

    def do(self, step: Step) -> Generator[StackEvent, None, str]:
        """One step; returns in a few words what was done."""
        match step.verb:
            case Verb.KEEP:
                return "unchanged"
            case Verb.CREATE:
                return (yield from self._change(step.stack))
            case Verb.UPDATE:
                seen = self.observed.stacks[step.stack.id]
                if not differences(step.stack, seen, self.assembly, outputs=self.outputs):
                    return "unchanged"  # the stack that it takes from changed, but not in what it takes
                return (yield from self._change(step.stack))
            case Verb.REPLACE:
                yield from self._delete(step.stack)
                done = yield from self._change(step.stack)
                return f"{done}, after what an earlier try left was deleted"
            case Verb.DELETE:
                return (yield from self._delete(step.stack))
            case _:
                assert_never(step.verb)

    def sentences(self, step: Step) -> dict[str, str]:
        """What the step's resources are for."""
        return sentences(self._text(step.stack)) if step.stack.template and step.verb is not Verb.KEEP else {}

    def _change(self, stack: Stack) -> Generator[StackEvent, None, str]:
        account = self.cloud.account(stack.account_id)
        self._upload(stack)
        existed = stacks.describe(account, stack.name, stack.region) is not None
        ended = yield from stacks.change(
            account, stack.name, region=stack.region, template=self._template(stack),
            parameters={name: self._value(stack, name, value) for name, value in stack.parameters.items()},
            capabilities=stack.capabilities, tags=tags(stack, self.assembly),
        )
        if bool(ended.stack.get("EnableTerminationProtection")) != stack.protected:
            stacks.protect(account, stack.name, stack.region, stack.protected)
        self.outputs[stack.id] = stacks.outputs(ended.stack)
        if not ended.changed:
            return "unchanged"
        return "updated" if existed else "created"

    def _delete(self, stack: Stack) -> Generator[StackEvent, None, str]:
        account = self.cloud.account(stack.account_id)
        seen = stacks.describe(account, stack.name, stack.region)
        if seen is not None and seen.get("EnableTerminationProtection"):
            stacks.protect(account, stack.name, stack.region, False)
        kept = yield from stacks.delete(account, stack.name, stack.region)
        self.outputs.pop(stack.id, None)
        names = ", ".join(f"{event.logical_id} ({event.physical_id})" for event in kept)
        return f"deleted; kept by its policy: {names}" if names else "deleted"

    def _value(self, stack: Stack, name: str, value: Literal | Output) -> str:
        match value:
            case Literal(value=literal):
                return literal
            case Output(stack=giver, name=output):
                try:
                    return self.outputs[giver][output]
                except KeyError:
                    raise DeployError(
                        message=f"{stack.id} needs output {output} of {giver} for its parameter {name}: there is none",
                        hint=f"the template of {giver} must declare the output {output}",
                    ) from None
            case _:
                assert_never(value)

    def _text(self, stack: Stack) -> str:
        return self._read(stack.template, stack.sha256).decode()

    def _read(self, path: str, sha256: str) -> bytes:
        data = (self.directory / path).read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise EditedAssembly(file=path, directory=str(self.directory))
        return data

    def _upload(self, stack: Stack) -> None:
        """Put what the stack takes from the artifact bucket there. An object's key changes with its content."""
        for asset in stack.assets:
            if asset.key not in self.uploaded:
                self._put(asset.key, self._read(asset.path, asset.sha256), stack)
                self.uploaded.add(asset.key)

    def _template(self, stack: Stack) -> dict[str, str]:
        """The template inline, or where it is too long for that, by a URL that the artifact bucket's owner signs."""
        data = self._read(stack.template, stack.sha256)
        if len(data) <= stacks.MAX_BODY:
            return {"TemplateBody": data.decode()}
        s3, where = self._put(f"assets/{stack.sha256}.yaml", data, stack)
        return {"TemplateURL": s3.generate_presigned_url("get_object", Params=where, ExpiresIn=3600)}

    def _put(self, key: str, data: bytes, stack: Stack) -> tuple[Any, dict[str, str]]:
        bucket = next((o["ArtifactBucketName"] for o in self.outputs.values() if "ArtifactBucketName" in o), "")
        if not bucket:
            raise DeployError(message=f"{stack.id} takes {key} from the artifact bucket: there is none yet")
        s3: Any = self.cloud.account(self.assembly.accounts[self.assembly.shared]).client("s3", self.assembly.region)
        where = {"Bucket": bucket, "Key": key}
        # Nothing in it is secret, and whoever deploys here may manage the artifact key but not use it.
        s3.put_object(**where, Body=data, ServerSideEncryption="AES256")
        return s3, where
