"""Whatever is asked: an answer, or an error in AWS's words; nothing hangs, nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from tests.rehearsal.cloudformation.fuzzing import Stage, stories

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    from moto.core.base_backend import BackendDict

    from crossdock.local.server import LocalWorld

    BackendDict.reset()
    world: LocalWorld = LocalWorld(
        tmp_path_factory.mktemp("fuzz"), accounts={"111111111111": "shared"}, management="111111111111",
        organization="o-a1b2c3d4e5", region="us-east-1", services=["sts", "cloudformation"])
    world.settle()
    world.start()
    yield Stage(world)
    world.stop()


@settings(max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(story=stories())
def test_every_story_ends_as_aws_would_end_it(stage, story):
    stage.play(story)
