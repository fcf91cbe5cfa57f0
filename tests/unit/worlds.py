"""A local AWS of one account, kept for a file of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

ACCOUNT = "111111111111"


def one_account(folder: Path) -> Iterator[LocalWorld]:
    """Started, in this process; stopped when the iterator is closed."""
    from crossdock.local.server import LocalWorld

    made = LocalWorld(folder, accounts={ACCOUNT: "tools"}, management=ACCOUNT, organization="o-a1b2c3d4e5",
                      region="us-east-1", endpoint="http://127.0.0.1:4566")
    made.start()
    yield made
    made.stop()
