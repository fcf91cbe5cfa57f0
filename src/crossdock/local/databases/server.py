"""One PostgreSQL server: set up, started, asked, stopped."""

from __future__ import annotations

import subprocess
from pathlib import Path

from crossdock.local.beside import HOST
from crossdock.local.databases import blank
from crossdock.local.databases.blank import ADMINISTRATOR, ENVIRONMENT
from crossdock.local.databases.installed import Installed
from crossdock.local.databases.unprivileged import User
from crossdock.local.engine import AwsError
from crossdock.local.listener import Listener, Spawn

_READY = "database system is ready to accept connections"
_SETTINGS = {
    "listen_addresses": HOST, "unix_socket_directories": "", "ssl": "on", "max_connections": "100",
    "shared_buffers": "32MB", "log_timezone": "UTC", "timezone": "UTC",
    # What was written outlives a kill of the server, not a loss of power: a laptop's rehearsal wants to be quick.
    "fsync": "off", "full_page_writes": "off",
}  # fmt: skip


class Server(Listener):
    """Its database cluster is in `data` below its folder."""

    def __init__(self, folder: Path, *, installed: Installed, user: User, spawn: Spawn) -> None:
        super().__init__(folder, spawn)
        self._installed, self._user, self._data = installed, user, folder / "data"

    def start(self, *, tls: bool) -> None:
        """Bring it up, with data from before or without. `tls`: whether nobody comes in without.

        Raises AwsError when it doesn't come up.
        """
        if not (self._data / "PG_VERSION").exists():
            self.note(administrator=blank.copied(self._data, self._installed, self._user))
        self.settle_port()
        everybody = "hostssl" if tls else "host"
        (self._data / "pg_hba.conf").write_text(
            f"host all {ADMINISTRATOR} {HOST}/32 scram-sha-256\n{everybody} all all {HOST}/32 scram-sha-256\n",
            encoding="utf-8")
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self.run(
            [*self._user.prefix, self._installed.program("postgres"), "-D", str(self._data), "-p", str(self.port),
             *settings], env=ENVIRONMENT, ready=_READY)  # fmt: skip

    def stop(self) -> None:
        """Let it end in peace: what was committed is there the next time."""
        if self.running:
            subprocess.run(
                [*self._user.prefix, self._installed.program("pg_ctl"), "stop", "-m", "fast", "-w", "-t", "15",
                 "-D", str(self._data)], capture_output=True, check=False, env=ENVIRONMENT)  # fmt: skip
        self.end()

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
