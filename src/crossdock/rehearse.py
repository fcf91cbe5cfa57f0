"""The main job: a platform brought up on the local AWS, every service pushed, delivered, and asked what it answers.

It reads as it runs: read, compose, lint, prove, local up, apply, then for each service push, follow, check. Everything
but `local up` is what a delivery to AWS does, through a profile like any other.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock import compose
from crossdock.aws.cloud import Cloud
from crossdock.deploy.apply import apply, settle, unsettled
from crossdock.deploy.assemble import STATE, assemble, assembly_directory, lint
from crossdock.deploy.deliver import Courier
from crossdock.deploy.journal import Teller
from crossdock.deploy.observe import observe
from crossdock.deploy.plan import plan
from crossdock.deploy.proving import proven
from crossdock.errors import CrossdockError, UsageError
from crossdock.local import cloud as local_aws
from crossdock.local.cloud import Local
from crossdock.model.assembly import Assembly, Delivery
from crossdock.model.events import Kind, Run
from crossdock.model.platform import Platform

PROFILE = "rehearsal"
_DENIALS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How to rehearse.

    only      service names, empty means all
    keep      leave the local AWS up
    fresh     compose anew even where the assembly was edited by hand
    as_it_is  an assembly to use instead of a composed one, hand edits included
    unproved  go on although the proof fails
    """

    only: tuple[str, ...] = ()
    keep: bool = False
    fresh: bool = False
    as_it_is: Path | None = None
    unproved: bool = False


def rehearse(root: Path, tell: Teller, wishes: Wishes) -> None:
    """Rehearse the platform in `root`. Raises CrossdockError: what failed, with what the door saw of it."""
    with tell.run("rehearse"), _alone(root):
        with tell.step("read crossdock.yaml"):
            platform = compose.read(root)
        with tell.step("compose"):
            directory = wishes.as_it_is or assembly_directory(root)
            adopted = wishes.as_it_is is not None
            assembly = compose.adopt(directory) if adopted else assemble(platform, root, fresh=wishes.fresh)
        deliveries = _wanted(assembly, wishes.only)
        with tell.step("lint"):
            lint(directory, sources=compose.sources(platform, root))
        prove(assembly, directory, root, tell, go_on=wishes.unproved)
        with _local_aws(root, platform, tell, keep=wishes.keep) as local:
            began = tell.clock()
            try:
                cloud = Cloud.from_profile(
                    PROFILE, config_file=local.config_file, credentials_file=local.credentials_file,
                    region=assembly.region,
                )
                with tell.step("apply"):
                    bring_up(assembly, directory, cloud, tell)
                if local.companions:
                    with tell.step("hand over the companions' addresses"):
                        hand_over(platform, local.companions, cloud)
                courier = Courier(cloud, assembly, root / STATE / "repositories", approve=True, clock=tell.clock)
                for delivery in deliveries:
                    with tell.step(f"deliver {delivery.service} to {delivery.environment}"):
                        tell.all(courier.deliver(delivery, root / delivery.source))
            except CrossdockError as error:
                raise _witnessed(error, local.denials(began)) from error
            finally:
                for sentence in local.substitutions():
                    tell(Kind.SUBSTITUTION, sentence)


def prove(assembly: Assembly, directory: Path, root: Path, tell: Teller, *, go_on: bool = False) -> None:
    """Prove who reaches what and keep the proof. Raises ProofFailed, which `go_on` turns into a step that says so."""
    try:
        with tell.step("prove"):
            proven(assembly, directory, root)
    except CrossdockError as error:
        if not go_on:
            raise
        with tell.step(f"go on unproved, although {error}"):
            pass


def bring_up(assembly: Assembly, directory: Path, cloud: Cloud, tell: Teller) -> None:
    """Make the cloud what the assembly in this directory says."""
    seen = observe(assembly, cloud)
    if unsettled(seen):
        tell.all(settle(assembly, seen, cloud, clock=tell.clock))
        seen = observe(assembly, cloud)
    decided = plan(assembly, seen, compose.texts(assembly, directory))
    tell.all(apply(decided, assembly, directory, cloud, observed=seen, clock=tell.clock))


