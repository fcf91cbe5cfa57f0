"""Servers follow what ElastiCache was asked for: one for each replication group without shards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from crossdock.local.beside import Beside
from crossdock.local.caches import installed
from crossdock.local.caches.server import Server
from crossdock.local.store import caches as elasticache
from crossdock.local.store.caches import Asked


class Caches(Beside[Asked, Server]):
    """Valkey or Redis behind ElastiCache."""

    name, service = "caches", "elasticache"

    def asked(self, account: str, region: str) -> Sequence[Asked]:
        return elasticache.asked(account, region)

    def tell(self, account: str, region: str, places: Mapping[str, tuple[str, int]]) -> None:
        elasticache.tell(account, region, places)

    def made(self, folder: Path, asked: Asked) -> Server | None:
        found = installed.installed()
        if found is None or (asked.tls and not found.tls) or not asked.plain:
            lacking = ("this machine has no Valkey or Redis" if found is None
                       else f"{found.title} of this machine speaks no TLS" if asked.plain
                       else "shards and user groups are not emulated")
            self.world.substitution(f"{lacking}: the cache {asked.key} is kept and shown, it doesn't run")
            return None
        self.world.substitution(f"the {asked.engine} of ElastiCache is {found.title} of this machine, one node of it")
        return Server(folder, installed=found, spawn=self.world.spawn)

    def settle(self, server: Server, asked: Asked) -> None:
        if not server.running:
            server.start(password=asked.password, tls=asked.tls)
