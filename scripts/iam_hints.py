"""What a person must tell the builder of data/calls: names that differ between models and the reference.

Sources: the Service Authorization Reference's pages per service, and each service's API reference.
"""

from __future__ import annotations

SERVICES = (
    "sts", "iam", "s3", "kms", "cloudformation", "codecommit", "codebuild", "codepipeline", "lambda", "apigateway",
    "apigatewayv2", "events", "logs", "ssm", "sns", "sqs", "secretsmanager", "ecr", "ecs", "dynamodb", "stepfunctions",
    "scheduler", "cloudwatch", "ec2", "rds", "elasticache", "opensearch", "organizations",
)
"""botocore's names."""

PREFIXES = {"stepfunctions": "states", "opensearch": "es", "apigatewayv2": "apigateway"}
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
}
"""Service -> placeholder of an ARN (or `type:placeholder`) -> parameters that fill it, in order; `=x` a default, `:kind`
a kind of fill.py."""

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
}
"""The action that tags given at creation need besides (each service's guide, "tagging")."""

PASS_ROLE: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "cloudformation": dict.fromkeys(
        ("CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet", "ContinueUpdateRollback", "RollbackStack"),
        (("RoleARN", "cloudformation.amazonaws.com"),),
    )
    | dict.fromkeys(
        ("CreateStackSet", "UpdateStackSet"), (("AdministrationRoleARN", "cloudformation.amazonaws.com"),)
    ),
    "codebuild": dict.fromkeys(("CreateProject", "UpdateProject"), (("serviceRole", "codebuild.amazonaws.com"), ("buildBatchConfig.serviceRole", "codebuild.amazonaws.com"))) | dict.fromkeys(("StartBuild", "StartBuildBatch"), (("serviceRoleOverride", "codebuild.amazonaws.com"),)),
    "codepipeline": dict.fromkeys(("CreatePipeline", "UpdatePipeline"), (("pipeline.roleArn", "codepipeline.amazonaws.com"),)),
    "logs": dict.fromkeys(("PutSubscriptionFilter", "PutDestination"), (("roleArn", "logs.amazonaws.com"),)),
}
"""Operation -> parameter that holds a role's ARN, service that gets it."""
