"""What a service says a resource is now, in the words of its CloudFormation type.

One reader a type, which asks the service's own API with the caller's rights, and gives the properties named beside it
as far as they are set. A type without a reader isn't checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.cloudformation.resources.handler import Context, Props, pick, words

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """`names`: the properties of which `read` speaks; one that isn't set is left out of its answer."""

    names: frozenset[str]
    read: Callable[[Context, str, Props], Shown]


def reader_of(kind: str) -> Reader | None:
    return _READERS.get(kind)


def _if_there(ask: Callable[[], Any], *codes: str) -> Any:
    """The answer, or an empty mapping where the service says that this part isn't set."""
    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise
        return {}


def _set(values: Mapping[str, Any]) -> Shown:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _parameter(ctx: Context, name: str, _: Props) -> Shown:
    ssm = ctx.client("ssm")
    held = ssm.get_parameter(Name=name)["Parameter"]
    about = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"]
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    more = pick(about[0], "Description Tier AllowedPattern DataType") if about else {}
    return _set({**pick(held, "Name Type Value"), **more, "Tags": tags})


def _topic(ctx: Context, arn: str, _: Props) -> Shown:
    sns = ctx.client("sns")
    held = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    tags = sns.list_tags_for_resource(ResourceArn=arn)["Tags"]
    names = "DisplayName KmsMasterKeyId FifoTopic ContentBasedDeduplication"
    return _set({**pick(held, names), "TopicName": arn.rpartition(":")[2], "Tags": tags})


_QUEUE = (
    "DelaySeconds MaximumMessageSize MessageRetentionPeriod ReceiveMessageWaitTimeSeconds VisibilityTimeout "
    "RedrivePolicy KmsMasterKeyId FifoQueue ContentBasedDeduplication SqsManagedSseEnabled"
)


def _queue(ctx: Context, url: str, _: Props) -> Shown:
    sqs = ctx.client("sqs")
    held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    tags = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
    return _set({**pick(held, _QUEUE), "QueueName": url.rpartition("/")[2], "Tags": tags})


def _role(ctx: Context, name: str, _: Props) -> Shown:
    iam = ctx.client("iam")
    role = iam.get_role(RoleName=name)["Role"]
    inline = [
        {"PolicyName": one, "PolicyDocument": iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]}
        for one in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    boundary = (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    return _set({
        **pick(role, "RoleName Path AssumeRolePolicyDocument Description MaxSessionDuration Tags"), "Policies": inline,
        "ManagedPolicyArns": [one["PolicyArn"] for one in attached], "PermissionsBoundary": boundary,
    })  # fmt: skip


def _managed_policy(ctx: Context, arn: str, _: Props) -> Shown:
    iam = ctx.client("iam")
    held = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=held["DefaultVersionId"])["PolicyVersion"]
    return _set({**pick(held, "Path Description"), "ManagedPolicyName": held["PolicyName"],
                 "PolicyDocument": version["Document"]})  # fmt: skip


def _log_group(ctx: Context, name: str, _: Props) -> Shown:
    groups = ctx.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    for group in groups:
        if group["logGroupName"] == name:
            return _set({
                "LogGroupName": name, "RetentionInDays": group.get("retentionInDays"),
                "KmsKeyId": group.get("kmsKeyId"),
            })  # fmt: skip
    raise _gone("ResourceNotFoundException")


def _key(ctx: Context, key: str, _: Props) -> Shown:
    kms = ctx.client("kms")
    held = kms.describe_key(KeyId=key)["KeyMetadata"]
    if held["KeyState"] == "PendingDeletion":
        raise _gone("NotFoundException")
    rotation = kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    tags = [{"Key": t["TagKey"], "Value": t["TagValue"]} for t in kms.list_resource_tags(KeyId=key)["Tags"]]
    return _set({**pick(held, "Description Enabled KeySpec KeyUsage"), "EnableKeyRotation": rotation,
                 "KeyPolicy": policy, "Tags": tags})  # fmt: skip


