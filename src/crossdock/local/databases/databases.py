"""Servers follow what RDS was asked for: one for each PostgreSQL cluster, or instance that belongs to none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from crossdock.local.beside import Beside
from crossdock.local.databases import installed, unprivileged
from crossdock.local.databases.server import Server
from crossdock.local.engine import Call, NotEmulated
from crossdock.local.store import databases as rds
from crossdock.local.store.databases import Asked

_REFUSED = ("RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime", "RestoreDBInstanceFromDBSnapshot",
            "RestoreDBInstanceToPointInTime", "CreateDBInstanceReadReplica", "RestoreDBClusterFromS3",
            "RestoreDBInstanceFromS3")
"""Operations whose database begins with another's data: an empty one would be untrue."""


class Databases(Beside[Asked, Server]):
    """PostgreSQL behind RDS: follows its calls, and those of Secrets Manager that change its passwords."""

    name, service = "databases", "rds"

    def before(self, call: Call) -> None:
        """Raises NotEmulated for what would begin with data that isn't here."""
        # An engine that isn't named is taken to be PostgreSQL, to be safe.
        engine = str(call.params.get("Engine", "postgres"))
        if call.operation in _REFUSED and "postgres" in engine and installed.installed():
            raise NotEmulated(f"{call.service}:{call.operation} of PostgreSQL")

    def after(self, call: Call) -> None:
        if call.service == "rds" or call.operation == "RotateSecret":
            super().after(call)

    def asked(self, account: str, region: str) -> Sequence[Asked]:
        return rds.asked(account, region)

    def tell(self, account: str, region: str, places: Mapping[str, tuple[str, int]]) -> None:
        rds.tell(account, region, places)

    def made(self, folder: Path, asked: Asked) -> Server | None:
        version = folder / "data" / "PG_VERSION"
        major = version.read_text(encoding="utf-8") if version.exists() else asked.version.partition(".")[0]
        found, user = installed.nearest(int(major)), unprivileged.user()
        if found is None or user is None:
            lacking = "PostgreSQL" if found is None else "setpriv, without which PostgreSQL doesn't run as root"
            self.world.substitution(f"this machine has no {lacking}: databases are kept and shown, none runs")
            return None
        self.world.substitution(
            f"{asked.engine} {asked.version} is PostgreSQL {found.version} of this machine, without AWS's own "
            "extensions, parameters and replicas")
        return Server(folder, installed=found, user=user, spawn=self.world.spawn)

    def settle(self, server: Server, asked: Asked) -> None:
        if not asked.runs:
            server.stop()
            return
        if not server.running or server.facts.get("tls") != asked.tls:
            server.stop()
            server.start(tls=asked.tls)
            server.note(tls=asked.tls)
        _users(server, asked)


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
