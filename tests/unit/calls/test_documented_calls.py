"""What AWS's documentation says that a call needs, written by hand: not computed from the tables."""

import pytest

from crossdock.iam.calls import asks

SHARED, TARGET = "111111111111", "222222222222"
REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{TARGET}:role/psl-deploy"
KEY = f"arn:aws:kms:{REGION}:{SHARED}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def pairs(service, operation, params, **more):
    found = asks(service, operation, params, account=SHARED, region=REGION, **more)
    return [(ask.action, ask.resource) for ask in found]


def arn(service, resource, account=SHARED, region=REGION):
    return f"arn:aws:{service}:{region}:{account}:{resource}"


# S3 User Guide, using-with-s3-policy-actions; S3 API reference
S3 = [
    ("ListBuckets", {}, [("s3:ListAllMyBuckets", "*")]),
    ("HeadBucket", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
    ("ListObjectsV2", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
    ("ListObjectVersions", {"Bucket": "b"}, [("s3:ListBucketVersions", "arn:aws:s3:::b")]),
    ("ListMultipartUploads", {"Bucket": "b"}, [("s3:ListBucketMultipartUploads", "arn:aws:s3:::b")]),
    ("ListParts", {"Bucket": "b", "Key": "k"}, [("s3:ListMultipartUploadParts", "arn:aws:s3:::b/k")]),
    ("HeadObject", {"Bucket": "b", "Key": "k"}, [("s3:GetObject", "arn:aws:s3:::b/k")]),
    ("GetObject", {"Bucket": "b", "Key": "a/b c"}, [("s3:GetObject", "arn:aws:s3:::b/a/b c")]),
    ("GetObject", {"Bucket": "b", "Key": "k", "VersionId": "v"}, [("s3:GetObjectVersion", "arn:aws:s3:::b/k")]),
    ("UploadPart", {"Bucket": "b", "Key": "k"}, [("s3:PutObject", "arn:aws:s3:::b/k")]),
    ("CreateMultipartUpload", {"Bucket": "b", "Key": "k"}, [("s3:PutObject", "arn:aws:s3:::b/k")]),
    ("CompleteMultipartUpload", {"Bucket": "b", "Key": "k"}, [("s3:PutObject", "arn:aws:s3:::b/k")]),
    ("DeleteObject", {"Bucket": "b", "Key": "k", "VersionId": "v"}, [("s3:DeleteObjectVersion", "arn:aws:s3:::b/k")]),
    ("PutObject", {"Bucket": "b", "Key": "k", "ACL": "bucket-owner-full-control"},
     [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:PutObjectAcl", "arn:aws:s3:::b/k")]),
    ("CopyObject", {"Bucket": "b", "Key": "k", "CopySource": "a/x%20y?versionId=7"},
     [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:GetObjectVersion", "arn:aws:s3:::a/x y")]),
    ("DeleteObjects", {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y", "VersionId": "1"}]}},
     [("s3:DeleteObject", "arn:aws:s3:::b/x"), ("s3:DeleteObjectVersion", "arn:aws:s3:::b/y")]),
    ("PutBucketEncryption", {"Bucket": "b"}, [("s3:PutEncryptionConfiguration", "arn:aws:s3:::b")]),
    ("DeleteBucketEncryption", {"Bucket": "b"}, [("s3:PutEncryptionConfiguration", "arn:aws:s3:::b")]),
    ("PutBucketLifecycleConfiguration", {"Bucket": "b"}, [("s3:PutLifecycleConfiguration", "arn:aws:s3:::b")]),
    ("DeleteBucketLifecycle", {"Bucket": "b"}, [("s3:PutLifecycleConfiguration", "arn:aws:s3:::b")]),
    ("PutPublicAccessBlock", {"Bucket": "b"}, [("s3:PutBucketPublicAccessBlock", "arn:aws:s3:::b")]),
    ("GetBucketCors", {"Bucket": "b"}, [("s3:GetBucketCORS", "arn:aws:s3:::b")]),
    ("PutBucketNotificationConfiguration", {"Bucket": "b"}, [("s3:PutBucketNotification", "arn:aws:s3:::b")]),
    ("DeleteBucketPolicy", {"Bucket": "b"}, [("s3:DeleteBucketPolicy", "arn:aws:s3:::b")]),
]

# KMS Developer Guide, kms-api-permissions-reference
KMS = [
    ("ListKeys", {}, [("kms:ListKeys", "*")]),
    ("ListAliases", {}, [("kms:ListAliases", "*")]),
    ("CreateKey", {}, [("kms:CreateKey", "*")]),
    ("CreateKey", {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
     [("kms:CreateKey", "*"), ("kms:TagResource", arn("kms", "key/*"))]),
    ("Encrypt", {"KeyId": KEY}, [("kms:Encrypt", KEY)]),
    ("Decrypt", {"KeyId": KEY}, [("kms:Decrypt", KEY)]),
    ("DescribeKey", {"KeyId": "abc"}, [("kms:DescribeKey", arn("kms", "key/abc"))]),
    ("ReEncrypt", {"SourceKeyId": KEY, "DestinationKeyId": "abc"},
     [("kms:ReEncryptFrom", KEY), ("kms:ReEncryptTo", arn("kms", "key/abc"))]),
    ("CreateAlias", {"AliasName": "alias/x", "TargetKeyId": "abc"},
     [("kms:CreateAlias", arn("kms", "alias/x")), ("kms:CreateAlias", arn("kms", "key/abc"))]),
]

# The delivery platform: CodePipeline User Guide (how-to-custom-role, action-reference-*), CodeBuild User Guide
# (setting-up, auth-and-access-control-permissions-reference), CodeCommit User Guide, CloudFormation API reference
DELIVERY = [
    ("codecommit", "GetBranch", {"repositoryName": "r", "branchName": "m"},
     [("codecommit:GetBranch", arn("codecommit", "r"))]),
    ("codecommit", "ListRepositories", {}, [("codecommit:ListRepositories", "*")]),
    ("codecommit", "MergePullRequestByFastForward", {"pullRequestId": "1", "repositoryName": "r"},
     [("codecommit:MergePullRequestByFastForward", arn("codecommit", "r"))]),
    ("codebuild", "StartBuild", {"projectName": "p"}, [("codebuild:StartBuild", arn("codebuild", "project/p"))]),
    ("codebuild", "BatchGetBuilds", {"ids": ["p:1", "p:2", "q:3"]},
     [("codebuild:BatchGetBuilds", arn("codebuild", "project/p")),
      ("codebuild:BatchGetBuilds", arn("codebuild", "project/q"))]),
    ("codebuild", "CreateProject", {"name": "p", "serviceRole": ROLE},
     [("codebuild:CreateProject", arn("codebuild", "project/p")), ("iam:PassRole", ROLE)]),
    ("codepipeline", "StartPipelineExecution", {"name": "p"},
     [("codepipeline:StartPipelineExecution", arn("codepipeline", "p"))]),
    ("codepipeline", "PutApprovalResult", {"pipelineName": "p", "stageName": "s", "actionName": "a"},
     [("codepipeline:PutApprovalResult", arn("codepipeline", "p/s/a"))]),
    ("codepipeline", "RetryStageExecution", {"pipelineName": "p", "stageName": "s"},
     [("codepipeline:RetryStageExecution", arn("codepipeline", "p/s"))]),
    ("codepipeline", "PutJobSuccessResult", {"jobId": "1"}, [("codepipeline:PutJobSuccessResult", "*")]),
    ("codepipeline", "CreatePipeline", {"pipeline": {"name": "p", "roleArn": ROLE}},
     [("codepipeline:CreatePipeline", arn("codepipeline", "p")), ("iam:PassRole", ROLE)]),
    ("cloudformation", "ValidateTemplate", {}, [("cloudformation:ValidateTemplate", "*")]),
    ("cloudformation", "CreateChangeSet", {"StackName": "s", "ChangeSetName": "c", "RoleARN": ROLE},
     [("cloudformation:CreateChangeSet", arn("cloudformation", "stack/s/*")), ("iam:PassRole", ROLE)]),
    ("cloudformation", "ExecuteChangeSet", {"StackName": "s", "ChangeSetName": "c"},
     [("cloudformation:ExecuteChangeSet", arn("cloudformation", "stack/s/*"))]),
    ("cloudformation", "DescribeStacks", {"StackName": arn("cloudformation", "stack/s/id")},
     [("cloudformation:DescribeStacks", arn("cloudformation", "stack/s/id"))]),
    ("cloudformation", "DescribeStacks", {},
     [("cloudformation:DescribeStacks", "*"), ("cloudformation:ListStacks", "*")]),
    ("cloudformation", "CreateStackInstances", {"StackSetName": "s", "Regions": [REGION]},
     [("cloudformation:CreateStackInstances", arn("cloudformation", "stackset/s:*"))]),
    ("logs", "CreateLogStream", {"logGroupName": "/aws/codebuild/p", "logStreamName": "s"},
     [("logs:CreateLogStream", arn("logs", "log-group:/aws/codebuild/p:log-stream:s"))]),
    ("logs", "DescribeLogGroups", {}, [("logs:DescribeLogGroups", "*")]),
    ("ecr", "GetAuthorizationToken", {}, [("ecr:GetAuthorizationToken", "*")]),
    ("ecr", "BatchGetImage", {"registryId": TARGET, "repositoryName": "team/app"},
     [("ecr:BatchGetImage", arn("ecr", "repository/team/app", TARGET))]),
    ("ssm", "GetParameters", {"Names": ["/a/b", "c"]},
     [("ssm:GetParameters", arn("ssm", "parameter/a/b")), ("ssm:GetParameters", arn("ssm", "parameter/c"))]),
    ("sns", "Publish", {"TopicArn": arn("sns", "t")}, [("sns:Publish", arn("sns", "t"))]),
    ("ecs", "UpdateService", {"cluster": "c", "service": "s"}, [("ecs:UpdateService", arn("ecs", "service/c/s"))]),
    ("ecs", "RegisterTaskDefinition", {"family": "f", "taskRoleArn": ROLE},
     [("ecs:RegisterTaskDefinition", arn("ecs", "task-definition/f:*")), ("iam:PassRole", ROLE)]),
]

# IAM User Guide and API references of the services
OTHERS = [
    ("sts", "AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "s"}, [("sts:AssumeRole", ROLE)]),
    ("sts", "GetCallerIdentity", {}, []),
    ("iam", "CreateRole", {"RoleName": "r", "Path": "/team/"},
     [("iam:CreateRole", f"arn:aws:iam::{SHARED}:role/team/r")]),
    ("iam", "PutRolePolicy", {"RoleName": "r"}, [("iam:PutRolePolicy", f"arn:aws:iam::{SHARED}:role/r")]),
    ("iam", "ListRoles", {}, [("iam:ListRoles", "*")]),
    ("lambda", "Invoke", {"FunctionName": "f"}, [("lambda:InvokeFunction", arn("lambda", "function:f"))]),
    ("lambda", "Invoke", {"FunctionName": "f", "Qualifier": "live"},
     [("lambda:InvokeFunction", arn("lambda", "function:f:live"))]),
    ("lambda", "Invoke", {"FunctionName": f"{TARGET}:function:f:2"},
     [("lambda:InvokeFunction", arn("lambda", "function:f:2", TARGET))]),
    ("lambda", "CreateFunction", {"FunctionName": "f", "Role": ROLE, "Layers": [arn("lambda", "layer:l:3", TARGET)]},
     [("lambda:CreateFunction", arn("lambda", "function:f")), ("iam:PassRole", ROLE),
      ("lambda:GetLayerVersion", arn("lambda", "layer:l:3", TARGET))]),
    ("apigateway", "CreateRestApi", {"name": "n"}, [("apigateway:POST", f"arn:aws:apigateway:{REGION}::/restapis")]),
    ("apigateway", "PutMethod", {"restApiId": "a", "resourceId": "r", "httpMethod": "GET"},
     [("apigateway:PUT", f"arn:aws:apigateway:{REGION}::/restapis/a/resources/r/methods/GET")]),
    ("apigateway", "UpdateStage", {"restApiId": "a", "stageName": "Prod"},
     [("apigateway:PATCH", f"arn:aws:apigateway:{REGION}::/restapis/a/stages/Prod")]),
    ("apigatewayv2", "CreateRoute", {"ApiId": "a"},
     [("apigateway:POST", f"arn:aws:apigateway:{REGION}::/apis/a/routes")]),
    ("events", "PutRule", {"Name": "r"}, [("events:PutRule", arn("events", "rule/r"))]),
    ("events", "PutRule", {"Name": "r", "EventBusName": "b"}, [("events:PutRule", arn("events", "rule/b/r"))]),
    ("events", "PutTargets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": KEY, "RoleArn": ROLE}]},
     [("events:PutTargets", arn("events", "rule/r")), ("iam:PassRole", ROLE)]),
    ("events", "PutEvents", {"Entries": [{"Source": "s"}, {"EventBusName": arn("events", "event-bus/b", TARGET)}]},
     [("events:PutEvents", arn("events", "event-bus/default")),
      ("events:PutEvents", arn("events", "event-bus/b", TARGET))]),
    ("sqs", "SendMessageBatch", {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{TARGET}/q"},
     [("sqs:SendMessage", arn("sqs", "q", TARGET))]),
    ("secretsmanager", "CreateSecret", {"Name": "db/main"},
     [("secretsmanager:CreateSecret", arn("secretsmanager", "secret:db/main-??????"))]),
    ("dynamodb", "Query", {"TableName": "t", "IndexName": "i"},
     [("dynamodb:Query", arn("dynamodb", "table/t/index/i"))]),
    ("dynamodb", "BatchWriteItem", {"RequestItems": {"t": [], "u": []}},
     [("dynamodb:BatchWriteItem", arn("dynamodb", "table/t")),
      ("dynamodb:BatchWriteItem", arn("dynamodb", "table/u"))]),
    ("dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "t"}}, {"Delete": {"TableName": "u"}}]},
     [("dynamodb:PutItem", arn("dynamodb", "table/t")), ("dynamodb:DeleteItem", arn("dynamodb", "table/u"))]),
    ("scheduler", "CreateSchedule", {"Name": "s", "Target": {"RoleArn": ROLE}},
     [("scheduler:CreateSchedule", arn("scheduler", "schedule/default/s")), ("iam:PassRole", ROLE)]),
    ("ec2", "CreateSubnet", {"VpcId": "vpc-1"},
     [("ec2:CreateSubnet", arn("ec2", "subnet/*")), ("ec2:CreateSubnet", arn("ec2", "vpc/vpc-1"))]),
    ("ec2", "CreateTags", {"Resources": ["vpc-1", "igw-2"], "Tags": [{"Key": "a", "Value": "b"}]},
     [("ec2:CreateTags", arn("ec2", "vpc/vpc-1")), ("ec2:CreateTags", arn("ec2", "internet-gateway/igw-2"))]),
    ("stepfunctions", "StartExecution", {"stateMachineArn": arn("states", "stateMachine:m")},
     [("states:StartExecution", arn("states", "stateMachine:m"))]),
]


@pytest.mark.parametrize(("operation", "params", "needed"), S3)
def test_s3_calls_need_what_its_guide_says(operation, params, needed):
    assert pairs("s3", operation, params) == needed


@pytest.mark.parametrize(("operation", "params", "needed"), KMS)
def test_kms_calls_need_what_its_guide_says(operation, params, needed):
    assert pairs("kms", operation, params) == needed


@pytest.mark.parametrize(("service", "operation", "params", "needed"), DELIVERY)
def test_delivery_calls_need_what_their_guides_say(service, operation, params, needed):
    assert pairs(service, operation, params) == needed


@pytest.mark.parametrize(("service", "operation", "params", "needed"), OTHERS)
def test_other_calls_need_what_their_guides_say(service, operation, params, needed):
    assert pairs(service, operation, params) == needed
