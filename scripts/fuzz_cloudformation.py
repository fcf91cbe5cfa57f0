"""Plays thousands of stories with the local CloudFormation: templates and requests as nobody would write them.

    python scripts/fuzz_cloudformation.py [--stories 10000] [--seed 0]

Prints what broke, each kind once, with the smallest story found, and how often each error and status came. Exit code 1
when anything broke. The tests play a few hundred of the same stories.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hypothesis import HealthCheck, Phase, given, seed, settings
from moto.core.base_backend import BackendDict
from tests.rehearsal.cloudformation.fuzzing import ACCOUNT, REGION, Stage, stories

from crossdock.local.server import LocalWorld


def stage(directory: Path) -> Stage:
    """A fresh account: what an earlier story broke is not there."""
    BackendDict.reset()
    world = LocalWorld(directory, accounts={ACCOUNT: "shared"}, management=ACCOUNT, organization="o-a1b2c3d4e5",
                       region=REGION, services=["sts", "cloudformation"])
    world.settle()
    world.start()
    return Stage(world)


def kind_of(error: BaseException) -> str:
    """Where it broke: stories that break at the same place are one kind."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    said = str(error).partition("\n")[0][:300]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {said}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stories", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    broken: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    errors: dict[str, int] = {}
    statuses: dict[str, int] = {}
    began, played = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as directory:
        now = [stage(Path(directory))]

        @seed(asked.seed)
        @settings(max_examples=asked.stories, deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))
        @given(story=stories())
        def play(story: list[tuple[str, dict[str, Any]]]) -> None:
            nonlocal played
            played += 1
            try:
                now[0].play(story)
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                kind = kind_of(error)
                if kind not in broken or len(str(story)) < len(str(broken[kind])):
                    broken[kind] = story
                _add(errors, now[0].errors)
                _add(statuses, now[0].statuses)
                now[0].world.stop()
                now[0] = stage(Path(directory))

        play()
        _add(errors, now[0].errors)
        _add(statuses, now[0].statuses)
        now[0].world.stop()
    for kind, story in broken.items():
        print(f"BROKEN {kind}\n  {json.dumps(story, default=str)[:4000]}")
    print(f"{played} stories in {time.monotonic() - began:.0f} s, {len(broken)} kinds broken")
    print("errors:", dict(sorted(errors.items(), key=lambda item: -item[1])))
    print("final statuses:", dict(sorted(statuses.items(), key=lambda item: -item[1])))
    return 1 if broken else 0


def _add(total: dict[str, int], more: dict[str, int]) -> None:
    for name, count in more.items():
        total[name] = total.get(name, 0) + count


if __name__ == "__main__":
    sys.exit(main())
