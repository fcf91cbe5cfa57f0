"""The loader against fakesnow, which speaks Snowflake's protocol: the real connector, real statements."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector

from conftest import World
from idh.manifest import Manifest
from idh.storage import Folder
from idh.warehouse.export import export
from idh.warehouse.load import Unreconciled, load, migrate, stage

FAKESNOW = Path(sys.prefix) / "fakesnow" / "bin" / "fakesnow"


@pytest.fixture(scope="module")
def account() -> Iterator[int]:
    """The port of a running fakesnow."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([FAKESNOW, "-s", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def connection(account: int, request: pytest.FixtureRequest) -> Iterator[Any]:
    name = f"DB{abs(hash(request.node.name))}"
    opened = snowflake.connector.connect(
        user="nobody",
        password="none",
        account="fakesnow",
        host="127.0.0.1",
        port=account,
        protocol="http",
        session_parameters={"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
        login_timeout=60,
        network_timeout=60,
    )
    cursor = opened.cursor()
    for statement in (f"CREATE DATABASE {name}", f"CREATE SCHEMA {name}.DW", f"USE SCHEMA {name}.DW"):
        cursor.execute(statement)
    migrate(opened)
    yield opened
    opened.close()


def ask(connection: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.cursor().execute(query).fetchall()]


@pytest.fixture(scope="module")
def exported(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Manifest, ...]]:
    folder = tmp_path_factory.mktemp("zone")
    return folder, export(world.db, Folder(folder), "r1", date(2025, 7, 1))


def test_a_run_is_loaded_whole_and_only_once(
    connection: Any, exported: tuple[Path, tuple[Manifest, ...]], world: World
) -> None:
    folder, manifests = exported
    stage(connection, f"file://{folder}")
    first = [load(connection, manifest) for manifest in manifests]
    assert all(
        loaded.rows == loaded.new == manifest.counts["rows"] for loaded, manifest in zip(first, manifests, strict=True)
    )
    second = [load(connection, manifest) for manifest in manifests]
    assert all(loaded.again for loaded in second)
    records = world.db.execute("SELECT count(*) FROM record").fetchall()
    assert ask(connection, "SELECT count(*) FROM fact_match") == records
    assert ask(connection, "SELECT count(*) FROM dim_physician WHERE email_sha256 LIKE '%@%'") == [(0,)]
    assert migrate(connection) == []


class Killed(BaseException):
    """The process ended here."""


@pytest.mark.parametrize("moment", ["copied", "merged"])
def test_a_load_that_died_is_repeated_and_nothing_doubles(
    connection: Any, exported: tuple[Path, tuple[Manifest, ...]], moment: str
) -> None:
    folder, manifests = exported
    stage(connection, f"file://{folder}")
    manifest = next(m for m in manifests if "/fact_match/" in m.prefix)

    def die(step: str) -> None:
        if step == moment:
            raise Killed

    with pytest.raises(Killed):
        load(connection, manifest, die)
    assert not load(connection, manifest).again
    assert load(connection, manifest).again
    assert ask(connection, "SELECT count(*), count(DISTINCT record_id) FROM fact_match") == [
        (manifest.counts["rows"], manifest.counts["rows"])
    ]


def test_counts_that_disagree_with_the_manifest_load_nothing(
    connection: Any, exported: tuple[Path, tuple[Manifest, ...]]
) -> None:
    folder, manifests = exported
    stage(connection, f"file://{folder}")
    true = next(m for m in manifests if "/dim_skill/" in m.prefix)
    file = true.files[0]
    wrong = Manifest(
        prefix=true.prefix,
        inputs=true.inputs,
        counts=true.counts,
        files=(type(file)(key=file.key, sha256=file.sha256, rows=file.rows + 1, bytes=file.bytes),),
    )
    with pytest.raises(Unreconciled, match="dim_skill"):
        load(connection, wrong)
    assert ask(connection, "SELECT count(*) FROM dim_skill") == [(0,)]


def test_a_changed_physician_gets_a_new_version_and_the_former_one_ends(
    connection: Any, world: World, tmp_path: Path
) -> None:
    storage = Folder(tmp_path)
    stage(connection, f"file://{tmp_path}")
    towns = world.db.execute("SELECT physician_id, city FROM physician ORDER BY 1 LIMIT 1").fetchall()[0]
    try:
        for number, city in enumerate((towns[1], "elsewhere", towns[1])):
            world.db.execute("UPDATE physician SET city = ? WHERE physician_id = ?", [city, towns[0]])
            manifests = export(world.db, storage, f"r{number}", date(2025, 7, 1 + number))
            loaded = load(connection, next(m for m in manifests if "/dim_physician/" in m.prefix))
            assert loaded.new == (1 if number else loaded.rows)
    finally:
        world.db.execute("UPDATE physician SET city = ? WHERE physician_id = ?", [towns[1], towns[0]])
    versions = ask(
        connection,
        f"SELECT city, valid_from, valid_to FROM dim_physician WHERE physician_id = '{towns[0]}' ORDER BY valid_from",
    )
    assert versions == [
        (towns[1], "2025-07-01", "2025-07-02"),
        ("elsewhere", "2025-07-02", "2025-07-03"),
        (towns[1], "2025-07-03", None),
    ]
