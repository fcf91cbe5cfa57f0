"""A local AWS in this process, behind its HTTP front, with three accounts as they are on their first day."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.local.front import application
from crossdock.local.identity import Caller, Credentials
from crossdock.local.listening import listen
from crossdock.local.server import LocalWorld

TOOLS, DEVELOPMENT, PRODUCTION = "111111111111", "222222222222", "333333333333"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Stage:
    """The world, and the key of each account's administrator."""

    world: LocalWorld
    keys: Mapping[str, Credentials]

    def caller(self, account: str = TOOLS) -> Caller:
        return self.world.session(self.keys[account].access_key)

    def client(self, service: str, account: str = TOOLS, region: str = REGION) -> Any:
        """A client of the account's administrator."""
        return self.world.client(service, self.caller(account), region)

    def environment(self, account: str = TOOLS) -> dict[str, str]:
        return self.world.environment(self.caller(account), REGION)


@contextmanager
def raised(root: Path) -> Iterator[Stage]:
    """A stage that ends with the block."""
    world = LocalWorld(root, accounts={TOOLS: "tools", DEVELOPMENT: "development", PRODUCTION: "production"},
                       management=TOOLS, organization="o-a1b2c3d4e5", region=REGION)
    server = listen(application(world), 0, threads=16)
    world.endpoint = f"http://127.0.0.1:{server.effective_port}"
    keys = world.settle()
    threading.Thread(target=server.run, name="http", daemon=True).start()
    world.start()
    try:
        yield Stage(world, keys)
    finally:
        world.stop()
        server.close()
