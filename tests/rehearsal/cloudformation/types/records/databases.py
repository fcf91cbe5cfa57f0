"""AWS::RDS, AWS::ElastiCache, AWS::OpenSearchService, AWS::DynamoDB, AWS::SecretsManager."""

from __future__ import annotations

import json
from typing import Any

from tests.rehearsal.cloudformation.policies import allow, policy
from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import (
    GROUP,
    KEY,
    NETWORK,
    ROOT,
    TOPIC,
    get,
    pick,
    ref,
    resource,
    subnet,
    tags,
)

IN_BOTH = [ref("S"), ref("T")]
PASSWORD = "very-secret-1"


def _tags(client: Any, arn: str) -> Any:
    return client.list_tags_for_resource(ResourceName=arn)["TagList"]


def _instance(account: Account, name: str) -> Props:
    rds = account.client("rds")
    found = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    groups = [group["DBParameterGroupName"] for group in found["DBParameterGroups"]]
    return {**pick(found, "Engine AllocatedStorage BackupRetentionPeriod PreferredMaintenanceWindow MultiAZ "
                          "DBInstanceClass DeletionProtection CopyTagsToSnapshot MaxAllocatedStorage",
                   EnableCloudwatchLogsExports="EnabledCloudwatchLogsExports"),
            "VPCSecurityGroups": [group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]],
            "DBParameterGroupName": groups[0] if groups else None, "Tags": _tags(rds, found["DBInstanceArn"])}


def _cluster(account: Account, name: str) -> Props:
    rds = account.client("rds")
    found = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
    scaling = found.get("ServerlessV2ScalingConfiguration") or {}
    return {**pick(found, "Engine BackupRetentionPeriod Port DeletionProtection PreferredBackupWindow",
                   EnableIAMDatabaseAuthentication="IAMDatabaseAuthenticationEnabled",
                   EnableCloudwatchLogsExports="EnabledCloudwatchLogsExports",
                   DBClusterParameterGroupName="DBClusterParameterGroup"),
            "ServerlessV2ScalingConfiguration": {k: v for k, v in scaling.items() if k.endswith("Capacity")},
            "VpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]],
            "Tags": _tags(rds, found["DBClusterArn"])}


def _subnet_group(account: Account, name: str) -> Props:
    rds = account.client("rds")
    found = rds.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]
    return {**pick(found, "DBSubnetGroupDescription"), "Tags": _tags(rds, found["DBSubnetGroupArn"]),
            "SubnetIds": [one["SubnetIdentifier"] for one in found["Subnets"]]}


def _parameters(account: Account, name: str) -> Props:
    rds = account.client("rds")
    group = rds.describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"][0]
    found = rds.describe_db_parameters(DBParameterGroupName=name)["Parameters"]
    return {**pick(group, "Description", Family="DBParameterGroupFamily"),
            "Parameters": _set_here(found), "Tags": _tags(rds, group["DBParameterGroupArn"])}


def _cluster_parameters(account: Account, name: str) -> Props:
    rds = account.client("rds")
    group = rds.describe_db_cluster_parameter_groups(DBClusterParameterGroupName=name)["DBClusterParameterGroups"][0]
    found = rds.describe_db_cluster_parameters(DBClusterParameterGroupName=name)["Parameters"]
    return {**pick(group, "Description", Family="DBParameterGroupFamily"),
            "Parameters": _set_here(found), "Tags": _tags(rds, group["DBClusterParameterGroupArn"])}


def _set_here(parameters: list[Any]) -> dict[str, Any]:
    return {p["ParameterName"]: p["ParameterValue"] for p in parameters if "ParameterValue" in p}


def _told(account: Account, name: str) -> Props:
    found = account.client("rds").describe_event_subscriptions(SubscriptionName=name)["EventSubscriptionsList"][0]
    return pick(found, "SnsTopicArn SourceType Enabled", EventCategories="EventCategoriesList",
                SourceIds="SourceIdsList")


def _cache(account: Account, name: str) -> Props:
    elasticache = account.client("elasticache")
    found = elasticache.describe_cache_clusters(CacheClusterId=name)["CacheClusters"][0]
    return {**pick(found, "Engine CacheNodeType NumCacheNodes SnapshotRetentionLimit PreferredMaintenanceWindow"),
            "Tags": _tags(elasticache, found["ARN"])}


def _replicas(account: Account, name: str) -> Props:
    elasticache = account.client("elasticache")
    found = elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    return {**pick(found, "CacheNodeType SnapshotRetentionLimit SnapshotWindow TransitEncryptionEnabled "
                          "AtRestEncryptionEnabled", ReplicationGroupDescription="Description"),
            "AutomaticFailoverEnabled": found["AutomaticFailover"] == "enabled",
            "MultiAZEnabled": found["MultiAZ"] == "enabled",
            "Tags": _tags(elasticache, found["ARN"])}


