"""Databases outlive the local AWS that started them: their data, their place, their passwords."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from tests.unit.databases.conftest import ACCOUNT, Account

from crossdock.local.databases import installed, unprivileged
from crossdock.local.server import LocalWorld


def world_in(root: Path) -> LocalWorld:
    made = LocalWorld(root, accounts={"111111111111": "shared", ACCOUNT: "nonprod"}, management="111111111111",
                      organization="o-a1b2c3d4e5", region="us-east-1", keep=True)
    made.resume()
    made.settle()
    made.start()
    return made


@pytest.mark.skipif(not installed.installed() or unprivileged.user() is None, reason="no PostgreSQL that would run")
def test_a_row_is_still_there_after_a_stop_and_a_start(tmp_path):
    first = world_in(tmp_path)
    account = Account(first, "us-east-1")
    account.cluster()
    before = account.client()
    before.ask("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
    first.stop()
    second = world_in(tmp_path)
    try:
        account = Account(second, "us-east-1")
        assert account.client() == before
        assert account.client().ask("SELECT id FROM kept").rows == ["7"]
        account.rds.modify_db_cluster(
            DBClusterIdentifier="shop", RotateMasterUserPassword=True, ApplyImmediately=True)
        assert "password authentication failed" in before.ask("SELECT 1").error
        assert account.client().ask("SELECT id FROM kept").rows == ["7"]
        account.gone()
        assert not list((tmp_path / "databases" / "servers" / ACCOUNT / "us-east-1").iterdir())
    finally:
        second.stop()


@pytest.mark.skipif(not installed.installed() or unprivileged.user() is None, reason="no PostgreSQL that would run")
def test_a_row_is_still_there_after_the_server_was_killed(tmp_path):
    world = world_in(tmp_path)
    try:
        account = Account(world, "us-east-1")
        account.cluster()
        before = account.client()
        before.ask("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
        [pid] = tmp_path.glob("databases/servers/*/*/*/data/postmaster.pid")
        os.kill(int(pid.read_text(encoding="utf-8").split()[0]), signal.SIGKILL)
        answer, until = before.ask("SELECT 1"), time.monotonic() + 30
        while answer.rows != ["7"] and time.monotonic() < until:  # the next change finds that it is gone
            account.rds.modify_db_cluster(DBClusterIdentifier="shop", BackupRetentionPeriod=9, ApplyImmediately=True)
            answer = account.client().ask("SELECT id FROM kept")
        assert (answer.rows, answer.error) == (["7"], "")
    finally:
        world.stop()


def test_the_nearest_version_is_the_same_or_the_next():
    found = tuple(installed.Installed(programs=Path("/"), version=v) for v in ("13.2", "15.18", "17.1", "18.0"))
    assert [installed.nearest(major, found).version for major in (13, 14, 15, 16, 19)] == [
        "13.2", "15.18", "15.18", "17.1", "18.0"]