def _bucket(ctx: Context, name: str, _: Props) -> Shown:
    s3 = ctx.client("s3")
    s3.head_bucket(Bucket=name)
    block = _if_there(lambda: s3.get_public_access_block(Bucket=name), "NoSuchPublicAccessBlockConfiguration")
    versions = pick(s3.get_bucket_versioning(Bucket=name), "Status")
    secret = _if_there(lambda: s3.get_bucket_encryption(Bucket=name), "ServerSideEncryptionConfigurationNotFoundError")
    # S3 calls the default of a rule otherwise than CloudFormation does.
    rules = [
        {("ServerSideEncryptionByDefault" if name.startswith("Apply") else name): value for name, value in rule.items()}
        for rule in secret.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    ]
    tags = _if_there(lambda: s3.get_bucket_tagging(Bucket=name), "NoSuchTagSet")
    return _set({
        "BucketName": name, "VersioningConfiguration": versions, "Tags": tags.get("TagSet"),
        "PublicAccessBlockConfiguration": block.get("PublicAccessBlockConfiguration"),
        "BucketEncryption": {"ServerSideEncryptionConfiguration": rules} if rules else None,
    })  # fmt: skip


def _rule(ctx: Context, rule: str, _: Props) -> Shown:
    bus, name = rule.rpartition("|")[::2]
    held = ctx.client("events").describe_rule(Name=name, **({"EventBusName": bus} if bus else {}))
    return _set(pick(held, "Name Description EventPattern ScheduleExpression State RoleArn"))


def _repository(ctx: Context, _: str, props: Props) -> Shown:
    name = str(props["RepositoryName"])
    held = ctx.client("codecommit").get_repository(repositoryName=name)["repositoryMetadata"]
    return _set({"RepositoryName": name, "RepositoryDescription": held.get("repositoryDescription")})


def _bucket_policy(ctx: Context, _: str, props: Props) -> Shown:
    name = str(props["Bucket"])
    return {"Bucket": name, "PolicyDocument": ctx.client("s3").get_bucket_policy(Bucket=name)["Policy"]}


def _function(ctx: Context, name: str, _: Props) -> Shown:
    held = ctx.client("lambda").get_function_configuration(FunctionName=name)
    variables = {"Variables": held["Environment"]["Variables"]} if held.get("Environment") else None
    names = "FunctionName Handler Runtime MemorySize Timeout Role Description PackageType Architectures"
    return _set({**pick(held, names), "Environment": variables})


def _gone(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "it is gone"}}, "Describe")


_READERS: Mapping[str, Reader] = {
    "AWS::CodeCommit::Repository": Reader(words("RepositoryName RepositoryDescription"), _repository),
    "AWS::Events::Rule": Reader(words("Name Description EventPattern ScheduleExpression State RoleArn"), _rule),
    "AWS::IAM::ManagedPolicy": Reader(words("ManagedPolicyName Path Description PolicyDocument"), _managed_policy),
    "AWS::IAM::Role": Reader(
        words("RoleName Path AssumeRolePolicyDocument Description MaxSessionDuration Tags Policies ManagedPolicyArns "
              "PermissionsBoundary"), _role),
    "AWS::KMS::Key": Reader(
        words("Description Enabled KeySpec KeyUsage EnableKeyRotation KeyPolicy Tags"), _key),
    "AWS::Lambda::Function": Reader(
        words("FunctionName Handler Runtime MemorySize Timeout Role Description PackageType Architectures "
              "Environment"), _function),
    "AWS::Logs::LogGroup": Reader(words("LogGroupName RetentionInDays KmsKeyId"), _log_group),
    "AWS::S3::Bucket": Reader(
        words("BucketName VersioningConfiguration PublicAccessBlockConfiguration BucketEncryption Tags"), _bucket),
    "AWS::S3::BucketPolicy": Reader(words("Bucket PolicyDocument"), _bucket_policy),
    "AWS::SNS::Topic": Reader(
        words("TopicName DisplayName KmsMasterKeyId FifoTopic ContentBasedDeduplication Tags"), _topic),
    "AWS::SQS::Queue": Reader(words(f"QueueName Tags {_QUEUE}"), _queue),
    "AWS::SSM::Parameter": Reader(
        words("Name Type Value Description Tier AllowedPattern DataType Tags"), _parameter),
}  # fmt: skip