def _cache_subnets(account: Account, name: str) -> Props:
    elasticache = account.client("elasticache")
    found = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=name)["CacheSubnetGroups"][0]
    return {"Description": found["CacheSubnetGroupDescription"], "Tags": _tags(elasticache, found["ARN"]),
            "SubnetIds": [one["SubnetIdentifier"] for one in found["Subnets"]]}


def _cache_parameters(account: Account, name: str) -> Props:
    elasticache = account.client("elasticache")
    group = elasticache.describe_cache_parameter_groups(CacheParameterGroupName=name)["CacheParameterGroups"][0]
    found = elasticache.describe_cache_parameters(CacheParameterGroupName=name, Source="user")["Parameters"]
    return {**pick(group, "Description CacheParameterGroupFamily"), "Properties": _set_here(found),
            "Tags": _tags(elasticache, group["ARN"])}


def _domain(account: Account, name: str) -> Props:
    opensearch = account.client("opensearch")
    found = opensearch.describe_domain(DomainName=name)["DomainStatus"]
    if found.get("Deleted"):
        raise KeyError(name)
    return {**pick(found, "EngineVersion"), "Tags": opensearch.list_tags(ARN=found["ARN"])["TagList"],
            "ClusterConfig": pick(found["ClusterConfig"], "InstanceCount InstanceType"),
            "EBSOptions": pick(found["EBSOptions"], "EBSEnabled VolumeSize VolumeType"),
            "NodeToNodeEncryptionOptions": found.get("NodeToNodeEncryptionOptions"),
            "AccessPolicies": json.loads(found.get("AccessPolicies") or "null")}


def _table(account: Account, name: str) -> Props:
    dynamodb = account.client("dynamodb")
    found = dynamodb.describe_table(TableName=name)["Table"]
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    back = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    stream = found.get("StreamSpecification") or {}
    return {"BillingMode": found["BillingModeSummary"]["BillingMode"], "KeySchema": found["KeySchema"],
            "AttributeDefinitions": found["AttributeDefinitions"],
            "GlobalSecondaryIndexes": [{key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
                                       for index in found.get("GlobalSecondaryIndexes", [])],
            "StreamSpecification": {key: stream[key] for key in ("StreamViewType",) if key in stream},
            "DeletionProtectionEnabled": found["DeletionProtectionEnabled"],
            "TableClass": found.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
            "TimeToLiveSpecification": {"AttributeName": expiry["AttributeName"], "Enabled": True}
            if expiry["TimeToLiveStatus"] == "ENABLED" else None,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": back["PointInTimeRecoveryDescription"][
                "PointInTimeRecoveryStatus"] == "ENABLED"},
            "Tags": dynamodb.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]}


def _secret(account: Account, arn: str) -> Props:
    client = account.client("secretsmanager")
    found = client.describe_secret(SecretId=arn)
    if "DeletedDate" in found:
        raise KeyError(arn)
    return {**pick(found, "Description KmsKeyId Tags"),
            "SecretString": client.get_secret_value(SecretId=arn)["SecretString"]}


def _secret_policy(account: Account, arn: str) -> Props:
    found = account.client("secretsmanager").get_resource_policy(SecretId=arn)
    return {"SecretId": found["ARN"], "ResourcePolicy": json.loads(found["ResourcePolicy"])}


