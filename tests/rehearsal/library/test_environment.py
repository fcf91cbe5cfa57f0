"""The whole environment: every part nested, in both sizes, told to services, changed, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rehearsal.library.lifecycle import failures

from crossdock import library

BUCKET = "library-templates"
SMALL = {
    "Platform": "shop", "Environment": "staging", "SharedAccountId": "111111111111", "VpcCidr": "10.0.0.0/16",
    "ZoneCount": "2", "NatGateways": "single", "LogRetentionDays": "90", "BastionInstanceType": "t4g.nano",
    "TaskCluster": "fargate", "AuroraEngineVersion": "15.10", "AuroraDeletionProtection": "false",
    "CacheEngine": "valkey", "SearchInstances": "1",
}  # fmt: skip
LARGE = {"ZoneCount": "3", "NatGateways": "per-zone", "AuroraMinCapacity": "2", "AuroraMaxCapacity": "32",
         "AuroraReaders": "2", "AuroraBackupDays": "35", "CacheNodes": "2", "SearchInstances": "3",
         "SearchZones": "3", "LogRetentionDays": "365"}
TOLD = {"VpcId", "PrivateSubnetIds", "IsolatedSubnetIds", "AuroraEndpoint", "AuroraReadEndpoint", "AuroraPort",
        "AuroraSecretArn", "AuroraClusterResourceId", "AuroraClientSecurityGroupId", "CacheEndpoint",
        "CacheReadEndpoint", "CachePort", "CacheSecretArn", "CacheClientSecurityGroupId", "SearchEndpoint",
        "SearchDomainArn", "SearchClientSecurityGroupId", "ClusterArn", "TaskLogGroupName", "TaskSecurityGroupId",
        "TaskExecutionRoleArn", "BastionId"}


@pytest.fixture
def given(account: Any) -> dict[str, str]:
    """Parameters of a small environment whose templates lie in a bucket of the account."""
    s3 = account.client("s3")
    where = {} if account.region == "us-east-1" else {
        "CreateBucketConfiguration": {"LocationConstraint": account.region}}  # fmt: skip
    bucket = f"{BUCKET}-{account.region}"
    s3.create_bucket(Bucket=bucket, **where)
    for name in library.names():
        s3.put_object(Bucket=bucket, Key=f"templates/{name}.yaml", Body=library.load(name).encode())
    return SMALL | {"TemplatePrefixUrl": f"https://{bucket}.s3.{account.region}.amazonaws.com/templates"}


def told(account: Any) -> dict[str, str]:
    """What services are told of the environment, by name."""
    pages = account.client("ssm").get_paginator("get_parameters_by_path").paginate(Path="/shop/staging/")
    return {p["Name"].rpartition("/")[2]: p["Value"] for page in pages for p in page["Parameters"]}


def test_a_small_environment_becomes_a_large_one_and_goes(account, given):
    root = library.load("environment/root")
    assert account.create(root, parameters=given) == "CREATE_COMPLETE", failures(account)
    small = told(account)
    assert small.keys() == TOLD
    assert len(small["PrivateSubnetIds"].split(",")) == 2
    assert account.update(root, parameters=given | LARGE) == "UPDATE_COMPLETE", failures(account)
    large = told(account)
    assert len(large["PrivateSubnetIds"].split(",")) == 3
    kept = ("VpcId", "AuroraEndpoint", "AuroraSecretArn", "CacheEndpoint", "SearchDomainArn", "BastionId")
    assert {name: large[name] for name in kept} == {name: small[name] for name in kept}
    members = account.client("rds").describe_db_clusters(DBClusterIdentifier="shop-staging")["DBClusters"][0]
    assert len(members["DBClusterMembers"]) == 3
    assert account.delete() == "DELETE_COMPLETE", failures(account)
    assert told(account) == {}


def test_a_large_environment_is_made_at_once(account, given):
    root = library.load("environment/root")
    assert account.create(root, parameters=given | LARGE) == "CREATE_COMPLETE", failures(account)
    gateways = account.client("ec2").describe_nat_gateways(
        Filters=[{"Name": "vpc-id", "Values": [account.outputs()["VpcId"]]}])["NatGateways"]  # fmt: skip
    assert len(gateways) == 3
    assert account.delete() == "DELETE_COMPLETE", failures(account)


def test_an_environment_may_be_a_network_alone(account, given):
    parts = {"BastionInstanceType": "", "TaskCluster": "none", "AuroraEngineVersion": "", "CacheEngine": "none",
             "SearchInstances": "0", "NatGateways": "none"}
    root = library.load("environment/root")
    assert account.create(root, parameters=given | parts) == "CREATE_COMPLETE", failures(account)
    assert told(account).keys() == {"VpcId", "PrivateSubnetIds", "IsolatedSubnetIds"}
    assert account.update(root, parameters=given | parts | {"CacheEngine": "redis"}) == "UPDATE_COMPLETE"
    assert "CacheEndpoint" in told(account)
    assert account.delete() == "DELETE_COMPLETE", failures(account)


def test_an_environment_that_can_not_be_whole_is_not_there_at_all(account, given):
    logs = account.client("logs")
    logs.create_log_group(logGroupName="/shop/staging/search")  # somebody has this name
    assert account.create(library.load("environment/root"), parameters=given) == "ROLLBACK_COMPLETE"
    assert "The specified log group already exists" in failures(account)
    assert told(account) == {}
    assert account.client("rds").describe_db_clusters()["DBClusters"] == []
    mine = [{"Name": "tag:Name", "Values": ["shop-staging"]}]
    assert account.client("ec2").describe_vpcs(Filters=mine)["Vpcs"] == []
    assert account.delete() == "DELETE_COMPLETE", failures(account)
    logs.delete_log_group(logGroupName="/shop/staging/search")


def test_a_change_that_fails_leaves_the_environment_as_it_was(account, given):
    alone = given | {"BastionInstanceType": "", "TaskCluster": "none", "CacheEngine": "none", "SearchInstances": "0"}
    root, logs = library.load("environment/root"), account.client("logs")
    assert account.create(root, parameters=alone) == "CREATE_COMPLETE", failures(account)
    before = told(account)
    logs.create_log_group(logGroupName="/shop/staging/cache")
    more = {"CacheEngine": "valkey", "ZoneCount": "3", "NatGateways": "per-zone", "AuroraReaders": "1"}
    assert account.update(root, parameters=alone | more) == "UPDATE_ROLLBACK_COMPLETE"
    assert told(account) == before
    members = account.client("rds").describe_db_clusters()["DBClusters"][0]["DBClusterMembers"]
    assert len(members) == 1
    logs.delete_log_group(logGroupName="/shop/staging/cache")
    assert account.update(root, parameters=alone | more) == "UPDATE_COMPLETE", failures(account)
    assert account.delete() == "DELETE_COMPLETE", failures(account)


def test_search_in_more_zones_than_there_are_is_refused_before_anything_is_made(account, given):
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError, match="Search in three zones needs a network of three"):
        account.create(library.load("environment/root"), parameters=given | {"SearchZones": "3"})
