"""Servers beside the store: a real process behind each thing of a kind that the store was asked to keep."""

from __future__ import annotations

import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from crossdock.local.engine import AwsError, Call
from crossdock.local.store import Store
from crossdock.local.world import World

HOST = "127.0.0.1"
READS = ("Describe", "List", "Get")
"""What operations begin with that change nothing."""
Place = tuple[str, str]
"""Account and region."""


class Wanted(Protocol):
    """What the store was asked for. `key`: of it alone, before or after."""

    @property
    def key(self) -> str: ...


class Running(Protocol):
    """A server that listens, or will, on `port` of HOST."""

    @property
    def port(self) -> int: ...

    def stop(self) -> None: ...


W = TypeVar("W", bound=Wanted)
R = TypeVar("R", bound=Running)


class Beside(ABC, Generic[W, R]):
    """Servers of one kind, in `root / name / servers`, by account and region. They follow what the store keeps:
    `before` and `after` stand around its answer to a call."""

    name: str
    service: str
    """Whose answers tell where the servers are."""

    def __init__(self, world: World, store: Store) -> None:
        self.world, self.store = world, store
        self._root = world.root / self.name / "servers"
        self._servers: dict[Place, dict[str, R]] = {}
        self._failed: dict[tuple[Place, str], W] = {}
        """What was asked for when a server didn't come up: tried again when something else is."""
        self._locks: dict[Place, threading.Lock] = {}
        self._lock = threading.Lock()

    @abstractmethod
    def asked(self, account: str, region: str) -> Sequence[W]:
        """What the store was asked for. Called with its lock."""

    @abstractmethod
    def tell(self, account: str, region: str, places: Mapping[str, tuple[str, int]]) -> None:
        """Where each server, by key, is: what the store answers from now on. Called with its lock."""

    @abstractmethod
    def made(self, folder: Path, asked: W) -> R | None:
        """A server in a folder, or None where this machine has nothing to run it with."""

    @abstractmethod
    def settle(self, server: R, asked: W) -> None:
        """Make a server agree with what was asked for. Raises AwsError when it doesn't come up."""

    def start(self) -> None:
        """Bring up what ran before, where the state was kept."""
        for folder in sorted(self._root.glob("*/*")):
            self.follow(folder.parent.name, folder.name)

    def stop(self) -> None:
        """End every server; their data stays."""
        for servers in self._servers.values():
            for server in servers.values():
                server.stop()

    def before(self, call: Call) -> None:
        """Raises AwsError for what no server can follow."""

    def after(self, call: Call) -> None:
        """Follow a call that may have changed something. Raises AwsError when a server doesn't come up."""
        if not call.operation.startswith(READS):
            self.follow(call.account, call.region)

    def follow(self, account: str, region: str) -> None:
        """Make what runs agree with what was asked for."""
        place = (account, region)
        with self._lock:
            lock = self._locks.setdefault(place, threading.Lock())
        with lock:
            with self.store.lock:
                wanted = self.asked(account, region)
            servers, folder = self._servers.setdefault(place, {}), self._root / account / region
            if not wanted and not folder.exists():
                return
            self._forget(folder, servers, {one.key for one in wanted})
            failures = [failure for one in wanted if (failure := self._settled(place, one)) is not None]
            if servers:
                with self.store.changing(self.service, account, region):
                    self.tell(account, region, {key: (HOST, server.port) for key, server in servers.items()})
        if failures:
            raise failures[0]

    def _settled(self, place: Place, one: W) -> AwsError | None:
        """Why a server didn't come up, when that is news."""
        servers, at = self._servers[place], (place, one.key)
        server = servers.get(one.key) or self.made(self._root / place[0] / place[1] / one.key, one)
        if server is None or self._failed.get(at) == one:
            return None
        servers[one.key] = server
        self._failed.pop(at, None)
        try:
            self.settle(server, one)
        except AwsError as failure:
            self._failed[at] = one
            return failure
        return None

    def _forget(self, folder: Path, servers: dict[str, R], keys: set[str]) -> None:
        """What nobody asks for any more goes with its data."""
        gone = {entry.name for entry in folder.iterdir()} - keys if folder.exists() else set()
        for key in gone | (servers.keys() - keys):
            server = servers.pop(key, None)
            if server is not None:
                server.stop()
            shutil.rmtree(folder / key, ignore_errors=not (folder / key).exists())
