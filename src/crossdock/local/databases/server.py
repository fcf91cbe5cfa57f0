"""One PostgreSQL server: its folder, its port, its process."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crossdock.local.databases import blank
from crossdock.local.databases.blank import ADMINISTRATOR, ENVIRONMENT
from crossdock.local.databases.installed import Installed
from crossdock.local.databases.unprivileged import User
from crossdock.local.engine import AwsError
from crossdock.local.processes import Process

HOST = "127.0.0.1"
_READY = "database system is ready to accept connections"
_SECONDS = 60.0
"""How long a server may take to come up."""
_SETTINGS = {
    "listen_addresses": HOST, "unix_socket_directories": "", "ssl": "on", "max_connections": "100",
    "shared_buffers": "32MB", "log_timezone": "UTC", "timezone": "UTC",
    # What was written outlives a kill of the server, not a loss of power: a laptop's rehearsal wants to be quick.
    "fsync": "off", "full_page_writes": "off",
}  # fmt: skip
Spawn = Callable[..., Process]


class Server:
    """A server below one folder: `data`, `log` and `server.json`, which holds what must outlive the process."""

    def __init__(self, folder: Path, *, installed: Installed, user: User, spawn: Spawn) -> None:
        self.folder, self._installed, self._user, self._spawn = folder, installed, user, spawn
        self._process: Process | None = None
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
        return self._process is not None and self._process.poll() is None

    def note(self, **facts: Any) -> None:
        """Keep facts on disk."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.facts |= facts
        temporary = self._facts.with_suffix(".new")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(self.facts), encoding="utf-8")
        temporary.replace(self._facts)

    def start(self, *, tls: bool) -> None:
        """Bring it up, with data from before or without. `tls`: whether nobody comes in without.

        Raises AwsError when it doesn't come up.
        """
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            self.note(administrator=blank.copied(data, self._installed, self._user))
        if not _is_free(self.port):
            self.note(port=_free_port())
        everybody = "hostssl" if tls else "host"
        (data / "pg_hba.conf").write_text(
            f"host all {ADMINISTRATOR} {HOST}/32 scram-sha-256\n{everybody} all all {HOST}/32 scram-sha-256\n",
            encoding="utf-8")
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        argv = [*self._user.prefix, self._installed.program("postgres"), "-D", str(data), "-p", str(self.port),
                *settings]
        self._process = self._spawn(argv, env=ENVIRONMENT, cwd=self.folder, name=f"postgres {self.folder.name}")
        ready, last = threading.Event(), list[str]()
        threading.Thread(target=self._read, args=(self._process, ready, last), daemon=True).start()
        if not ready.wait(_SECONDS) or not self.running:
            self.stop()
            raise AwsError("InternalFailure", f"PostgreSQL did not start: {' '.join(last[-3:])}", 500)

    def _read(self, process: Process, ready: threading.Event, last: list[str]) -> None:
        """Take down what the server says; it is ready when it says so, and there is nothing to wait for at its end."""
        with (self.folder / "log").open("a", encoding="utf-8") as log, contextlib.suppress(ValueError):
            for line in process.output:
                said = line.decode(errors="replace")
                log.write(said)
                log.flush()
                if not ready.is_set():
                    last.append(said.strip())
                    if _READY in said:
                        ready.set()
        ready.set()

    def stop(self) -> None:
        """Let it end in peace: what was committed is there the next time."""
        if self._process is None:
            return
        if self.running:
            data = str(self.folder / "data")
            subprocess.run(
                [*self._user.prefix, self._installed.program("pg_ctl"), "stop", "-m", "fast", "-w", "-t", "15",
                 "-D", data], capture_output=True, check=False, env=ENVIRONMENT)  # fmt: skip
        self._process.terminate()
        self._process.close()
        self._process = None

    def ask(self, statements: str, *, database: str = "postgres") -> str:
        """Run SQL as RDS's superuser; what it answers, rows by line. Raises AwsError with PostgreSQL's words."""
        done = subprocess.run(
            [self._installed.program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", HOST,
             "-p", str(self.port), "-U", ADMINISTRATOR, "-d", database, "-f", "-"],
            input=statements, capture_output=True, text=True, check=False,
            env={**ENVIRONMENT, "PGPASSWORD": str(self.facts["administrator"])})  # fmt: skip
        if done.returncode:
            raise AwsError("InternalFailure", f"PostgreSQL said: {done.stderr.strip()}", 500)
        return done.stdout

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
