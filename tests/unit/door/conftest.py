"""A local AWS that all tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.door.staging import MANAGEMENT, ORGANIZATION, REGION, SHARED, TARGET, Stage

from crossdock.local.server import LocalWorld


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    root: Path = tmp_path_factory.mktemp("door")
    world = LocalWorld(root / "local", accounts={SHARED: "shared", TARGET: "target", MANAGEMENT: "management"},
                       management=MANAGEMENT, organization=ORGANIZATION, region=REGION)
    world.start()
    yield Stage(world)
    world.stop()
