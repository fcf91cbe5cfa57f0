"""Templates of the stores: made, changed, deleted."""

from __future__ import annotations

import json

import pytest
from tests.rehearsal.library.lifecycle import failures, lives
from tests.unit.databases.conftest import Client

from crossdock import library
from crossdock.local.databases import installed, unprivileged

CLUSTER = {"AuroraEngineVersion": "15.10", "AuroraDeletionProtection": "false"}


def test_a_key_is_made_for_a_store(account):
    lives(account, "data/key", {"Platform": "shop", "Environment": "staging", "StoreName": "database",
                                "StoreService": "rds"}, {"StoreService": "es"})


def test_only_carriers_of_the_clients_group_reach_a_store(account, ground):
    given = ground.of("VpcId", StoreName="database", StorePort="5432")
    assert account.create(library.load("data/access"), parameters=given) == "CREATE_COMPLETE", failures(account)
    made = account.outputs()
    [group] = account.client("ec2").describe_security_groups(GroupIds=[made["StoreSecurityGroupId"]])["SecurityGroups"]
    [rule] = group["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpRanges"]) == (5432, 5432, [])
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [made["ClientSecurityGroupId"]]
    assert account.delete() == "DELETE_COMPLETE", failures(account)


def test_a_store_may_move_to_another_port(account, ground):
    lives(account, "data/access", ground.of("VpcId", StoreName="database", StorePort="5432"), {"StorePort": "5433"})


def test_aurora_is_made_changed_and_deleted(account, ground):
    given = ground.of("IsolatedSubnetIds", "StoreSecurityGroupId", "DataKeyArn", "LogKeyArn", **CLUSTER)
    lives(account, "data/aurora", given, {"AuroraMaxCapacity": "8", "AuroraBackupDays": "35"})


def test_the_cluster_keeps_its_password_to_itself(account, ground):
    given = ground.of("IsolatedSubnetIds", "StoreSecurityGroupId", "DataKeyArn", "LogKeyArn", **CLUSTER)
    assert account.create(library.load("data/aurora"), parameters=given) == "CREATE_COMPLETE", failures(account)
    secret = account.client("secretsmanager").get_secret_value(SecretId=account.outputs()["AuroraSecretArn"])
    assert json.loads(secret["SecretString"])["username"] == "administrator"
    assert account.delete() == "DELETE_COMPLETE", failures(account)


def test_readers_come_and_go(account, ground):
    given = ground.of("IsolatedSubnetIds", "StoreSecurityGroupId", "DataKeyArn", "LogKeyArn", **CLUSTER)
    assert account.create(library.load("data/aurora"), "cluster", parameters=given) == "CREATE_COMPLETE"
    cluster = account.outputs("cluster")["AuroraClusterId"]
    lives(account, "data/aurora-instances", ground.of("DataKeyArn", AuroraClusterId=cluster), {"AuroraReaders": "2"})
    assert account.delete("cluster") == "DELETE_COMPLETE", failures(account, "cluster")


@pytest.mark.skipif(not installed.installed() or unprivileged.user() is None, reason="no PostgreSQL that would run")
def test_what_services_are_told_opens_the_database_and_a_row_outlives_an_update(account, ground):
    given = ground.of("IsolatedSubnetIds", "StoreSecurityGroupId", "DataKeyArn", "LogKeyArn", **CLUSTER)
    assert account.create(library.load("data/aurora"), "cluster", parameters=given) == "CREATE_COMPLETE"
    instances = ground.of("DataKeyArn", AuroraClusterId=account.outputs("cluster")["AuroraClusterId"])
    assert account.create(library.load("data/aurora-instances"), parameters=instances) == "CREATE_COMPLETE"
    told = account.outputs("cluster")
    secret = account.client("secretsmanager").get_secret_value(SecretId=told["AuroraSecretArn"])["SecretString"]
    known = json.loads(secret)
    client = Client(host=told["AuroraEndpoint"], port=int(told["AuroraPort"]), user=known["username"],
                    password=known["password"])
    assert client.ask("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)").error == ""
    assert "no pg_hba.conf entry" in client.ask("SELECT 1", tls="disable").error
    changed = account.update(library.load("data/aurora"), "cluster", parameters=given | {"AuroraBackupDays": "35"})
    assert changed == "UPDATE_COMPLETE", failures(account, "cluster")
    assert account.outputs("cluster") == told
    assert client.ask("SELECT id FROM kept").rows == ["7"]
    for name in ("one", "cluster"):
        assert account.delete(name) == "DELETE_COMPLETE", failures(account, name)


def test_a_cache_is_made_changed_and_deleted(account, ground):
    given = ground.of("IsolatedSubnetIds", "StoreSecurityGroupId", "DataKeyArn", "LogKeyArn")
    lives(account, "data/cache", given, {"CacheNodeType": "cache.t4g.small", "CacheSnapshotDays": "1"})


def test_a_cache_gets_a_second_node(account, ground):
    given = ground.of("IsolatedSubnetIds", "StoreSecurityGroupId", "DataKeyArn", "LogKeyArn")
    lives(account, "data/cache", given, {"CacheNodes": "2"})


def test_search_is_made_grown_into_three_zones_and_deleted(account, ground):
    platform = {name: ground.parameters[name] for name in ("Platform", "Environment")}
    assert account.create(library.load("data/search-roles"), "roles", parameters=platform) == "CREATE_COMPLETE"
    given = ground.of("IsolatedSubnetIds", "StoreSecurityGroupId", "DataKeyArn", "LogKeyArn",
                      SearchMasterRoleArn=account.outputs("roles")["SearchMasterRoleArn"])
    lives(account, "data/search", given, {"SearchInstances": "3", "SearchZones": "3"})
    assert account.delete("roles") == "DELETE_COMPLETE"


def test_the_role_of_the_search_service_is_made(account):
    lives(account, "data/search-service-role", {}, {})
