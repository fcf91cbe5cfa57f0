"""Types of the core again, of another sort or with properties that their first record leaves alone."""

from __future__ import annotations

import json
from typing import Any

from tests.rehearsal.cloudformation.policies import allow, policy
from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import (
    BUCKET,
    FUNCTION,
    GROUP,
    KEY,
    LOGS,
    NETWORK,
    QUEUE,
    RUNS,
    TOPIC,
    get,
    pick,
    ref,
    resource,
    role,
)
from tests.rehearsal.cloudformation.types.records.containers import CONTAINER
from tests.rehearsal.cloudformation.types.records.delivery import ENVIRONMENT
from tests.rehearsal.cloudformation.types.records.functions import MACHINE
from tests.rehearsal.cloudformation.types.records.gateways import API

REPLACED = "what replaces it is told by its other record"


def _endpoint(account: Account, id_: str) -> Props:
    found = account.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[id_])["VpcEndpoints"][0]
    if found["State"] == "deleted":
        raise KeyError(id_)
    return {**pick(found, "SubnetIds PrivateDnsEnabled VpcEndpointType"),
            "SecurityGroupIds": [group["GroupId"] for group in found["Groups"]],
            "PolicyDocument": json.loads(found["PolicyDocument"])}


def _instance(account: Account, name: str) -> Props:
    found = account.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return pick(found, "StorageEncrypted PubliclyAccessible StorageType AutoMinorVersionUpgrade PreferredBackupWindow "
                       "MonitoringInterval", EnableIAMDatabaseAuthentication="IAMDatabaseAuthenticationEnabled")


