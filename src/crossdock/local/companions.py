"""Companions: systems outside AWS that services talk to, started beside the local AWS and ended with it."""

from __future__ import annotations

import os
import shlex
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from crossdock.errors import LocalError
from crossdock.local.processes import Process

PATIENCE = 60.0
"""Seconds within which a companion must answer."""
LAST_LINES = 12
_GIVEN = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
"""What of our environment a companion sees: no credentials."""


class Companions:
    """Those of one local AWS. `logs` is the folder of what they print, `home` that in which their commands run."""

    def __init__(self, logs: Path, home: Path) -> None:
        self._logs, self._home = logs, home
        self._running: dict[str, Process] = {}

    def start(self, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """Start all of them, wait until each answers; name -> `127.0.0.1:PORT`.

        `wanted`: name -> command (with {port} where its port belongs) and ready (`tcp`, or a path that answers 200).
        Raises LocalError with the last lines of one that doesn't come up.
        """
        ports = {name: _free_port() for name in wanted}
        for name, one in wanted.items():
            self._begin(name, one["command"], ports[name])
        for name, one in wanted.items():
            self._await(name, one["ready"], ports[name])
        return {name: f"127.0.0.1:{port}" for name, port in ports.items()}

    def stop(self) -> None:
        """End them all, with everything that they started."""
        for process in self._running.values():
            process.terminate()
            process.close()
        self._running.clear()

    def _begin(self, name: str, command: str, port: int) -> None:
        self._logs.mkdir(parents=True, exist_ok=True)
        argv = [word.replace("{port}", str(port)) for word in shlex.split(command)]
        env = {key: os.environ[key] for key in _GIVEN if key in os.environ}
        process = self._running[name] = Process(argv, env=env, cwd=self._home)
        threading.Thread(target=_drain, args=(process, self._logs / f"{name}.log"), daemon=True).start()

    def _await(self, name: str, ready: str, port: int) -> None:
        process, until, pause = self._running[name], time.monotonic() + PATIENCE, 0.05
        while not _answers(ready, port):
            status = process.poll()
            if status is not None or time.monotonic() > until:
                late = f"did not answer within {PATIENCE:.0f} s"
                ended = late if status is None else f"ended with status {status}"
                time.sleep(0.1)  # what it said last is on its way into the log
                log = self._logs / f"{name}.log"
                lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
                raise LocalError(message=f"the companion {name} {ended}", details=lines[-LAST_LINES:],
                                 hint="its command stands under rehearsal.companions in crossdock.yaml")
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _answers(ready: str, port: int) -> bool:
    try:
        if ready == "tcp":
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _drain(process: Process, log: Path) -> None:
    with log.open("wb") as file:
        for line in process.output:
            file.write(line)
            file.flush()
