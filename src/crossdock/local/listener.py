"""A server of another's making below one folder: its port, its process, its log, and what must outlive them."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crossdock.local.beside import HOST
from crossdock.local.engine import AwsError
from crossdock.local.processes import Process

Spawn = Callable[..., Process]
_SECONDS = 60.0
"""How long a server may take to come up."""


class Listener:
    """`log` is what it said; `server.json` holds facts. It listens on a port of its own, the same when it can."""

    def __init__(self, folder: Path, spawn: Spawn) -> None:
        self.folder, self._spawn = folder, spawn
        self.process: Process | None = None
        self._facts = folder / "server.json"
        self.facts: dict[str, Any] = (
            json.loads(self._facts.read_text(encoding="utf-8")) if self._facts.exists() else {})
        if "port" not in self.facts:
            self.note(port=_free_port())

    @property
    def port(self) -> int:
        return int(self.facts["port"])

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def note(self, **facts: Any) -> None:
        """Keep facts on disk."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.facts |= facts
        temporary = self._facts.with_suffix(".new")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(self.facts), encoding="utf-8")
        temporary.replace(self._facts)

    def settle_port(self) -> None:
        """Another port, where somebody else has taken ours."""
        if not _is_free(self.port):
            self.note(port=_free_port())

    def run(self, argv: Sequence[str], *, env: Mapping[str, str], ready: str, told: str = "") -> None:
        """Start it and wait until it says that it is ready. `told`: what it is given to read.

        Raises AwsError with its last words when it ends before, or takes too long.
        """
        name = Path(argv[0]).name
        self.process = self._spawn(argv, env=env, cwd=self.folder, name=f"{name} {self.folder.name}", stdin=bool(told))
        if told:
            with contextlib.suppress(BrokenPipeError):  # it ended already: why, its log says
                self.process.stdin.write(told.encode())
                self.process.stdin.close()
        up, last = threading.Event(), list[str]()
        threading.Thread(target=self._read, args=(self.process, ready, up, last), daemon=True).start()
        if not up.wait(_SECONDS) or not self.running:
            self.end()
            raise AwsError("InternalFailure", f"{name} did not start: {' '.join(last[-3:])}", 500)

    def _read(self, process: Process, ready: str, up: threading.Event, last: list[str]) -> None:
        """Take down what the server says; after its end there is nothing to wait for."""
        with (self.folder / "log").open("a", encoding="utf-8") as log, contextlib.suppress(ValueError):
            for line in process.output:
                said = line.decode(errors="replace")
                log.write(said)
                log.flush()
                if not up.is_set():
                    last.append(said.strip())
                    if ready in said:
                        up.set()
        up.set()

    def end(self) -> None:
        """End the process, by force if it doesn't listen to SIGTERM."""
        if self.process is not None:
            self.process.terminate()
            self.process.close()
            self.process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
