"""A name that is taken fails a creation, whoever took it, and what was there stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.rehearsal.cloudformation.conftest import Account


def template(kind: str, properties: dict[str, Any], logical: str = "Thing") -> dict[str, Any]:
    return {"Resources": {logical: {"Type": kind, "Properties": properties}}}


TAKEN: list[tuple[str, dict[str, Any], Callable[[Account, str], object], str]] = [
    ("AWS::S3::Bucket", {"BucketName": "{}"}, lambda a, name: a.client("s3").create_bucket(Bucket=name, **_place(a)),
     '"{} already exists (Service: S3, Status Code: 0, Request ID: null)"'),
    ("AWS::SNS::Topic", {"TopicName": "{}"}, lambda a, name: a.client("sns").create_topic(Name=name),
     '"{} already exists"'),
    ("AWS::SQS::Queue", {"QueueName": "{}"}, lambda a, name: a.client("sqs").create_queue(QueueName=name),
     "Resource of type 'AWS::SQS::Queue' with identifier '{}' already exists."),
    ("AWS::Logs::LogGroup", {"LogGroupName": "{}"},
     lambda a, name: a.client("logs").create_log_group(logGroupName=name),
     "with identifier '{\"/properties/LogGroupName\":\"{}\"}' already exists."),
    ("AWS::Events::Rule", {"Name": "{}", "ScheduleExpression": "rate(1 day)"},
     lambda a, name: a.client("events").put_rule(Name=name, ScheduleExpression="rate(1 day)"),
     "Resource of type 'AWS::Events::Rule' with identifier '{}' already exists."),
    ("AWS::CloudWatch::Dashboard", {"DashboardName": "{}", "DashboardBody": '{"widgets": []}'},
     lambda a, name: a.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}'),
     "with identifier '{}' already exists."),
    ("AWS::ECS::Cluster", {"ClusterName": "{}"}, lambda a, name: a.client("ecs").create_cluster(clusterName=name),
     "with identifier '{}' already exists."),
    ("AWS::SSM::Parameter", {"Name": "{}", "Type": "String", "Value": "a"},
     lambda a, name: a.client("ssm").put_parameter(Name=name, Type="String", Value="a"), "already exists"),
]


def _place(account: Account) -> dict[str, Any]:
    if account.region == "us-east-1":
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": account.region}}


def named(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: named(item, name) for key, item in value.items()}
    return name if value == "{}" else value


@pytest.mark.parametrize(("kind", "properties", "make", "said"), TAKEN, ids=[each[0] for each in TAKEN])
def test_what_is_there_already_is_not_created(
    account: Account, kind: str, properties: dict[str, Any], make: Callable[[Account, str], object], said: str
) -> None:
    name = f"taken-{account.region}"
    make(account, name)
    assert account.create(template(kind, named(properties, name))) == "ROLLBACK_COMPLETE"
    reason = account.reasons("Thing")[0]
    assert said.replace("{}", name) in reason
    assert reason.endswith("HandlerErrorCode: AlreadyExists)")
    account.delete()
    assert account.create(template(kind, named(properties, name)), "again") == "ROLLBACK_COMPLETE"  # it is still there


def test_what_another_stack_has_is_told_with_that_stack(account: Account) -> None:
    body = template("AWS::SQS::Queue", {"QueueName": "jobs"})
    account.create(body, "first")
    assert account.create(body, "second") == "ROLLBACK_COMPLETE"
    assert account.reasons("Thing", "second")[0] == f"jobs already exists in stack {account.stack('first')['StackId']}"


def test_a_name_moves_to_another_logical_id_in_two_updates(account: Account) -> None:
    properties = {"QueueName": "jobs"}
    account.create(template("AWS::SQS::Queue", properties))
    assert account.update(template("AWS::SQS::Queue", properties, "Other")) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.reasons("Other")[0].startswith("jobs already exists in stack")
    assert account.client("sqs").get_queue_url(QueueName="jobs")


def test_a_bucket_has_one_policy(account: Account) -> None:
    bucket = f"one-policy-{account.region}"
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"Bucket": bucket, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    account.create(template("AWS::S3::Bucket", {"BucketName": bucket}), "bucket")
    assert account.create(template("AWS::S3::BucketPolicy", policy), "policy") == "CREATE_COMPLETE"
    assert account.create(template("AWS::S3::BucketPolicy", policy), "another") == "ROLLBACK_COMPLETE"
    assert f"The bucket policy already exists on bucket {bucket}." in account.reasons("Thing", "another")[0]
    assert account.client("s3").get_bucket_policy(Bucket=bucket)


def test_a_resource_that_keeps_its_name_is_not_replaced(account: Account) -> None:
    def of(**more: Any) -> dict[str, Any]:
        return template("AWS::SNS::Topic", {"TopicName": "news.fifo", "FifoTopic": True, **more})

    account.create(of())
    assert account.update(of(FifoTopic=False)) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.reasons("Thing")[-1] == (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename news.fifo and "
        "update the stack again.")
