"""What a person must tell the builder of data/calls: names that differ between models and the reference.

Sources: the Service Authorization Reference's pages per service, and each service's API reference.
"""

from __future__ import annotations

SERVICES = (
    "sts", "iam", "s3", "kms", "cloudformation", "codecommit", "codebuild", "codepipeline", "lambda", "apigateway",
    "apigatewayv2", "events", "logs", "ssm", "sns", "sqs", "secretsmanager", "ecr", "ecs", "dynamodb", "stepfunctions",
    "scheduler", "cloudwatch", "ec2", "rds", "elasticache", "opensearch", "organizations", "es", "kinesis", "elbv2",
    "autoscaling", "application-autoscaling", "route53", "acm", "cloudfront", "wafv2", "efs", "appconfig", "batch",
    "codedeploy", "backup", "config", "cloudtrail", "servicediscovery", "sesv2", "ses", "synthetics",
    "resource-groups", "cognito-identity", "firehose", "dynamodbstreams", "elasticbeanstalk", "appsync",
    "codestar-connections", "codeconnections", "codestar-notifications", "pipes", "cognito-idp",
)
"""botocore's names."""

PREFIXES = {
    "stepfunctions": "states", "opensearch": "es", "apigatewayv2": "apigateway", "elbv2": "elasticloadbalancing",
    "efs": "elasticfilesystem", "sesv2": "ses", "dynamodbstreams": "dynamodb",
}
"""IAM's prefix where it is another."""

HINTS: dict[str, dict[str, tuple[str, ...]]] = {
    "iam": {
        "RoleNameWithPath": ("RoleName", ":role"),
        "UserNameWithPath": ("UserName", ":user"),
        "GroupNameWithPath": ("GroupName", ":group"),
        "InstanceProfileNameWithPath": ("InstanceProfileName", ":instance-profile"),
        "CertificateNameWithPath": ("ServerCertificateName", ":server-certificate"),
        "SamlProviderName": ("Name",),
        "MfaTokenIdWithPath": ("VirtualMFADeviceName",),
    },
    "kms": {"KeyId": ("KeyId", "CustomKeyStoreId", ":key")},
    "cloudformation": {"StackName": ("StackName", ":stack"), "StackSetName": ("StackSetName", ":stackset")},
    "codebuild": {"FleetName": ("name",)},
    "codepipeline": {
        "Owner": ("=Custom",),
        "action:PipelineName": ("pipelineName",),
        "stage:PipelineName": ("pipelineName",),
        "pipeline:PipelineName": ("pipelineName", "name", "pipeline.name", "webhook.targetPipeline"),
        "WebhookName": ("webhookName", "name", "webhook.name"),
    },
    "lambda": {"function:FunctionName": ("FunctionName", ":function"), "UUID": ("UUID",)},
    "logs": {
        "LogGroupName": ("logGroupName", "logGroupNames[]", "logGroupIdentifier", "logGroupIdentifiers[]",
                         "logGroupArnList[]", ":log-group"),
        "delivery:DeliveryName": ("id",),
        "delivery-destination:DeliveryDestinationName": ("name", "deliveryDestinationName"),
        "delivery-source:DeliverySourceName": ("name", "deliverySourceName"),
        "ScheduledQueryId": ("identifier",),
    },
    "ssm": {
        "ParameterNameWithoutLeadingSlash": ("Name", "Names[]", "Path", ":parameter"),
        "DocumentName": ("DocumentName", "Name"),
        "maintenancewindow:ResourceId": ("WindowId",),
        "windowtarget:WindowTargetId": ("WindowTargetId",),
        "windowtask:WindowTaskId": ("WindowTaskId",),
        "opsitem:ResourceId": ("OpsItemId",),
        "opsmetadata:ResourceId": ("OpsMetadataArn",),
        "servicesetting:ResourceId": ("SettingId",),
        "PatchBaselineIdResourceId": ("BaselineId",),
        "SyncName": ("SyncName",),
    },
    "sns": {"TopicName": ("TopicArn", "Name", "ResourceArn")},
    "sqs": {"QueueName": ("QueueUrl", "QueueName", ":queue")},
    "secretsmanager": {"SecretId": ("SecretId", "Name", ":secret")},
    "ecs": {
        "ClusterName": ("cluster", "clusterName", "clusters[]", "=default"),
        "service:ServiceName": ("service", "serviceName", "services[]"),
        "task-set:ServiceName": ("service",),
        "TaskId": ("task", "tasks[]"),
        "ContainerInstanceId": ("containerInstance", "containerInstances[]"),
        "TaskSetId": ("taskSet", "taskSets[]"),
        "CapacityProviderName": ("capacityProvider", "capacityProviders[]", "name"),
        "task-definition:TaskDefinitionFamilyName": ("taskDefinition", "taskDefinitions[]", "family",
                                                     ":task-definition"),
    },
    "ec2": {
        "SecurityGroupId": ("GroupId", "SecurityGroupId", "SecurityGroupIds[]", "Groups[]"),
        "PrefixListId": ("PrefixListId",),
        "AllocationId": ("AllocationId",),
    },
    "dynamodb": {"table:TableName": ("TableName", "TargetTableName", "TableCreationParameters.TableName")},
    "scheduler": {"schedule:GroupName": ("GroupName", "=default")},
    "cloudwatch": {"InsightRuleName": ("RuleName", "RuleNames[]")},
    "rds": {
        "DbClusterInstanceName": ("DBClusterIdentifier",),
        "DbInstanceName": ("DBInstanceIdentifier", "TargetDBInstanceIdentifier"),
        "ClusterParameterGroupName": ("DBClusterParameterGroupName", "TargetDBClusterParameterGroupIdentifier"),
        "pg:ParameterGroupName": ("DBParameterGroupName", "TargetDBParameterGroupIdentifier"),
        "snapshot:SnapshotName": ("DBSnapshotIdentifier", "TargetDBSnapshotIdentifier"),
        "ClusterSnapshotName": ("DBClusterSnapshotIdentifier", "TargetDBClusterSnapshotIdentifier"),
        "subgrp:SubnetGroupName": ("DBSubnetGroupName",),
        "secgrp:SecurityGroupName": ("DBSecurityGroupName",),
        "og:OptionGroupName": ("OptionGroupName", "TargetOptionGroupIdentifier"),
        "DbClusterEndpoint": ("DBClusterEndpointIdentifier",),
        "GlobalCluster": ("GlobalClusterIdentifier",),
    },
    "cloudfront": {"distribution:DistributionId": ("Id", "DistributionId")},
    "efs": {"FileSystemId": ("FileSystemId", "ResourceId"), "AccessPointId": ("AccessPointId", "ResourceId")},
    "servicediscovery": {"namespace:NamespaceId": ("Id", "NamespaceId"), "service:ServiceId": ("Id", "ServiceId")},
    "sesv2": {"IdentityName": ("EmailIdentity",)},
    "batch": {"ComputeEnvironmentName": ("computeEnvironment", "computeEnvironmentName"),
              "JobQueueName": ("jobQueue", "jobQueueName"),
              "job-definition-revision:JobDefinitionName": ("jobDefinition",)},
    "codedeploy": {"deploymentgroup:DeploymentGroupName": ("deploymentGroupName", "currentDeploymentGroupName")},
    "resource-groups": {"GroupName": ("Group", "GroupName", "Name")},
    "appconfig": {"ApplicationId": ("ApplicationId", "Application")},
    "appsync": {"GraphQLAPIId": ("apiId",)},
}
"""Service -> placeholder of an ARN (or `type:placeholder`) -> parameters that fill it, in order; `=x` is a default,
`:kind` a kind of fill.py."""

