"""A world in which databases run; skipped where this machine has no PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from crossdock.local.databases import installed, unprivileged
from crossdock.local.server import LocalWorld

ACCOUNT = "222222222222"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What psql said: rows by line, and why it failed."""

    rows: list[str]
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One who connects with psql as a service would."""

    host: str
    port: int
    user: str
    password: str
    database: str = "app"

    def ask(self, statement: str, tls: str = "require") -> Answer:
        found = installed.nearest(15)
        assert found is not None
        done = subprocess.run(
            [found.program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement,
             f"host={self.host} port={self.port} user={self.user} dbname={self.database} sslmode={tls}"],
            capture_output=True, text=True, check=False, env={**os.environ, "PGPASSWORD": self.password})  # fmt: skip
        return Answer(rows=done.stdout.split(), error=done.stderr)


class Account:
    """RDS and Secrets Manager of one account."""

    def __init__(self, world: LocalWorld, region: str) -> None:
        self.world, self.region = world, region
        self.rds: Any = world.client("rds", world.root_user(ACCOUNT), region)
        self.secrets: Any = world.client("secretsmanager", world.root_user(ACCOUNT), region)

    def cluster(self, name: str = "shop", **more: Any) -> None:
        """An Aurora cluster with an instance, whose password Secrets Manager keeps."""
        self.rds.create_db_cluster(
            DBClusterIdentifier=name, Engine="aurora-postgresql", EngineVersion="15.10", DatabaseName="app",
            MasterUsername="master", ManageMasterUserPassword=True, **more)
        self.rds.create_db_instance(DBInstanceIdentifier=f"{name}-1", DBClusterIdentifier=name,
                                    Engine="aurora-postgresql", DBInstanceClass="db.serverless")

    def described(self, name: str = "shop") -> dict[str, Any]:
        found: dict[str, Any] = self.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
        return found

    def client(self, name: str = "shop") -> Client:
        """A client that reads the secret of now."""
        found = self.described(name)
        value = self.secrets.get_secret_value(SecretId=found["MasterUserSecret"]["SecretArn"])["SecretString"]
        known = json.loads(value)
        return Client(host=found["Endpoint"], port=found["Port"], user=known["username"], password=known["password"])

    def gone(self, name: str = "shop") -> None:
        self.rds.delete_db_instance(DBInstanceIdentifier=f"{name}-1", SkipFinalSnapshot=True)
        self.rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    if not installed.installed() or unprivileged.user() is None:
        pytest.skip("this machine has no PostgreSQL that would run")
    made = LocalWorld(tmp_path_factory.mktemp("local"), accounts={"111111111111": "shared", ACCOUNT: "nonprod"},
                      management="111111111111", organization="o-a1b2c3d4e5", region="us-east-1")
    made.settle()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shop(world: LocalWorld) -> Account:
    """An account with one cluster that the tests of a file share."""
    made = Account(world, "us-east-1")
    made.cluster()
    return made
