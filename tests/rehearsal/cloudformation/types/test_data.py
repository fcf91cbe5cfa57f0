"""Tables, streams, secrets, file systems, databases, caches: made, changed, replaced, rolled back, deleted."""

from __future__ import annotations

import json

import pytest
from tests.rehearsal.cloudformation.types.lifecycle import Case, comes_to_nothing, lives

KEYS = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
BY_DAY = {"IndexName": "by-day", "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
          "Projection": {"ProjectionType": "ALL"}}
DAYS = {**KEYS, "AttributeDefinitions": [*KEYS["AttributeDefinitions"], {"AttributeName": "day", "AttributeType": "S"}]}
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
SUBNETS = {
    f"S{n}": {"Type": "AWS::EC2::Subnet", "Properties": {
        "VpcId": {"Ref": "V"}, "CidrBlock": f"10.0.{n}.0/24",
        "AvailabilityZone": {"Fn::Select": [n, {"Fn::GetAZs": ""}]}}} for n in (0, 1)}
NETWORK = {"V": VPC, **SUBNETS}
IN_BOTH = [{"Ref": "S0"}, {"Ref": "S1"}]
DATABASE = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": "20",
            "MasterUsername": "someone", "MasterUserPassword": "very-secret-1"}
CLUSTER = {"Engine": "aurora-postgresql", "MasterUsername": "someone", "MasterUserPassword": "very-secret-1"}
CACHE = {"Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1}


def table(account, name):
    dynamodb = account.client("dynamodb")
    found = dynamodb.describe_table(TableName=name)["Table"]
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
    return (found["BillingModeSummary"]["BillingMode"], [i["IndexName"] for i in found.get(
        "GlobalSecondaryIndexes", [])], found.get("StreamSpecification", {}).get("StreamViewType"), expiry)


def stream(account, name):
    found = account.client("kinesis").describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    return found["RetentionPeriodHours"], found["OpenShardCount"]


def secret(account, arn):
    client = account.client("secretsmanager")
    described = client.describe_secret(SecretId=arn)
    return described.get("Description") or None, client.get_secret_value(SecretId=arn)["SecretString"]


def made_up(account, arn):
    value = json.loads(account.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    return value["user"], len(value["password"])


def database(account, name):
    found = account.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return found["Engine"], found["BackupRetentionPeriod"]


def cluster(account, name):
    found = account.client("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
    return found["Engine"], found["BackupRetentionPeriod"]


def subnet_group(account, name):
    found = account.client("rds").describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]
    return found["DBSubnetGroupDescription"]


def parameter_group(account, name):
    rds = account.client("rds")
    rds.describe_db_parameter_groups(DBParameterGroupName=name)
    found = rds.describe_db_parameters(DBParameterGroupName=name)["Parameters"]
    return {p["ParameterName"]: p["ParameterValue"] for p in found if p["ParameterName"] == "log_statement"}


def cache(account, name):
    found = account.client("elasticache").describe_cache_clusters(CacheClusterId=name)["CacheClusters"][0]
    return found["Engine"], found.get("SnapshotRetentionLimit")


def cache_group(account, name):
    found = account.client("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=name)["CacheSubnetGroups"]
    return found[0]["CacheSubnetGroupDescription"]


def file_system(account, id_):
    efs = account.client("efs")
    found = efs.describe_file_systems(FileSystemId=id_)["FileSystems"][0]
    lifecycle = efs.describe_lifecycle_configuration(FileSystemId=id_)["LifecyclePolicies"]
    return {t["Key"]: t["Value"] for t in found["Tags"]}.get("a"), lifecycle


def domain(account, name):
    found = account.client("opensearch").describe_domain(DomainName=name)["DomainStatus"]
    if found.get("Deleted"):
        raise KeyError(name)
    return found["EngineVersion"], found["ClusterConfig"]["InstanceCount"]


CASES = (
    Case("AWS::DynamoDB::Table", {**KEYS, "BillingMode": "PAY_PER_REQUEST"}, table,
         (("PAY_PER_REQUEST", [], None, "DISABLED"), ("PAY_PER_REQUEST", ["by-day"], "NEW_IMAGE", "ENABLED")),
         {**DAYS, "BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": [BY_DAY],
          "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
          "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": "true"}},
         {**KEYS, "BillingMode": "PAY_PER_REQUEST", "TableName": "named"}),
    Case("AWS::Kinesis::Stream", {"ShardCount": 1}, stream, ((24, 1), (48, 1)),
         {"ShardCount": 1, "RetentionPeriodHours": "48"}, {"ShardCount": 1, "Name": "named"}),
    Case("AWS::SecretsManager::Secret", {"SecretString": "a"}, secret, ((None, "a"), ("told", "b")),
         {"SecretString": "b", "Description": "told"}, {"Name": "named", "SecretString": "c"}),
    Case("AWS::SecretsManager::Secret",
         {"GenerateSecretString": {"SecretStringTemplate": '{"user": "me"}', "GenerateStringKey": "password",
                                   "PasswordLength": "20"}}, made_up, (("me", 20),)),
    Case("AWS::RDS::DBInstance", DATABASE, database, (("postgres", 1), ("postgres", 7)),
         {**DATABASE, "BackupRetentionPeriod": "7"}, {**DATABASE, "DBInstanceIdentifier": "named"}),
    Case("AWS::RDS::DBCluster", CLUSTER, cluster, (("aurora-postgresql", 1), ("aurora-postgresql", 9)),
         {**CLUSTER, "BackupRetentionPeriod": 9}, {**CLUSTER, "DBClusterIdentifier": "named"}),
    Case("AWS::RDS::DBSubnetGroup", {"DBSubnetGroupDescription": "a", "SubnetIds": IN_BOTH}, subnet_group, ("a", "b"),
         {"DBSubnetGroupDescription": "b", "SubnetIds": IN_BOTH},
         {"DBSubnetGroupName": "named", "DBSubnetGroupDescription": "b", "SubnetIds": IN_BOTH}, NETWORK),
    Case("AWS::RDS::DBParameterGroup",
         {"Family": "postgres15", "Description": "d", "Parameters": {"log_statement": "all"}}, parameter_group,
         ({"log_statement": "all"}, {"log_statement": "ddl"}),
         {"Family": "postgres15", "Description": "d", "Parameters": {"log_statement": "ddl"}},
         {"Family": "postgres15", "Description": "other", "Parameters": {"log_statement": "ddl"}}),
    Case("AWS::ElastiCache::CacheCluster", CACHE, cache, (("redis", 0), ("redis", 3)),
         {**CACHE, "SnapshotRetentionLimit": 3}, {**CACHE, "ClusterName": "named"}),
    Case("AWS::ElastiCache::SubnetGroup", {"Description": "a", "SubnetIds": IN_BOTH}, cache_group, ("a", "b"),
         {"Description": "b", "SubnetIds": IN_BOTH},
         {"CacheSubnetGroupName": "named", "Description": "b", "SubnetIds": IN_BOTH}, NETWORK),
    Case("AWS::EFS::FileSystem", {"FileSystemTags": [{"Key": "a", "Value": "1"}]}, file_system,
         (("1", []), ("2", [{"TransitionToIA": "AFTER_30_DAYS"}])),
         {"FileSystemTags": [{"Key": "a", "Value": "2"}],
          "LifecyclePolicies": [{"TransitionToIA": "AFTER_30_DAYS"}]}, {"Encrypted": "true"}),
    Case("AWS::OpenSearchService::Domain",
         {"EngineVersion": "OpenSearch_2.11", "ClusterConfig": {"InstanceCount": 1}}, domain,
         (("OpenSearch_2.11", 1), ("OpenSearch_2.11", 2)),
         {"EngineVersion": "OpenSearch_2.11", "ClusterConfig": {"InstanceCount": "2"}},
         {"DomainName": "named", "EngineVersion": "OpenSearch_2.11", "ClusterConfig": {"InstanceCount": 1}}),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type.removeprefix("AWS::"))
def test_a_type_is_made_changed_rolled_back_replaced_and_deleted(account, case):
    lives(account, case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type.removeprefix("AWS::"))
def test_a_type_is_gone_after_its_creation_was_rolled_back(account, case):
    comes_to_nothing(account, case)


def test_a_secret_that_is_attached_to_a_database_tells_where_it_is(account):
    template = {"Resources": {
        "D": {"Type": "AWS::RDS::DBInstance", "Properties": {**DATABASE, "DBName": "shop"}},
        "S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": '{"username": "someone"}'}},
        "A": {"Type": "AWS::SecretsManager::SecretTargetAttachment", "Properties": {
            "SecretId": {"Ref": "S"}, "TargetId": {"Ref": "D"}, "TargetType": "AWS::RDS::DBInstance"}}},
        "Outputs": {"Host": {"Value": {"Fn::GetAtt": ["D", "Endpoint.Address"]}}}}
    assert account.create(template) == "CREATE_COMPLETE", account.reasons("A")
    secrets = account.client("secretsmanager")
    value = json.loads(secrets.get_secret_value(SecretId=account.physical("S"))["SecretString"])
    assert value["username"] == "someone"
    assert (value["engine"], value["host"], value["dbname"]) == ("postgres", account.outputs()["Host"], "shop")
    assert account.delete() == "DELETE_COMPLETE"