SKIPPED_TYPES: dict[str, tuple[str, ...]] = {
    # named by the store, not by the request
    "cloudformation": ("stackset-target", "type", "typehook"),
    "lambda": ("function alias", "function version"),
    "logs": ("anomaly-detector",),
    "ssm": ("managed-instance-inventory",),
}
"""Resource types that the API call does not name, in lower case."""

TAGGED_BY: dict[str, str] = {
    "codecommit": "TagResource",
    "codepipeline": "TagResource",
    "events": "TagResource",
    "logs": "TagResource",
    "ssm": "AddTagsToResource",
    "sns": "TagResource",
    "sqs": "TagQueue",
    "secretsmanager": "TagResource",
    "ecr": "TagResource",
    "ecs": "TagResource",
    "dynamodb": "TagResource",
    "stepfunctions": "TagResource",
    "scheduler": "TagResource",
    "cloudwatch": "TagResource",
    "ec2": "CreateTags",
    "rds": "AddTagsToResource",
    "elasticache": "AddTagsToResource",
    "opensearch": "AddTags",
    "organizations": "TagResource",
    "autoscaling": "CreateOrUpdateTags",
    "elbv2": "AddTags",
    "acm": "AddTagsToCertificate",
    "cloudtrail": "AddTags",
    **dict.fromkeys(("kinesis", "cloudfront", "wafv2", "efs", "appconfig", "batch", "backup", "config", "synthetics",
                     "servicediscovery", "sesv2", "cognito-identity", "appsync", "application-autoscaling"),
                    "TagResource"),
    "resource-groups": "Tag",
    "codedeploy": "AddTagsToOnPremisesInstances",
    "firehose": "TagDeliveryStream",
    "es": "AddTags",
    "elasticbeanstalk": "AddTags",
}
"""The action that tags given at creation need besides (each service's guide, "tagging")."""

CONTEXT: dict[str, dict[str, str]] = {
    "ecs": {
        "ecs:cluster": "arn:${Partition}:ecs:${Region}:${Account}:cluster/{cluster|=default}",
        "ecs:service": "arn:${Partition}:ecs:${Region}:${Account}:service/{cluster|=default}/{service}",
        "ecs:task-definition": "{task-definition:taskDefinition}",
    },
    "secretsmanager": {"secretsmanager:SecretId": "{secret:SecretId}"},
}
"""Condition keys whose value is an ARN where the parameter may be a name."""

HELD: dict[str, dict[str, str]] = {"iam": {"iam:PermissionsBoundary": "{role-boundary:RoleName}"}}
"""Condition keys that tell what the thing called for holds already, where the request itself does not say it (IAM User
Guide, iam:PermissionsBoundary: the policy attached as boundary to the principal that is called for)."""

ONLY_BY_HAND = ("s3",)
"""Services whose API names agree with actions too rarely to derive anything."""

_NEW_ROLE = "which service gets the role is not documented yet"
LEFT_OUT: dict[str, dict[str, str]] = {
    "cloudwatch": {"PutLogAlarm": _NEW_ROLE},
    "kinesis": {"CreateChannel": _NEW_ROLE},
    "logs": dict.fromkeys(("CreateImportTask", "PutIntegration"), _NEW_ROLE),
    "opensearch": {"CreateApplication": _NEW_ROLE},
    "ssm": {"CreateCloudConnector": _NEW_ROLE},
    "ec2": dict.fromkeys(
        ("ReplaceIamInstanceProfileAssociation", "RequestSpotFleet", "RequestSpotInstances", "CreateFleet"),
        "the role passed is the one inside an instance profile",
    ),
    "rds": {"ModifyDBProxyTargetGroup": "a proxy's ARN holds an id, the request its name",
            "RegisterDBProxyTargets": "a proxy's ARN holds an id, the request its name"},
}
"""Operations for which names agree but the result would not be what AWS asks."""
