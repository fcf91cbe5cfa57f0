"""ElastiCache as a real Valkey or Redis: over TLS, by its token, as long as the group is there."""

from __future__ import annotations

import socket
import ssl
from typing import Any

import pytest
from tests.unit.databases.conftest import ACCOUNT

from crossdock.local.caches import installed
from crossdock.local.server import LocalWorld

TOKEN = "a-token-of-sixteen-or-more"


def talk(place: dict[str, Any], *commands: str, tls: bool = True) -> list[str]:
    """What a server answers to commands, a line each."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection((place["Address"], place["Port"]), timeout=10)
    with context.wrap_socket(plain) if tls else plain as line, line.makefile("rwb") as file:
        return [_answer(file, command) for command in commands]


def _answer(file: Any, command: str) -> str:
    file.write(command.encode() + b"\r\n")
    file.flush()
    said: str = file.readline().decode().strip()
    return file.readline().decode().strip() if said.startswith("$") and said != "$-1" else said


@pytest.fixture(scope="module")
def elasticache(tmp_path_factory):
    found = installed.installed()
    if found is None or not found.tls:
        pytest.skip("this machine has no Valkey or Redis that speaks TLS")
    world = LocalWorld(tmp_path_factory.mktemp("local"), accounts={"111111111111": "shared", ACCOUNT: "nonprod"},
                       management="111111111111", organization="o-a1b2c3d4e5", region="us-east-1")
    world.settle()
    world.start()
    yield world.client("elasticache", world.root_user(ACCOUNT), "us-east-1")
    world.stop()


@pytest.fixture
def cache(elasticache):
    """Where a group's server is, which goes after the test."""
    elasticache.create_replication_group(
        ReplicationGroupId="fast", ReplicationGroupDescription="fast", Engine="valkey", NumCacheClusters=2,
        CacheNodeType="cache.t4g.micro", TransitEncryptionEnabled=True, AuthToken=TOKEN)
    [group] = elasticache.describe_replication_groups(ReplicationGroupId="fast")["ReplicationGroups"]
    yield group["NodeGroups"][0]["PrimaryEndpoint"]
    elasticache.delete_replication_group(ReplicationGroupId="fast")


def test_the_token_opens_the_cache(cache):
    assert talk(cache, f"AUTH {TOKEN}", "SET a 7", "GET a") == ["+OK", "+OK", "7"]


def test_without_the_token_nothing_is_answered(cache):
    assert talk(cache, "GET a")[0].startswith("-NOAUTH")
    assert talk(cache, "AUTH another")[0].startswith("-WRONGPASS")


def test_nobody_comes_without_tls(cache):
    with pytest.raises(ConnectionError):
        talk(cache, "PING", "PING", tls=False)


def test_a_change_in_place_keeps_what_is_there(elasticache, cache):
    talk(cache, f"AUTH {TOKEN}", "SET kept 7")
    elasticache.modify_replication_group(ReplicationGroupId="fast", SnapshotRetentionLimit=3, ApplyImmediately=True)
    assert talk(cache, f"AUTH {TOKEN}", "GET kept")[1] == "7"


def test_a_cache_of_the_same_name_starts_empty_where_it_was_deleted(elasticache, cache):
    assert talk(cache, f"AUTH {TOKEN}", "GET kept")[1] == "$-1"


def test_a_deleted_cache_answers_nobody(elasticache):
    elasticache.create_replication_group(
        ReplicationGroupId="brief", ReplicationGroupDescription="brief", Engine="redis", NumCacheClusters=1,
        CacheNodeType="cache.t4g.micro")
    [group] = elasticache.describe_replication_groups(ReplicationGroupId="brief")["ReplicationGroups"]
    place = group["NodeGroups"][0]["PrimaryEndpoint"]
    assert talk(place, "PING", tls=False) == ["+PONG"]
    elasticache.delete_replication_group(ReplicationGroupId="brief")
    with pytest.raises(ConnectionRefusedError):
        talk(place, "PING", tls=False)
