"""What there is in an account, asked of each service: whether a stack's resources are there, and what is left after it.

One line per resource type: the call that lists them, and where in its answer the physical ids are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import jmespath  # type: ignore[import-untyped]
from botocore import xform_name
from botocore.exceptions import ClientError, EndpointConnectionError, UnknownServiceError

from casework.stage import TOOLS, Stage

LISTS: Mapping[str, tuple[str, str, str]] = {
    "AWS::ApiGateway::RestApi": ("apigateway", "GetRestApis", "items[].id"),
    "AWS::ApiGateway::ApiKey": ("apigateway", "GetApiKeys", "items[].id"),
    "AWS::ApiGateway::UsagePlan": ("apigateway", "GetUsagePlans", "items[].id"),
    "AWS::ApiGateway::VpcLink": ("apigateway", "GetVpcLinks", "items[].id"),
    "AWS::ApiGatewayV2::VpcLink": ("apigatewayv2", "GetVpcLinks", "Items[].VpcLinkId"),
    "AWS::ApiGatewayV2::DomainName": ("apigatewayv2", "GetDomainNames", "Items[].DomainName"),
    "AWS::ApiGateway::DomainName": ("apigateway", "GetDomainNames", "items[].domainName"),
    "AWS::ApiGatewayV2::Api": ("apigatewayv2", "GetApis", "Items[].ApiId"),
    "AWS::AutoScaling::AutoScalingGroup": (
        "autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups[].AutoScalingGroupName"),
    "AWS::AutoScaling::LaunchConfiguration": (
        "autoscaling", "DescribeLaunchConfigurations", "LaunchConfigurations[].LaunchConfigurationName"),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "DescribeAlarms", "MetricAlarms[].AlarmName"),
    "AWS::CloudWatch::Dashboard": ("cloudwatch", "ListDashboards", "DashboardEntries[].DashboardName"),
    "AWS::CodeBuild::Project": ("codebuild", "ListProjects", "projects[]"),
    "AWS::CodeCommit::Repository": ("codecommit", "ListRepositories", "repositories[].repositoryId"),
    "AWS::CodePipeline::Pipeline": ("codepipeline", "ListPipelines", "pipelines[].name"),
    "AWS::Cognito::IdentityPool": ("cognito-identity", "ListIdentityPools", "IdentityPools[].IdentityPoolId"),
    "AWS::Cognito::UserPool": ("cognito-idp", "ListUserPools", "UserPools[].Id"),
    "AWS::DynamoDB::Table": ("dynamodb", "ListTables", "TableNames[]"),
    "AWS::EC2::DHCPOptions": ("ec2", "DescribeDhcpOptions", "DhcpOptions[].DhcpOptionsId"),
    "AWS::EC2::EIP": ("ec2", "DescribeAddresses", "Addresses[].PublicIp"),
    "AWS::EC2::EgressOnlyInternetGateway": (
        "ec2", "DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways[].EgressOnlyInternetGatewayId"),
    "AWS::EC2::FlowLog": ("ec2", "DescribeFlowLogs", "FlowLogs[].FlowLogId"),
    "AWS::EC2::Instance": ("ec2", "DescribeInstances",
                           "Reservations[].Instances[?State.Name!='terminated'][].InstanceId"),
    "AWS::EC2::InternetGateway": ("ec2", "DescribeInternetGateways", "InternetGateways[].InternetGatewayId"),
    "AWS::EC2::KeyPair": ("ec2", "DescribeKeyPairs", "KeyPairs[].KeyName"),
    "AWS::EC2::LaunchTemplate": ("ec2", "DescribeLaunchTemplates", "LaunchTemplates[].LaunchTemplateId"),
    "AWS::EC2::NatGateway": ("ec2", "DescribeNatGateways", "NatGateways[?State!='deleted'].NatGatewayId"),
    "AWS::EC2::NetworkAcl": ("ec2", "DescribeNetworkAcls", "NetworkAcls[].NetworkAclId"),
    "AWS::EC2::NetworkInterface": (
        "ec2", "DescribeNetworkInterfaces", "NetworkInterfaces[].NetworkInterfaceId"),
    "AWS::EC2::RouteTable": ("ec2", "DescribeRouteTables", "RouteTables[].RouteTableId"),
    "AWS::EC2::SecurityGroup": ("ec2", "DescribeSecurityGroups", "SecurityGroups[].GroupId"),
    "AWS::EC2::Subnet": ("ec2", "DescribeSubnets", "Subnets[].SubnetId"),
    "AWS::EC2::SubnetRouteTableAssociation": (
        "ec2", "DescribeRouteTables", "RouteTables[].Associations[].RouteTableAssociationId"),
    "AWS::EC2::VPC": ("ec2", "DescribeVpcs", "Vpcs[].VpcId"),
    "AWS::EC2::VPCEndpoint": ("ec2", "DescribeVpcEndpoints", "VpcEndpoints[?State!='deleted'].VpcEndpointId"),
    "AWS::ECR::Repository": ("ecr", "DescribeRepositories", "repositories[].repositoryName"),
    "AWS::ECS::Cluster": ("ecs", "ListClusters", "clusterArns[]"),
    "AWS::ECS::TaskDefinition": ("ecs", "ListTaskDefinitions", "taskDefinitionArns[]"),
    "AWS::EFS::FileSystem": ("efs", "DescribeFileSystems", "FileSystems[].FileSystemId"),
    "AWS::ElastiCache::CacheCluster": ("elasticache", "DescribeCacheClusters", "CacheClusters[].CacheClusterId"),
    "AWS::ElastiCache::ReplicationGroup": (
        "elasticache", "DescribeReplicationGroups", "ReplicationGroups[].ReplicationGroupId"),
    "AWS::ElastiCache::SubnetGroup": (
        "elasticache", "DescribeCacheSubnetGroups", "CacheSubnetGroups[].CacheSubnetGroupName"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (
        "elbv2", "DescribeLoadBalancers", "LoadBalancers[].LoadBalancerArn"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("elbv2", "DescribeTargetGroups", "TargetGroups[].TargetGroupArn"),
    "AWS::Events::ApiDestination": ("events", "ListApiDestinations", "ApiDestinations[].Name"),
    "AWS::Events::Connection": ("events", "ListConnections", "Connections[].Name"),
    "AWS::Pipes::Pipe": ("pipes", "ListPipes", "Pipes[].Name"),
    "AWS::Events::EventBus": ("events", "ListEventBuses", "EventBuses[].Name"),
    "AWS::Events::Rule": ("events", "ListRules", "Rules[].Name"),
    "AWS::IAM::Group": ("iam", "ListGroups", "Groups[].GroupName"),
    "AWS::IAM::InstanceProfile": ("iam", "ListInstanceProfiles", "InstanceProfiles[].InstanceProfileName"),
    "AWS::IAM::ManagedPolicy": ("iam", "ListPolicies", "Policies[].Arn"),
    "AWS::IAM::Role": ("iam", "ListRoles", "Roles[].RoleName"),
    "AWS::IAM::User": ("iam", "ListUsers", "Users[].UserName"),
    "AWS::KMS::Alias": ("kms", "ListAliases", "Aliases[?!starts_with(AliasName, 'alias/aws/')].AliasName"),
    "AWS::Kinesis::Stream": ("kinesis", "ListStreams", "StreamNames[]"),
    "AWS::Lambda::EventSourceMapping": ("lambda", "ListEventSourceMappings", "EventSourceMappings[].UUID"),
    "AWS::Lambda::Function": ("lambda", "ListFunctions", "Functions[].FunctionName"),
    "AWS::Lambda::LayerVersion": ("lambda", "ListLayers", "Layers[].LatestMatchingVersion.LayerVersionArn"),
    "AWS::Logs::LogGroup": ("logs", "DescribeLogGroups", "logGroups[].logGroupName"),
    "AWS::Logs::MetricFilter": ("logs", "DescribeMetricFilters", "metricFilters[].filterName"),
    "AWS::RDS::DBCluster": ("rds", "DescribeDBClusters", "DBClusters[].DBClusterIdentifier"),
    "AWS::RDS::DBInstance": ("rds", "DescribeDBInstances", "DBInstances[].DBInstanceIdentifier"),
    "AWS::RDS::DBSubnetGroup": ("rds", "DescribeDBSubnetGroups", "DBSubnetGroups[].DBSubnetGroupName"),
    "AWS::Route53::HostedZone": ("route53", "ListHostedZones", "HostedZones[].Id"),
    "AWS::S3::Bucket": ("s3", "ListBuckets", "Buckets[].Name"),
    "AWS::SNS::Subscription": ("sns", "ListSubscriptions", "Subscriptions[].SubscriptionArn"),
    "AWS::SNS::Topic": ("sns", "ListTopics", "Topics[].TopicArn"),
    "AWS::SQS::Queue": ("sqs", "ListQueues", "QueueUrls[]"),
    "AWS::SSM::Parameter": ("ssm", "DescribeParameters", "Parameters[].Name"),
    "AWS::Scheduler::Schedule": ("scheduler", "ListSchedules", "Schedules[].Name"),
    "AWS::SecretsManager::Secret": ("secretsmanager", "ListSecrets", "SecretList[].ARN"),
    "AWS::StepFunctions::StateMachine": ("stepfunctions", "ListStateMachines", "stateMachines[].stateMachineArn"),
}  # fmt: skip

NAMED = ("AWS::ECS::Cluster",)
"""Types whose list gives ARNs, and whose physical id is the name at their end."""
ONLY = {"AWS::IAM::ManagedPolicy": {"Scope": "Local"}}


def ids(stage: Stage, type_name: str, account: str = TOOLS) -> frozenset[str] | None:
    """The physical ids of all resources of a type; None when nobody here can tell."""
    if type_name not in LISTS:
        return None
    service, operation, path = LISTS[type_name]
    try:
        client = stage.client(service, account)
        call = xform_name(operation)
        given: Mapping[str, Any] = ONLY.get(type_name, {})
        if service.startswith("cognito"):
            given = {"MaxResults": 60}
        if operation == "ListRules":
            buses = [bus["Name"] for bus in client.list_event_buses()["EventBuses"]]
            pages: Iterable[Any] = [client.list_rules(EventBusName=bus) for bus in buses]
        elif operation == "ListClusters":  # a deleted one stays discoverable, as INACTIVE
            arns = client.list_clusters()["clusterArns"]
            held = client.describe_clusters(clusters=arns)["clusters"] if arns else []
            pages = [{"clusterArns": [one["clusterName"] for one in held if one["status"] == "ACTIVE"]}]
        elif client.can_paginate(call):
            pages = client.get_paginator(call).paginate(**given)
        else:
            pages = [getattr(client, call)(**given)]
        found = [str(one).removeprefix("/hostedzone/") for page in pages for one in jmespath.search(path, page) or ()]
        return frozenset(one.rpartition("/")[2] if type_name in NAMED else one for one in found)
    except (ClientError, EndpointConnectionError, UnknownServiceError):
        return None


def missing(stage: Stage, resources: Iterable[Mapping[str, Any]], account: str = TOOLS) -> list[str]:
    """Resources that a stack says it made and that the service doesn't know."""
    found: dict[str, frozenset[str] | None] = {}
    lost = []
    for one in resources:
        kind, physical = one["ResourceType"], str(one.get("PhysicalResourceId", ""))
        if kind not in found:
            found[kind] = ids(stage, kind, account)
        known = found[kind]
        if known is not None and physical not in known and physical.rpartition("|")[2] not in known:
            lost.append(f"{one['LogicalResourceId']} ({kind}): {physical or 'no physical id'}")
    return lost


def everything(stage: Stage, account: str = TOOLS) -> dict[str, frozenset[str]]:
    """All that is listed now, by type."""
    return {kind: found for kind in LISTS if (found := ids(stage, kind, account)) is not None}
