"""Servers follow what RDS was asked for: one for each PostgreSQL cluster, or instance that belongs to none."""

from __future__ import annotations

import hashlib
import shutil
import threading
from pathlib import Path

from crossdock.local.databases import installed, unprivileged
from crossdock.local.databases.server import HOST, Server
from crossdock.local.engine import Call, NotEmulated
from crossdock.local.store import Store
from crossdock.local.store import databases as rds
from crossdock.local.store.databases import Asked
from crossdock.local.world import World

_REFUSED = ("RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime", "RestoreDBInstanceFromDBSnapshot",
            "RestoreDBInstanceToPointInTime", "CreateDBInstanceReadReplica", "RestoreDBClusterFromS3",
            "RestoreDBInstanceFromS3")
"""Operations whose database begins with another's data: an empty one would be untrue."""
Place = tuple[str, str]


class Databases:
    """Every server of this local AWS, in `root / databases / servers`, by account and region.

    `before` and `after` stand around the store's answer to a call of RDS, or of Secrets Manager for its passwords.
    """

    def __init__(self, world: World, store: Store) -> None:
        self._world, self._store = world, store
        self._root = world.root / "databases" / "servers"
        self._servers: dict[Place, dict[str, Server]] = {}
        self._locks: dict[Place, threading.Lock] = {}
        self._lock = threading.Lock()

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
        """Raises NotEmulated for what would begin with data that isn't here."""
        if call.operation in _REFUSED and "postgres" in self._engine(call) and installed.installed():
            raise NotEmulated(f"{call.service}:{call.operation} of PostgreSQL")

    def after(self, call: Call) -> None:
        """Follow a call that may have changed something. Raises AwsError when a server doesn't come up."""
        changes = not call.operation.startswith(("Describe", "List", "Get"))
        if changes and (call.service == "rds" or call.operation == "RotateSecret"):
            self.follow(call.account, call.region)

    @staticmethod
    def _engine(call: Call) -> str:
        """The engine that a call names; PostgreSQL, to be safe, where it names none."""
        return str(call.params.get("Engine", "postgres"))

    def follow(self, account: str, region: str) -> None:
        """Make what runs agree with what RDS was asked for."""
        place = (account, region)
        with self._lock:
            lock = self._locks.setdefault(place, threading.Lock())
        with lock:
            with self._store.lock:
                wanted = rds.asked(account, region)
            servers = self._servers.setdefault(place, {})
            folder = self._root / account / region
            if not wanted and not folder.exists():
                return
            self._forget(folder, servers, {one.key for one in wanted})
            for one in wanted:
                self._settle(folder, servers, one)
            with self._store.lock:
                rds.tell(account, region, {key: (HOST, server.port) for key, server in servers.items()})

    def _forget(self, folder: Path, servers: dict[str, Server], keys: set[str]) -> None:
        gone = {entry.name for entry in folder.iterdir()} - keys if folder.exists() else set()
        for key in gone | (servers.keys() - keys):
            server = servers.pop(key, None)
            if server is not None:
                server.stop()
            shutil.rmtree(folder / key)

    def _settle(self, folder: Path, servers: dict[str, Server], asked: Asked) -> None:
        server = servers.get(asked.key)
        if server is None:
            server = self._made(folder / asked.key, asked)
            if server is None:
                return
            servers[asked.key] = server
        if not asked.runs:
            server.stop()
            return
        if not server.running or server.facts.get("tls") != asked.tls:
            server.stop()
            server.start(tls=asked.tls)
            server.note(tls=asked.tls)
        _users(server, asked)

    def _made(self, folder: Path, asked: Asked) -> Server | None:
        """A server in a folder, or None where this machine has nothing to run it with."""
        major = int(asked.version.partition(".")[0])
        version = folder / "data" / "PG_VERSION"
        found = installed.nearest(int(version.read_text(encoding="utf-8")) if version.exists() else major)
        user = unprivileged.user()
        if found is None or user is None:
            lacking = "PostgreSQL" if found is None else "setpriv, without which PostgreSQL doesn't run as root"
            self._world.substitution(f"this machine has no {lacking}: databases are kept and shown, none runs")
            return None
        self._world.substitution(
            f"{asked.engine} {asked.version} is PostgreSQL {found.version} of this machine, without AWS's own "
            "extensions, parameters and replicas")
        return Server(folder, installed=found, user=user, spawn=self._world.spawn)


def _users(server: Server, asked: Asked) -> None:
    """The master user with the password of now, and the database (RDS User Guide, "Master user account privileges")."""
    digest = hashlib.sha256(f"{asked.user}\n{asked.password}".encode()).hexdigest()
    user, password = _name(asked.user), _literal(asked.password)
    if "master" not in server.facts:
        server.ask(f"""
            CREATE ROLE rds_superuser NOLOGIN;
            GRANT pg_monitor, pg_signal_backend TO rds_superuser;
            CREATE ROLE rds_iam NOLOGIN;
            CREATE ROLE {user} LOGIN CREATEDB CREATEROLE PASSWORD {password};
            GRANT rds_superuser TO {user} WITH ADMIN OPTION;
            ALTER DATABASE postgres OWNER TO {user};
        """)
        if asked.database and asked.database != "postgres":
            server.ask(f"CREATE DATABASE {_name(asked.database)} OWNER {user};")
    elif server.facts["master"] != digest:
        server.ask(f"ALTER ROLE {user} PASSWORD {password};")
    server.note(master=digest)


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
