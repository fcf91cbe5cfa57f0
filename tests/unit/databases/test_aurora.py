"""Aurora as a real PostgreSQL: the secret opens it, it keeps what was written, passwords change."""

from __future__ import annotations

import socket

import pytest
from botocore.exceptions import ClientError
from tests.unit.databases.conftest import Account, Client


def test_the_secret_opens_the_database(shop):
    assert shop.client().ask("SELECT current_user, current_database()").rows == ["master|app"]


def test_another_password_opens_nothing(shop):
    client = shop.client()
    other = type(client)(host=client.host, port=client.port, user=client.user, password="another-password")
    assert "password authentication failed" in other.ask("SELECT 1").error


def test_a_row_outlives_a_change_in_place(shop):
    shop.client().ask("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
    shop.rds.modify_db_cluster(DBClusterIdentifier="shop", BackupRetentionPeriod=9, ApplyImmediately=True)
    assert shop.client().ask("SELECT id FROM kept").rows == ["7"]


@pytest.mark.parametrize("way", ["rds", "secretsmanager"])
def test_a_rotated_password_refuses_the_old_one(shop, way):
    before = shop.client()
    if way == "rds":
        shop.rds.modify_db_cluster(
            DBClusterIdentifier="shop", RotateMasterUserPassword=True, ApplyImmediately=True)
    else:
        shop.secrets.rotate_secret(SecretId=shop.described()["MasterUserSecret"]["SecretArn"])
    after = shop.client()
    assert after.password != before.password
    assert "password authentication failed" in before.ask("SELECT 1").error
    assert after.ask("SELECT 1").rows == ["1"]


def test_the_master_is_no_superuser(shop):
    assert shop.client().ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").rows == ["f"]
    assert "must be superuser" in shop.client().ask("COPY (SELECT 1) TO '/tmp/written'").error


def test_nobody_comes_without_tls_where_the_parameter_group_forbids_it(shop):
    assert shop.client().ask("SELECT 1", tls="disable").rows == ["1"]
    shop.rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="strict", DBParameterGroupFamily="aurora-postgresql15", Description="strict")
    shop.rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="strict", Parameters=[
        {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "pending-reboot"}])
    shop.rds.modify_db_cluster(
        DBClusterIdentifier="shop", DBClusterParameterGroupName="strict", ApplyImmediately=True)
    assert "no pg_hba.conf entry" in shop.client().ask("SELECT 1", tls="disable").error
    assert shop.client().ask("SELECT 1", tls="require").rows == ["1"]


def test_a_cluster_answers_as_long_as_it_has_an_instance(world):
    account = Account(world, "eu-west-1")
    account.cluster("brief")
    place = account.client("brief")
    assert place.ask("SELECT 1").rows == ["1"]
    account.rds.delete_db_instance(DBInstanceIdentifier="brief-1", SkipFinalSnapshot=True)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((place.host, place.port)).close()
    account.rds.create_db_instance(DBInstanceIdentifier="brief-1", DBClusterIdentifier="brief",
                                   Engine="aurora-postgresql", DBInstanceClass="db.serverless")
    assert account.client("brief").ask("SELECT 1").rows == ["1"]
    account.gone("brief")


def test_a_database_of_the_same_name_starts_empty(world):
    account = Account(world, "eu-west-2")
    account.cluster("again")
    account.client("again").ask("CREATE TABLE old (id int)")
    account.gone("again")
    account.cluster("again")
    assert "does not exist" in account.client("again").ask("SELECT * FROM old").error
    account.gone("again")


def test_an_instance_alone_takes_the_password_it_is_given(world):
    account = Account(world, "eu-west-3")
    account.rds.create_db_instance(
        DBInstanceIdentifier="alone", Engine="postgres", EngineVersion="15.10", DBInstanceClass="db.t3.micro",
        AllocatedStorage=20, MasterUsername="master", MasterUserPassword="it's-a-secret", DBName="app")
    where = account.rds.describe_db_instances(DBInstanceIdentifier="alone")["DBInstances"][0]["Endpoint"]

    def asked(password):
        return Client(host=where["Address"], port=where["Port"], user="master", password=password).ask("SELECT 1")

    assert asked("it's-a-secret").rows == ["1"]
    account.rds.modify_db_instance(
        DBInstanceIdentifier="alone", MasterUserPassword="another-one", ApplyImmediately=True)
    assert "password authentication failed" in asked("it's-a-secret").error
    assert asked("another-one").rows == ["1"]
    account.rds.delete_db_instance(DBInstanceIdentifier="alone", SkipFinalSnapshot=True)


def test_what_would_begin_with_a_snapshot_is_refused_by_name(shop):
    shop.rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier="then", DBClusterIdentifier="shop")
    with pytest.raises(ClientError, match="does not emulate rds:RestoreDBClusterFromSnapshot of PostgreSQL"):
        shop.rds.restore_db_cluster_from_snapshot(
            DBClusterIdentifier="copy", SnapshotIdentifier="then", Engine="aurora-postgresql")
