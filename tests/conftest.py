"""Fixtures: a local AWS in this process (`world`), and one behind its HTTP front as users have it (`local`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from crossdock.local.cloud import Local
    from crossdock.local.server import LocalWorld

SHARED, NONPROD = "111111111111", "222222222222"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LocalWorld]:
    """Two accounts of one organization, settled (administrators, OrganizationAccountAccessRole); no HTTP."""
    from crossdock.local.server import LocalWorld

    made = LocalWorld(tmp_path / "local", accounts={SHARED: "shared", NONPROD: "nonprod"}, management=SHARED,
                      organization="o-a1b2c3d4e5", region="us-east-1")
    made.settle()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    """The same accounts behind a real server, with profiles written; it ends with the test."""
    from crossdock.local import cloud

    running = cloud.up(tmp_path / "local", accounts={"shared": SHARED, "nonprod": NONPROD}, shared="shared",
                       organization="o-a1b2c3d4e5", region="us-east-1")
    yield running
    cloud.reset(running.state)