def report(run: Run, events: Path) -> dict[str, Any]:
    """The document of `--report`: what was delivered, what answered, what ran otherwise than on AWS."""
    return {
        "ok": bool(run.ok), "seconds": round(run.seconds, 3), "deliveries": [dict(d) for d in run.deliveries],
        "substitutions": list(run.substitutions), "events": str(events),
    }


@contextmanager
def _local_aws(root: Path, platform: Platform, tell: Teller, *, keep: bool) -> Iterator[Local]:
    """The local AWS of this platform: one that was kept is used and left as it is, else one is started."""
    state = root / STATE / "local"
    running = local_aws.status(state)
    accounts = {account.name: account.id for account in platform.accounts}
    if running is not None and running.kept:  # any other is about to end: its rehearsal is no more
        if dict(running.accounts) != accounts:
            raise UsageError(
                message="the local AWS that runs for this platform has other accounts than crossdock.yaml",
                hint="start anew: crossdock local reset",
            )
        with tell.step(f"use the local AWS at {running.endpoint}"):
            pass
        yield running
        return
    try:
        with tell.step("local up"):
            started = local_aws.up(
                state, accounts=accounts, shared=platform.shared.name, organization=platform.organization,
                region=platform.region, keep=keep, companions=_companions(platform), home=root,
            )
        yield started
    finally:
        if not keep:
            local_aws.down(state)


def _companions(platform: Platform) -> dict[str, dict[str, str]]:
    return {one.name: {"command": one.command, "ready": one.ready} for one in platform.companions}


def hand_over(platform: Platform, companions: Mapping[str, str], cloud: Cloud) -> None:
    """Tell each environment where its companions are: SSM parameters `/PLATFORM/ENVIRONMENT/companions/NAME`, which on
    AWS somebody writes by hand."""
    for environment in platform.environments:
        ssm = cloud.account(platform.account(environment.account).id).client("ssm", platform.region)
        for name, address in companions.items():
            ssm.put_parameter(Name=f"/{platform.name}/{environment.name}/companions/{name}", Value=address,
                              Type="String", Overwrite=True, Description="Address of a companion of this rehearsal.")


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One rehearsal of a platform at a time; the lock goes with the process, however it ends."""
    state = root / STATE
    state.mkdir(exist_ok=True)
    with (state / "rehearse.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                message=f"another rehearsal of {root} is running", hint="wait for it, or interrupt it"
            ) from None
        yield


def _wanted(assembly: Assembly, only: Sequence[str]) -> list[Delivery]:
    known = {delivery.service for delivery in assembly.deliveries}
    for name in only:
        if name not in known:
            raise UsageError(message=f"there is no service {name}", hint=f"one of {', '.join(sorted(known))}")
    return [delivery for delivery in assembly.deliveries if not only or delivery.service in only]


def _witnessed(error: CrossdockError, denials: Sequence[Mapping[str, Any]]) -> CrossdockError:
    """The error with what the door refused meanwhile, where the failure speaks of a denial."""
    text = "\n".join([str(error), *error.details]).lower()
    if denials and ("denied" in text or "not authorized" in text or "forbidden" in text):
        seen = list(dict.fromkeys(_refusal(line) for line in denials))
        error.facts["details"] = [*error.details, *seen[-_DENIALS_SHOWN:]]
    return error


def _refusal(line: Mapping[str, Any]) -> str:
    why = [f"missing: {', '.join(line['missing'])}"] if line["missing"] else []
    reasons = "; ".join([*why, *line["because"], *filter(None, [line.get("why")])])
    return f"the door refused {line['action']} on {line['resource']} to {line['caller']} ({reasons})"
