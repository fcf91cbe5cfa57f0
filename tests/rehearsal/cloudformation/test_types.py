"""Each type of the core: made, changed in place, replaced, rolled back, deleted; seen through the service's own API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.policies import allow, policy, trust

ACCOUNT = "222222222222"


ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
KEY_POLICY = policy({"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"})
KEY = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": KEY_POLICY}}
BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {}}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust("events.amazonaws.com")}}
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {}}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {}}


@dataclass
class Case:
    """`look` asks the service what it has under a physical id; it raises KeyError or ClientError for nothing."""

    type: str
    first: dict[str, Any]
    second: dict[str, Any]
    look: Callable[[Any, str], Any]
    sees: tuple[Any, Any]
    third: dict[str, Any] | None = None
    around: dict[str, Any] = field(default_factory=dict)


def attributes(account: Any, url: str) -> dict[str, Any]:
    answer = account.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return dict(answer["Attributes"])


def topic(account: Any, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = account.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    return found


def key(account: Any, key_id: str) -> Any:
    kms = account.client("kms")
    found = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        raise KeyError(key_id)
    return found["Description"], kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"]


def alias(account: Any, name: str) -> Any:
    aliases = account.client("kms").list_aliases()["Aliases"]
    target = {a["AliasName"]: a.get("TargetKeyId") for a in aliases}[name]
    return next(logical for logical in ("A", "B") if account.physical(logical) == target)


def bucket(account: Any, name: str) -> Any:
    s3 = account.client("s3")
    rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    return (
        s3.get_bucket_versioning(Bucket=name).get("Status"),
        s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]["BlockPublicAcls"],
        rules[0]["Expiration"]["Days"],
    )


def role(account: Any, name: str) -> Any:
    iam = account.client("iam")
    found = iam.get_role(RoleName=name)["Role"]
    attached = [p["PolicyName"] for p in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
    return found.get("Description", ""), iam.list_role_policies(RoleName=name)["PolicyNames"], attached


def inline(account: Any, _: str) -> Any:
    held = account.client("iam").get_role_policy(RoleName=account.physical("R"), PolicyName="inl")
    return held["PolicyDocument"]["Statement"][0]["Action"]


def managed(account: Any, arn: str) -> Any:
    iam = account.client("iam")
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    held = [r["RoleName"] for r in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]]
    return document["Statement"][0]["Action"], held == [account.physical("R")]


def group(account: Any, name: str) -> Any:
    found = account.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return {g["logGroupName"]: g.get("retentionInDays") for g in found}[name]


def rule(account: Any, name: str) -> Any:
    events = account.client("events")
    found = events.describe_rule(Name=name)
    return found["State"], [t["Id"] for t in events.list_targets_by_rule(Rule=name)["Targets"]]


def subscription(account: Any, arn: str) -> Any:
    return account.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["RawMessageDelivery"]


def repository(account: Any, repository_id: str) -> Any:
    codecommit = account.client("codecommit")
    for held in codecommit.list_repositories()["repositories"]:
        if held["repositoryId"] == repository_id:
            found = codecommit.get_repository(repositoryName=held["repositoryName"])["repositoryMetadata"]
            return found["repositoryName"], found.get("repositoryDescription", "")
    raise KeyError(repository_id)


def project(account: Any, name: str) -> Any:
    found = account.client("codebuild").batch_get_projects(names=[name])["projects"]
    return {p["name"]: (p["timeoutInMinutes"], p["source"]["buildspec"]) for p in found}[name]


def bucket_policy(account: Any, name: str) -> Any:
    return json.loads(account.client("s3").get_bucket_policy(Bucket=name)["Policy"])["Statement"][0]["Action"]


PROJECT = {
    "Name": "build-1", "ServiceRole": {"Fn::GetAtt": ["R", "Arn"]}, "TimeoutInMinutes": "20",
    "Artifacts": {"Type": "CODEPIPELINE"}, "Source": {"Type": "CODEPIPELINE", "BuildSpec": "a.yml"},
    "Environment": {
        "Type": "LINUX_CONTAINER", "ComputeType": "BUILD_GENERAL1_SMALL", "Image": "aws/codebuild/standard:7.0"},
}  # fmt: skip
BUILD_ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust("codebuild.amazonaws.com")}}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
RULE = {"EventPattern": {"source": ["x"]}, "Targets": [{"Id": "q", "Arn": {"Fn::GetAtt": ["Q", "Arn"]}}]}
BLOCK = {"BlockPublicAcls": "true", "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}


def lifecycle(days: int) -> dict[str, Any]:
    return {"LifecycleConfiguration": {"Rules": [{"Id": "r", "Status": "Enabled", "ExpirationInDays": days}]}}


CASES = (
    Case("AWS::KMS::Key", {"KeyPolicy": KEY_POLICY, "Description": "a"},
         {"KeyPolicy": KEY_POLICY, "Description": "b", "EnableKeyRotation": "true"}, key, (("a", False), ("b", True))),
    Case("AWS::KMS::Alias", {"AliasName": "alias/x", "TargetKeyId": {"Ref": "A"}},
         {"AliasName": "alias/x", "TargetKeyId": {"Ref": "B"}}, alias, ("A", "B"),
         {"AliasName": "alias/y", "TargetKeyId": {"Ref": "A"}}, {"A": KEY, "B": KEY}),
    Case("AWS::S3::Bucket",
         {"VersioningConfiguration": {"Status": "Enabled"}, "PublicAccessBlockConfiguration": BLOCK, **lifecycle(3)},
         {"PublicAccessBlockConfiguration": BLOCK, **lifecycle(4)},
         bucket, (("Enabled", True, 3), ("Suspended", True, 4)),
         {"BucketName": "explicitly-named", "PublicAccessBlockConfiguration": BLOCK, **lifecycle(5)}),
    Case("AWS::S3::BucketPolicy",
         {"Bucket": {"Ref": "B"}, "PolicyDocument": policy(
             allow("s3:GetObject", {"Fn::Sub": "${B.Arn}/*"}, Principal=ROOT))},
         {"Bucket": {"Ref": "B"}, "PolicyDocument": policy(
             allow("s3:PutObject", {"Fn::Sub": "${B.Arn}/*"}, Principal=ROOT))},
         bucket_policy, ("s3:GetObject", "s3:PutObject"), None, {"B": BUCKET}),
    Case("AWS::IAM::Role",
         {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com"), "Description": "a",
          "Policies": [{"PolicyName": "p1", "PolicyDocument": policy(allow("s3:GetObject"))}]},
         {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com"), "ManagedPolicyArns": [READ_ONLY],
          "Policies": [{"PolicyName": "p2", "PolicyDocument": policy(allow("s3:GetObject"))}]},
         role, (("a", ["p1"], []), ("", ["p2"], ["ReadOnlyAccess"])),
         {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com"), "Path": "/other/"}),
    Case("AWS::IAM::Policy",
         {"PolicyName": "inl", "PolicyDocument": policy(allow("s3:GetObject")), "Roles": [{"Ref": "R"}]},
         {"PolicyName": "inl", "PolicyDocument": policy(allow("s3:PutObject")), "Roles": [{"Ref": "R"}]},
         inline, ("s3:GetObject", "s3:PutObject"), None, {"R": ROLE}),
    Case("AWS::IAM::ManagedPolicy",
         {"PolicyDocument": policy(allow("s3:GetObject")), "Roles": [{"Ref": "R"}]},
         {"PolicyDocument": policy(allow("s3:PutObject")), "Roles": [{"Ref": "R"}]},
         managed, (("s3:GetObject", True), ("s3:PutObject", True)),
         {"PolicyDocument": policy(allow("s3:PutObject")), "Description": "new"}, {"R": ROLE}),
    Case("AWS::IAM::InstanceProfile", {"Roles": [{"Ref": "R"}]}, {"Roles": [{"Ref": "S"}]},
         lambda account, name: [r["RoleName"] == account.physical("R") for r in account.client(
             "iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]],
         ([True], [False]), {"Path": "/p/", "Roles": [{"Ref": "R"}]}, {"R": ROLE, "S": ROLE}),
    Case("AWS::Logs::LogGroup", {"RetentionInDays": 7}, {"RetentionInDays": "30"}, group, (7, 30),
         {"LogGroupName": "/named", "RetentionInDays": 30}),
    Case("AWS::SSM::Parameter", {"Type": "String", "Value": "a"}, {"Type": "String", "Value": "b"},
         lambda account, name: account.client("ssm").get_parameter(Name=name)["Parameter"]["Value"], ("a", "b"),
         {"Name": "/named", "Type": "String", "Value": "c"}),
    Case("AWS::SNS::Topic", {"DisplayName": "a"}, {"DisplayName": "b"},
         lambda account, arn: topic(account, arn)["DisplayName"], ("a", "b"), {"TopicName": "named"}),
    Case("AWS::SNS::Subscription",
         {"TopicArn": {"Ref": "T"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Q", "Arn"]}},
         {"TopicArn": {"Ref": "T"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Q", "Arn"]},
          "RawMessageDelivery": True},
         subscription, ("false", "true"),
         {"TopicArn": {"Ref": "T"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["P", "Arn"]}},
         {"T": TOPIC, "Q": QUEUE, "P": QUEUE}),
    Case("AWS::SNS::TopicPolicy",
         {"Topics": [{"Ref": "T"}], "PolicyDocument": policy(allow("sns:Publish", {"Ref": "T"}, Principal=ROOT))},
         {"Topics": [{"Ref": "T"}], "PolicyDocument": policy(allow("sns:Subscribe", {"Ref": "T"}, Principal=ROOT))},
         lambda account, _: json.loads(topic(account, account.physical("T"))["Policy"])["Statement"][0]["Action"],
         ("sns:Publish", "sns:Subscribe"), None, {"T": TOPIC}),
    Case("AWS::SQS::Queue", {"VisibilityTimeout": "60"}, {"VisibilityTimeout": 90},
         lambda account, url: attributes(account, url)["VisibilityTimeout"], ("60", "90"), {"QueueName": "named"}),
    Case("AWS::SQS::QueuePolicy",
         {"Queues": [{"Ref": "Q"}], "PolicyDocument": policy(allow("sqs:SendMessage", Principal=ROOT))},
         {"Queues": [{"Ref": "Q"}], "PolicyDocument": policy(allow("sqs:ReceiveMessage", Principal=ROOT))},
         lambda account, _: json.loads(attributes(account, account.physical("Q"))["Policy"])["Statement"][0]["Action"],
         ("sqs:SendMessage", "sqs:ReceiveMessage"), None, {"Q": QUEUE}),
    Case("AWS::Events::Rule", {**RULE, "State": "DISABLED"}, {**RULE, "State": "ENABLED", "Targets": [
            {"Id": "p", "Arn": {"Fn::GetAtt": ["Q", "Arn"]}}]},
         rule, (("DISABLED", ["q"]), ("ENABLED", ["p"])), {**RULE, "Name": "named"}, {"Q": QUEUE}),
    Case("AWS::CodeCommit::Repository", {"RepositoryName": "r1"},
         {"RepositoryName": "r2", "RepositoryDescription": "d"}, repository, (("r1", ""), ("r2", "d"))),
    Case("AWS::CodeBuild::Project", PROJECT, {**PROJECT, "TimeoutInMinutes": 30, "Source": {
            "Type": "CODEPIPELINE", "BuildSpec": "b.yml"}},
         project, ((20, "a.yml"), (30, "b.yml")), {**PROJECT, "Name": "build-2"}, {"R": BUILD_ROLE}),
)  # fmt: skip
FAILS = {"Type": "AWS::S3::BucketPolicy", "DependsOn": "X", "Properties": {
    "Bucket": "no-such-bucket-anywhere", "PolicyDocument": policy(allow("s3:GetObject"))}}


def template(case: Case, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Resources": {**case.around, "X": {"Type": case.type, "Properties": properties}, **more}}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type.removeprefix("AWS::"))
def test_a_type_is_made_changed_rolled_back_replaced_and_deleted(account, case):
    assert account.create(template(case, case.first)) == "CREATE_COMPLETE", account.reasons("X")
    made = account.physical("X")
    assert case.look(account, made) == case.sees[0]

    assert account.update(template(case, case.second, Bad=FAILS)) == "UPDATE_ROLLBACK_COMPLETE", account.reasons("X")
    assert account.physical("X") == made
    assert case.look(account, made) == case.sees[0]

    assert account.update(template(case, case.second)) == "UPDATE_COMPLETE", account.reasons("X")
    assert account.physical("X") == made
    assert case.look(account, made) == case.sees[1]

    if case.third is not None:
        assert account.update(template(case, case.third, Bad=FAILS)) == "UPDATE_ROLLBACK_COMPLETE"
        assert account.physical("X") == made
        assert case.look(account, made) == case.sees[1]
        assert account.update(template(case, case.third)) == "UPDATE_COMPLETE", account.reasons("X")
        with pytest.raises((ClientError, KeyError)):
            case.look(account, made)
        made = account.physical("X")

    assert account.delete() == "DELETE_COMPLETE"
    with pytest.raises((ClientError, KeyError)):
        case.look(account, made)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type.removeprefix("AWS::"))
def test_a_type_is_gone_after_its_creation_was_rolled_back(account, case):
    assert account.create(template(case, case.first, Bad=FAILS)) == "ROLLBACK_COMPLETE", account.reasons("X")
    made = account.physical("X")
    assert made
    with pytest.raises((ClientError, KeyError)):
        case.look(account, made)