def _attachment(account: Account, arn: str) -> Props:
    value = json.loads(account.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    return {"TargetId": value["dbInstanceIdentifier"]}


KEYS = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
BY_DAY = {"IndexName": "by-day", "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
          "Projection": {"ProjectionType": "ALL"}}
DATABASE = {"Engine": "mysql", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": "20",
            "MasterUsername": "someone", "MasterUserPassword": PASSWORD, "VPCSecurityGroups": [ref("G")],
            "DBSubnetGroupName": ref("N"), "PreferredMaintenanceWindow": "mon:05:00-mon:06:00",
            "DBParameterGroupName": ref("O"), "MaxAllocatedStorage": 50}
SUBNET_GROUP = resource("AWS::RDS::DBSubnetGroup", DBSubnetGroupDescription="n", SubnetIds=IN_BOTH)
CLUSTER = {"Engine": "aurora-mysql", "MasterUsername": "someone", "MasterUserPassword": PASSWORD,
           "VpcSecurityGroupIds": [ref("G")], "DBSubnetGroupName": ref("N"), "Port": 5444,
           "PreferredBackupWindow": "01:00-02:00", "DBClusterParameterGroupName": ref("O"),
           "ServerlessV2ScalingConfiguration": {"MinCapacity": 2, "MaxCapacity": 2}}
AMONG = {**NETWORK, "G": GROUP, "H": GROUP, "N": SUBNET_GROUP}
READS, WRITES = (policy(allow(f"es:ESHttp{verb}", Principal=ROOT)) for verb in ("Get", "Put"))
PLAIN = resource("AWS::RDS::DBInstance", Engine="mysql", DBInstanceClass="db.t3.micro", AllocatedStorage="20",
                 MasterUsername="someone", MasterUserPassword=PASSWORD)
HELD = resource("AWS::SecretsManager::Secret", SecretString='{"username": "someone"}')
PARAMETERS = resource("AWS::RDS::DBParameterGroup", Family="mysql8.0", Description="p")
CLUSTER_PARAMETERS = resource("AWS::RDS::DBClusterParameterGroup", Family="aurora-mysql8.0", Description="p",
                              Parameters={"max_connections": "100"})
GETS = policy(allow("secretsmanager:GetSecretValue", Principal=ROOT))
PUTS = policy(allow("secretsmanager:PutSecretValue", Principal=ROOT))

RECORDS = (
    Record(type="AWS::RDS::DBInstance", made=DATABASE, read=_instance,
           changed={"BackupRetentionPeriod": "7", "MultiAZ": "true",
                    "DBInstanceClass": "db.t3.small", "VPCSecurityGroups": [ref("H")],
                    "PreferredMaintenanceWindow": "sun:05:00-sun:06:00", "CopyTagsToSnapshot": True,
                    "MaxAllocatedStorage": 100, "DBParameterGroupName": ref("P"),
                    "EnableCloudwatchLogsExports": ["error"], "Tags": tags(a="b")},
           replaced={"DBInstanceIdentifier": "named"},
           otherwise={"BackupRetentionPeriod": 1, "MultiAZ": False, "DeletionProtection": False,
                      "CopyTagsToSnapshot": False},
           around={**AMONG, "P": PARAMETERS, "O": PARAMETERS}),
    Record(type="AWS::RDS::DBCluster", made=CLUSTER, read=_cluster,
           changed={"BackupRetentionPeriod": 9, "Port": "5433", "VpcSecurityGroupIds": [ref("H")],
                    "EnableIAMDatabaseAuthentication": "true", "PreferredBackupWindow": "03:00-04:00",
                    "ServerlessV2ScalingConfiguration": {"MinCapacity": 1, "MaxCapacity": "4"},
                    "EnableCloudwatchLogsExports": ["error"], "Tags": tags(a="b"),
                    "DBClusterParameterGroupName": ref("P")},
           replaced={"DBClusterIdentifier": "named"},
           otherwise={"BackupRetentionPeriod": 1, "EnableIAMDatabaseAuthentication": False,
                      "DeletionProtection": False},
           around={**AMONG, "P": CLUSTER_PARAMETERS, "O": CLUSTER_PARAMETERS}),
    Record(type="AWS::RDS::DBSubnetGroup", made={"DBSubnetGroupDescription": "a", "SubnetIds": IN_BOTH},
           read=_subnet_group,
           changed={"DBSubnetGroupDescription": "b", "SubnetIds": [*IN_BOTH, ref("U")], "Tags": tags(a="b")},
           replaced={"DBSubnetGroupName": "named"}, around={**NETWORK, "U": subnet(2, 2)}),
    Record(type="AWS::RDS::DBParameterGroup", read=_parameters,
           made={"Family": "mysql8.0", "Description": "d", "Parameters": {"max_connections": "100"}},
           changed={"Parameters": {"max_connections": "200", "sort_buffer_size": "9000"}, "Tags": tags(a="b")},
           replaced={"Description": "other"}),
    Record(type="AWS::RDS::DBClusterParameterGroup", read=_cluster_parameters,
           made={"Family": "aurora-mysql8.0", "Description": "d", "Parameters": {"max_connections": "100"}},
           changed={"Parameters": {"max_connections": "200", "sort_buffer_size": "9000"}, "Tags": tags(a="b")},
           replaced={"Description": "other"}),
    Record(type="AWS::RDS::EventSubscription", read=_told,
           made={"SnsTopicArn": ref("T"), "SourceType": "db-instance", "SourceIds": [ref("D")],
                 "EventCategories": ["backup"]},
           changed={"EventCategories": ["failure"], "Enabled": "false", "SourceIds": [ref("D"), ref("E")]},
           replaced={"SnsTopicArn": ref("U")}, otherwise={"Enabled": True},
           around={"T": TOPIC, "U": TOPIC, "D": PLAIN, "E": PLAIN}),
    Record(type="AWS::ElastiCache::CacheCluster", read=_cache,
           made={"Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1,
                 "PreferredMaintenanceWindow": "mon:05:00-mon:06:00"},
           changed={"SnapshotRetentionLimit": 3, "CacheNodeType": "cache.t3.small", "Tags": tags(a="b"),
                    "PreferredMaintenanceWindow": "sun:05:00-sun:06:00"},
           replaced={"ClusterName": "named"}, otherwise={"SnapshotRetentionLimit": 0}),
    Record(type="AWS::ElastiCache::ReplicationGroup", read=_replicas,
           made={"ReplicationGroupDescription": "a", "CacheNodeType": "cache.t3.micro", "Engine": "redis",
                 "NumCacheClusters": 2, "AutomaticFailoverEnabled": "true", "SnapshotWindow": "01:00-02:00"},
           changed={"ReplicationGroupDescription": "b", "SnapshotRetentionLimit": "3", "MultiAZEnabled": "true",
                    "CacheNodeType": "cache.t3.small", "SnapshotWindow": "03:00-04:00", "Tags": tags(a="b")},
           replaced={"AtRestEncryptionEnabled": "true"},
           otherwise={"SnapshotRetentionLimit": 0, "TransitEncryptionEnabled": False, "MultiAZEnabled": False,
                      "AtRestEncryptionEnabled": False}),
    Record(type="AWS::ElastiCache::SubnetGroup", made={"Description": "a", "SubnetIds": IN_BOTH},
           read=_cache_subnets,
           changed={"Description": "b", "SubnetIds": [*IN_BOTH, ref("U")], "Tags": tags(a="b")},
           replaced={"CacheSubnetGroupName": "named"}, around={**NETWORK, "U": subnet(2, 2)}),
    Record(type="AWS::ElastiCache::ParameterGroup", read=_cache_parameters,
           made={"CacheParameterGroupFamily": "redis7", "Description": "d",
                 "Properties": {"maxmemory-policy": "allkeys-lru"}},
           changed={"Properties": {"maxmemory-policy": "noeviction", "timeout": "9"}, "Tags": tags(a="b")},
           replaced={"CacheParameterGroupFamily": "redis6.x"}),
    Record(type="AWS::OpenSearchService::Domain", read=_domain,
           made={"EngineVersion": "OpenSearch_2.11",
                 "ClusterConfig": {"InstanceCount": 1, "InstanceType": "t3.small.search"},
                 "EBSOptions": {"EBSEnabled": True, "VolumeSize": 10, "VolumeType": "gp3"}, "AccessPolicies": WRITES},
           changed={"ClusterConfig": {"InstanceCount": "2", "InstanceType": "t3.medium.search"},
                    "EBSOptions": {"EBSEnabled": "true", "VolumeSize": "20", "VolumeType": "gp3"},
                    "AccessPolicies": READS, "Tags": tags(a="b")},
           replaced={"DomainName": "named"}, otherwise={"NodeToNodeEncryptionOptions": {"Enabled": False}}),
    Record(type="AWS::DynamoDB::Table", made={**KEYS, "BillingMode": "PAY_PER_REQUEST"}, read=_table,
           changed={"AttributeDefinitions": [*KEYS["AttributeDefinitions"], {"AttributeName": "day",
                                                                             "AttributeType": "S"}],
                    "GlobalSecondaryIndexes": [BY_DAY], "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
                    "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": "true"},
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": "true"},
                    "TableClass": "STANDARD_INFREQUENT_ACCESS", "Tags": tags(a="b")},
           replaced={"TableName": "named"},
           otherwise={"DeletionProtectionEnabled": False, "TableClass": "STANDARD",
                      "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False}}),
    Record(type="AWS::SecretsManager::Secret", made={"SecretString": "a"}, read=_secret,
           changed={"SecretString": "b", "Description": "told", "KmsKeyId": get("K"), "Tags": tags(a="b")},
           replaced={"Name": "named"}, around={"K": KEY}),
    Record(type="AWS::SecretsManager::ResourcePolicy", made={"SecretId": ref("S"), "ResourcePolicy": GETS},
           read=_secret_policy, changed={"ResourcePolicy": PUTS}, replaced={"SecretId": ref("T")},
           around={"S": HELD, "T": HELD}),
    Record(type="AWS::SecretsManager::SecretTargetAttachment", read=_attachment,
           made={"SecretId": ref("S"), "TargetId": ref("D"), "TargetType": "AWS::RDS::DBInstance"},
           changed={"TargetId": ref("E")}, replaced={"SecretId": ref("T")},
           around={"S": HELD, "T": HELD, "D": PLAIN, "E": PLAIN}),
)  # fmt: skip