def _cluster(account: Account, name: str) -> Props:
    found = account.client("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
    return pick(found, "StorageEncrypted CopyTagsToSnapshot DatabaseName PreferredMaintenanceWindow",
                EnableHttpEndpoint="HttpEndpointEnabled")


def _domain(account: Account, name: str) -> Props:
    found = account.client("opensearch").describe_domain(DomainName=name)["DomainStatus"]
    if found.get("Deleted"):
        raise KeyError(name)
    return {"DomainEndpointOptions": pick(found["DomainEndpointOptions"], "EnforceHTTPS TLSSecurityPolicy"),
            "EncryptionAtRestOptions": pick(found["EncryptionAtRestOptions"], "Enabled"),
            "NodeToNodeEncryptionOptions": found["NodeToNodeEncryptionOptions"],
            "LogPublishingOptions": found.get("LogPublishingOptions")}


def _table(account: Account, name: str) -> Props:
    found = account.client("dynamodb").describe_table(TableName=name)["Table"]
    through = found["ProvisionedThroughput"]
    return {"ProvisionedThroughput": {key: through[key] for key in ("ReadCapacityUnits", "WriteCapacityUnits")},
            "SSESpecification": {"SSEEnabled": found.get("SSEDescription", {}).get("Status") == "ENABLED"},
            "LocalSecondaryIndexes": [{key: one[key] for key in ("IndexName", "KeySchema", "Projection")}
                                      for one in found.get("LocalSecondaryIndexes", [])]}


def _bucket(account: Account, name: str) -> Props:
    s3 = account.client("s3")
    log = s3.get_bucket_logging(Bucket=name).get("LoggingEnabled", {})
    tells = s3.get_bucket_notification_configuration(Bucket=name).get("QueueConfigurations", [])
    return {"LoggingConfiguration": {"DestinationBucketName": log.get("TargetBucket"),
                                     "LogFilePrefix": log.get("TargetPrefix")},
            "AccelerateConfiguration": {"AccelerationStatus": s3.get_bucket_accelerate_configuration(
                Bucket=name).get("Status", "Suspended")},
            "NotificationConfiguration": {"QueueConfigurations": [
                {"Queue": one["QueueArn"], "Event": one["Events"][0]} for one in tells]}}


def _key(account: Account, key: str) -> Props:
    kms = account.client("kms")
    found = kms.describe_key(KeyId=key)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        raise KeyError(key)
    return pick(found, "Enabled KeySpec KeyUsage")


def _queue(account: Account, url: str) -> Props:
    found = account.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {**pick(found, "FifoQueue ContentBasedDeduplication DeduplicationScope FifoThroughputLimit"),
            "RedriveAllowPolicy": json.loads(found.get("RedriveAllowPolicy") or "null")}


def _topic(account: Account, arn: str) -> Props:
    found = account.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    return {"SignatureVersion": "1", "TracingConfig": "PassThrough",
            **{name: found[name] for name in ("SignatureVersion", "TracingConfig") if name in found},
            **pick(found, "FifoTopic ContentBasedDeduplication")}


def _rule(account: Account, name: str) -> Props:
    return pick(account.client("events").describe_rule(Name=name), "ScheduleExpression State")


def _function(account: Account, name: str) -> Props:
    client = account.client("lambda")
    found = client.get_function_configuration(FunctionName=name)
    return {"DeadLetterConfig": found.get("DeadLetterConfig"), **pick(found, "KmsKeyArn LoggingConfig"),
            "Layers": [layer["Arn"] for layer in found.get("Layers", [])]}


def _mapping(account: Account, id_: str) -> Props:
    found = account.client("lambda").get_event_source_mapping(UUID=id_)
    return pick(found, "StartingPosition ParallelizationFactor MaximumRetryAttempts MaximumBatchingWindowInSeconds "
                       "MaximumRecordAgeInSeconds")


def _machine(account: Account, arn: str) -> Props:
    found = account.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
    log = found.get("loggingConfiguration", {})
    return {"StateMachineType": found["type"], "LoggingConfiguration": {
        "Level": log.get("level"), "IncludeExecutionData": log.get("includeExecutionData"), "Destinations": [
            {"CloudWatchLogsLogGroup": {"LogGroupArn": one["cloudWatchLogsLogGroup"]["logGroupArn"]}}
            for one in log.get("destinations", [])]}}


def _task(account: Account, arn: str) -> Props:
    found = account.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    if found["status"] == "INACTIVE":
        raise KeyError(arn)
    return pick(found, "Family Cpu Memory NetworkMode RequiresCompatibilities TaskRoleArn ExecutionRoleArn "
                       "RuntimePlatform")


def _service(account: Account, arn: str) -> Props:
    found = account.client("ecs").describe_services(cluster=arn.split("/")[1], services=[arn])["services"][0]
    if found["status"] == "INACTIVE":
        raise KeyError(arn)
    how = found.get("deploymentConfiguration") or {}
    return {"DeploymentConfiguration": {key: how.get(key) for key in ("maximumPercent", "minimumHealthyPercent")},
            **pick(found, "PropagateTags")}


def _alarm(account: Account, name: str) -> Props:
    found = account.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return pick(found, "DatapointsToAlarm OKActions InsufficientDataActions Unit ExtendedStatistic")


def _project(account: Account, name: str) -> Props:
    found = account.client("codebuild").batch_get_projects(names=[name])["projects"]
    one = {project["name"]: project for project in found}[name]
    logs = (one.get("logsConfig") or {}).get("cloudWatchLogs") or {}
    log = {"status": logs.get("status", "ENABLED"), "groupName": logs.get("groupName")}
    return {"LogsConfig": {"CloudWatchLogs": log},
            "SecondarySources": [{"Type": one["type"], "SourceIdentifier": one["sourceIdentifier"],
                                  "Location": one["location"]} for one in one.get("secondarySources") or ()]}


def _method(account: Account, id_: str) -> Props:
    if account.physical("X") != id_:
        raise KeyError(id_)
    gateway = account.client("apigateway")
    for api in gateway.get_rest_apis()["items"]:
        for one in gateway.get_resources(restApiId=api["id"], limit=500, embed=["methods"])["items"]:
            for found in one.get("resourceMethods", {}).values():
                answers = [{"StatusCode": status} for status in found.get("methodResponses", {})]
                return {"MethodResponses": answers, "RequestValidatorId": found.get("requestValidatorId")}
    raise KeyError(id_)


def _reads(verb: str) -> dict[str, Any]:
    return policy(allow(f"ssm:{verb}", Principal="*"))


DATABASE = {"Engine": "mysql", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": "20", "MasterUsername": "someone",
            "MasterUserPassword": "very-secret-1", "PreferredBackupWindow": "01:00-02:00", "StorageType": "gp2",
            "PubliclyAccessible": "false"}
CLUSTER = {"Engine": "aurora-mysql", "MasterUsername": "someone", "MasterUserPassword": "very-secret-1",
           "PreferredMaintenanceWindow": "mon:05:00-mon:06:00"}
OPEN = {"EngineVersion": "OpenSearch_2.11", "ClusterConfig": {"InstanceCount": 1},
        "DomainEndpointOptions": {"EnforceHTTPS": "true", "TLSSecurityPolicy": "Policy-Min-TLS-1-0-2019-07"},
        "EncryptionAtRestOptions": {"Enabled": False}, "NodeToNodeEncryptionOptions": {"Enabled": False}}
KEYS = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"},
                                 {"AttributeName": "at", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]}
