"""From a commit to an answered call, against the sum of what no delivery can do without, by hand in the same run.

A copy of examples/hello is rehearsed once and kept up. Then, in turns: a changed revision is delivered through all of
it (commit, push, pipeline, build, change set in the other account, function, checks), and its parts are done by hand: a
commit pushed to a bare repository, the buildspec's commands in a fresh environment, archives, as many calls as
CloudFormation made, a cold start of the handler. Making environments and everything between the parts is not in the
sum. Goal: at most 1.25 times the sum and 2 seconds.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import delivery_parts as parts
from measuring import ROOT, Ratio, Result, Series, main, progress, timed

from crossdock import compose
from crossdock.aws.cloud import Cloud
from crossdock.deploy.check import ask
from crossdock.deploy.deliver import Courier
from crossdock.local import cloud as local_aws
from crossdock.local.door.log_reader import read
from crossdock.model.assembly import Assembly, Delivery

RUNS, FACTOR, EXTRA = 5, 1.25, 2.0
EXAMPLE = ROOT / "examples" / "hello"
REVISION = re.compile(r'^REVISION = .*$', re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A platform that is up on the local AWS."""

    root: Path
    running: local_aws.Local
    assembly: Assembly
    delivery: Delivery

    @property
    def source(self) -> Path:
        return self.root / self.delivery.source

    def courier(self) -> Courier:
        """Carries changes as `crossdock rehearse` does."""
        cloud = Cloud.from_profile("rehearsal", config_file=self.running.config_file, region=self.assembly.region,
                                   credentials_file=self.running.credentials_file)
        return Courier(cloud, self.assembly, self.root / ".crossdock" / "repositories")

    def session(self, account: str) -> boto3.session.Session:
        """A session of an account's administrator."""
        import configparser

        keys = configparser.RawConfigParser()
        keys.read(self.running.credentials_file)
        return boto3.session.Session(region_name=self.running.region, **dict(keys[account]))


def deliver(courier: Courier, stage: Stage, revision: str) -> None:
    """Change the service and see the change through to an answer that shows it."""
    module = stage.source / "greeter" / "greeting.py"
    module.write_text(REVISION.sub(f'REVISION = "{revision}"', module.read_text("utf-8")), encoding="utf-8")
    for _ in courier.deliver(stage.delivery, stage.source):
        pass
    answer = ask(courier.cloud, courier.endpoint(stage.delivery) + "/health")
    if revision not in answer.body:
        raise RuntimeError(f"revision {revision} was delivered, but the answer is {answer.status} {answer.body}")


def rehearsed(stack: ExitStack) -> tuple[Stage, float]:
    """A rehearsal of a copy of the example that stays up, and how long it took from the start."""
    root = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "hello"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".crossdock", "__pycache__"))
    stack.callback(local_aws.reset, root / ".crossdock" / "local")
    program = Path(sys.executable).parent / "crossdock"
    began = time.perf_counter()
    done = subprocess.run([str(program), "rehearse", str(root), "--keep"], check=False, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)
    took = time.perf_counter() - began
    running = local_aws.status(root / ".crossdock" / "local")
    if done.returncode or running is None:
        raise RuntimeError(f"the rehearsal failed:\n{done.stderr[-3000:]}")
    assembly = compose.compose(compose.read(root))
    return Stage(root=root, running=running, assembly=assembly, delivery=assembly.deliveries[0]), took


def measure() -> Result:
    with ExitStack() as stack:
        with progress("a rehearsal from nothing"):
            stage, first = rehearsed(stack)
        courier = stage.courier()
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        index = stack.enter_context(parts.index())
        began = time.time()
        with progress("a first change, to warm up and to learn what CloudFormation calls"):
            deliver(courier, stage, "warm")
        ground = _ground(stage, scratch)
        role = parts.execution_role(ground.shared, ground.endpoint, stage.delivery.pipeline)
        log = list(read(stage.running.state / "access.jsonl", since=began))
        push, build = parts.Push(ground), parts.Build(ground, index)
        calls, start = parts.Calls(ground, log, role), parts.ColdStart(build)
        rows: dict[str, list[float]] = {name: [] for name in (
            "push", "build commands", "archives", f"CloudFormation's calls ({len(calls.actions)})", "cold start")}
        whole: list[float] = []
        for number in range(RUNS):
            with progress(f"change {number + 1} of {RUNS}"):
                whole.append(timed(partial(deliver, courier, stage, f"change{number}")))
            build.prepare()
            steps: tuple[Callable[[], object], ...] = (
                partial(push, number), build, partial(parts.pack, build), calls, start)
            for row, step in zip(rows.values(), steps, strict=True):
                row.append(timed(step))
    total = Series("commit to answered call", whole)
    summed = Series("sum of the parts", [sum(values) for values in zip(*rows.values(), strict=True)])
    allowed = FACTOR * summed.median + EXTRA
    return Result(
        benchmark="delivery", series=[total, summed, *(Series(name, row) for name, row in rows.items())],
        ratios=[Ratio("delivery / parts", total.median / summed.median),
                Ratio(f"delivery / ({FACTOR} x parts + {EXTRA:g} s)", total.median / allowed, 1.0)],
        notes=[f"the first rehearsal, from nothing to an answer, took {first:.1f} s"],
        more={"first_rehearsal_seconds": first, "calls": _counted(calls.actions)},
    )


def _ground(stage: Stage, scratch: Path) -> parts.Ground:
    shared, target = stage.session(stage.assembly.shared), stage.session(stage.delivery.account)
    endpoint = stage.running.endpoint
    return parts.Ground(
        source=stage.source, scratch=scratch, endpoint=endpoint, shared=shared, target=target,
        aws=local_aws.env(stage.running.state, stage.assembly.shared),
        project=parts.variables(shared, endpoint, stage.delivery.pipeline),
    )


def _counted(actions: list[str]) -> dict[str, Any]:
    return {action: actions.count(action) for action in sorted(set(actions))}


if __name__ == "__main__":
    main(measure, __doc__ or "")