BY_OTHER = {"IndexName": "other", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
    {"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]}
TOLD = resource("AWS::SQS::QueuePolicy", Queues=[ref("Q")], PolicyDocument=policy(
    allow("sqs:SendMessage", Principal={"Service": "s3.amazonaws.com"})))
DELIVERED = policy({"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
                    "Resource": "arn:aws:s3:::logs-of-ours-there/*"})
STREAM = resource("AWS::Kinesis::Stream", ShardCount=1)

RECORDS = (
    Record(type="AWS::EC2::VPCEndpoint", read=_endpoint, why=REPLACED,
           made={"VpcId": ref("V"), "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.ssm"},
                 "VpcEndpointType": "Interface", "SubnetIds": [ref("S")], "SecurityGroupIds": [ref("G")],
                 "PrivateDnsEnabled": "true", "PolicyDocument": _reads("GetParameter")},
           changed={"SubnetIds": [ref("S"), ref("T")], "SecurityGroupIds": [ref("H")], "PrivateDnsEnabled": "false",
                    "PolicyDocument": _reads("GetParameters")},
           around={**NETWORK, "G": GROUP, "H": GROUP}),
    Record(type="AWS::RDS::DBInstance", made=DATABASE, read=_instance,
           changed={"PubliclyAccessible": "true", "StorageType": "gp3", "AutoMinorVersionUpgrade": "false",
                    "PreferredBackupWindow": "03:00-04:00", "EnableIAMDatabaseAuthentication": "true"},
           replaced={"StorageEncrypted": "true"},
           otherwise={"StorageEncrypted": False, "AutoMinorVersionUpgrade": True, "MonitoringInterval": 0,
                      "EnableIAMDatabaseAuthentication": False}),
    Record(type="AWS::RDS::DBCluster", made=CLUSTER, read=_cluster,
           changed={"CopyTagsToSnapshot": "true", "PreferredMaintenanceWindow": "tue:05:00-tue:06:00"},
           replaced={"StorageEncrypted": "true", "DatabaseName": "shop"},
           otherwise={"StorageEncrypted": False, "CopyTagsToSnapshot": False, "EnableHttpEndpoint": False}),
    Record(type="AWS::OpenSearchService::Domain", made=OPEN, read=_domain, why=REPLACED,
           changed={"DomainEndpointOptions": {"EnforceHTTPS": "true",
                                              "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
                    "EncryptionAtRestOptions": {"Enabled": "true"},
                    "NodeToNodeEncryptionOptions": {"Enabled": "true"}}),
    Record(type="AWS::DynamoDB::Table", read=_table, why=REPLACED,
           made={**KEYS, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
                 "LocalSecondaryIndexes": [BY_OTHER]},
           changed={"ProvisionedThroughput": {"ReadCapacityUnits": "2", "WriteCapacityUnits": 3},
                    "SSESpecification": {"SSEEnabled": "true"}},
           otherwise={"SSESpecification": {"SSEEnabled": False}}),
    Record(type="AWS::S3::Bucket", made={},
           read=_bucket, why=REPLACED, needs=("P", "L"),
           changed={"LoggingConfiguration": {"DestinationBucketName": ref("B"), "LogFilePrefix": "a/"},
                    "AccelerateConfiguration": {"AccelerationStatus": "Enabled"},
                    "NotificationConfiguration": {"QueueConfigurations": [
                        {"Queue": get("Q"), "Event": "s3:ObjectCreated:*"}]}},
           around={"B": {**BUCKET, "Properties": {"BucketName": "logs-of-ours-there"}},
                   "L": resource("AWS::S3::BucketPolicy", Bucket=ref("B"), PolicyDocument=DELIVERED),
                   "Q": QUEUE, "P": TOLD},
           otherwise={"AccelerateConfiguration": {"AccelerationStatus": "Suspended"}}),
    Record(type="AWS::KMS::Key", read=_key, why="its schema has nothing create-only",
           made={**KEY["Properties"], "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
           changed={"Enabled": "false"}, otherwise={"Enabled": True}),
    Record(type="AWS::SQS::Queue", read=_queue, why=REPLACED,
           made={"FifoQueue": "true", "ContentBasedDeduplication": "true"},
           changed={"ContentBasedDeduplication": "false", "DeduplicationScope": "messageGroup",
                    "FifoThroughputLimit": "perMessageGroupId", "RedriveAllowPolicy": {"redrivePermission": "denyAll"}},
           otherwise={"DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"}),
    Record(type="AWS::SNS::Topic", made={"FifoTopic": "true"}, read=_topic, why=REPLACED,
           changed={"ContentBasedDeduplication": "true", "SignatureVersion": "2", "TracingConfig": "Active"},
           otherwise={"ContentBasedDeduplication": False, "SignatureVersion": "1", "TracingConfig": "PassThrough"}),
    Record(type="AWS::Events::Rule", made={"ScheduleExpression": "rate(1 hour)"}, read=_rule, why=REPLACED,
           changed={"ScheduleExpression": "cron(0 3 * * ? *)", "State": "DISABLED"}, otherwise={"State": "ENABLED"}),
    Record(type="AWS::Lambda::Function", made=FUNCTION["Properties"], read=_function, why=REPLACED,
           changed={"DeadLetterConfig": {"TargetArn": get("Q")}, "KmsKeyArn": get("K")},
           around={"R": RUNS, "Q": QUEUE, "K": KEY}),
    Record(type="AWS::Lambda::EventSourceMapping", read=_mapping, why=REPLACED,
           made={"FunctionName": ref("F"), "EventSourceArn": get("S"), "StartingPosition": "LATEST",
                 "MaximumRetryAttempts": 3, "MaximumRecordAgeInSeconds": 900, "ParallelizationFactor": 1},
           changed={"ParallelizationFactor": "2", "MaximumRetryAttempts": "5", "MaximumRecordAgeInSeconds": 60},
           otherwise={"MaximumBatchingWindowInSeconds": 0},
           around={"R": RUNS, "F": FUNCTION, "S": STREAM}),
    Record(type="AWS::StepFunctions::StateMachine", read=_machine,
           made={"DefinitionString": json.dumps(MACHINE), "RoleArn": get("R")},
           changed={"LoggingConfiguration": {"Level": "ALL", "IncludeExecutionData": "true", "Destinations": [
               {"CloudWatchLogsLogGroup": {"LogGroupArn": get("G")}}]}},
           replaced={"StateMachineType": "EXPRESS"},
           otherwise={"StateMachineType": "STANDARD",
                      "LoggingConfiguration": {"Level": "OFF", "IncludeExecutionData": False}},
           around={"R": role("states", "logs:*"), "G": LOGS}),
    Record(type="AWS::ECS::TaskDefinition", read=_task, why="all but its tags replaces it",
           made={"Family": "one", "Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc",
                 "RequiresCompatibilities": ["FARGATE"], "TaskRoleArn": get("R"), "ExecutionRoleArn": get("R"),
                 "ContainerDefinitions": [CONTAINER]},
           replaced={"Cpu": "512", "Memory": "1024", "RuntimePlatform": {"CpuArchitecture": "ARM64",
                                                                         "OperatingSystemFamily": "LINUX"}},
           around={"R": role("ecs-tasks")}),
    Record(type="AWS::ECS::Service", read=_service, why=REPLACED,
           made={"Cluster": ref("C"), "TaskDefinition": ref("D"), "DesiredCount": 0,
                 "DeploymentConfiguration": {"MaximumPercent": 200, "MinimumHealthyPercent": 100}},
           changed={"DeploymentConfiguration": {"MaximumPercent": "150", "MinimumHealthyPercent": 50},
                    "PropagateTags": "SERVICE"},
           otherwise={"PropagateTags": "NONE"},
           around={"C": resource("AWS::ECS::Cluster"),
                   "D": resource("AWS::ECS::TaskDefinition", ContainerDefinitions=[CONTAINER])}),
    Record(type="AWS::CloudWatch::Alarm", read=_alarm, why=REPLACED,
           made={"MetricName": "Errors", "Namespace": "AWS/Lambda", "ExtendedStatistic": "p90", "Period": 60,
                 "EvaluationPeriods": 3, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1},
           changed={"DatapointsToAlarm": "2", "OKActions": [ref("T")], "InsufficientDataActions": [ref("T")],
                    "Unit": "Count", "ExtendedStatistic": "p99"}, around={"T": TOPIC}),
    Record(type="AWS::CodeBuild::Project", read=_project, why=REPLACED,
           made={"ServiceRole": get("R"), "Artifacts": {"Type": "NO_ARTIFACTS"}, "Environment": ENVIRONMENT,
                 "Source": {"Type": "NO_SOURCE", "BuildSpec": "version: 0.2"}},
           changed={"LogsConfig": {"CloudWatchLogs": {"Status": "ENABLED", "GroupName": ref("G")}},
                    "SecondarySources": [{"Type": "S3", "SourceIdentifier": "more", "Location": "bucket/more.zip"}]},
           otherwise={"LogsConfig": {"CloudWatchLogs": {"Status": "ENABLED"}}},
           around={"R": role("codebuild"), "G": LOGS}),
    Record(type="AWS::ApiGateway::Method", read=_method, why=REPLACED,
           made={"RestApiId": ref("A"), "ResourceId": get("A", "RootResourceId"), "HttpMethod": "GET",
                 "AuthorizationType": "NONE", "Integration": {"Type": "MOCK"}},
           changed={"MethodResponses": [{"StatusCode": "200"}, {"StatusCode": "404"}], "RequestValidatorId": ref("W")},
           around={"A": API, "W": resource("AWS::ApiGateway::RequestValidator", RestApiId=ref("A"),
                                           ValidateRequestBody=True)}),
)  # fmt: skip
