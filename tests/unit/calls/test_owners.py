"""Whose resource it is, names that only the store resolves, and what is refused."""

import pytest

from crossdock.iam.calls import Unmapped, asks, target_account

HERE, THERE = "111111111111", "222222222222"
KEY = f"arn:aws:kms:eu-west-1:{THERE}:key/k"


def ask(service, operation, params, **more):
    return asks(service, operation, params, account=HERE, region="eu-west-1", **more)[0]


def test_a_bucket_name_tells_no_owner():
    assert ask("s3", "GetObject", {"Bucket": "b", "Key": "k"}).account == ""


def test_a_new_bucket_is_the_callers():
    assert ask("s3", "CreateBucket", {"Bucket": "b"}).account == HERE


def test_an_arn_tells_its_owner_and_a_name_means_the_caller():
    assert ask("kms", "Decrypt", {"KeyId": KEY}).account == THERE
    assert ask("kms", "DescribeKey", {"KeyId": "k"}).account == HERE


@pytest.mark.parametrize(("service", "operation", "params"), [
    ("kms", "Decrypt", {"KeyId": KEY}),
    ("lambda", "Invoke", {"FunctionName": f"arn:aws:lambda:eu-west-1:{THERE}:function:f:live"}),
    ("sns", "Publish", {"TopicArn": f"arn:aws:sns:eu-west-1:{THERE}:t"}),
    ("sqs", "ReceiveMessage", {"QueueUrl": f"http://127.0.0.1:4566/{THERE}/q"}),
    ("sqs", "GetQueueUrl", {"QueueName": "q", "QueueOwnerAWSAccountId": THERE}),
    ("events", "PutEvents", {"Entries": [{"EventBusName": f"arn:aws:events:eu-west-1:{THERE}:event-bus/b"}]}),
    ("secretsmanager", "GetSecretValue", {"SecretId": f"arn:aws:secretsmanager:eu-west-1:{THERE}:secret:s-abcdef"}),
    ("ecr", "BatchGetImage", {"registryId": THERE, "repositoryName": "r"}),
    ("dynamodb", "GetItem", {"TableName": f"arn:aws:dynamodb:eu-west-1:{THERE}:table/t"}),
    ("sts", "AssumeRole", {"RoleArn": f"arn:aws:iam::{THERE}:role/r", "RoleSessionName": "s"}),
    ("logs", "FilterLogEvents", {"logGroupIdentifier": f"arn:aws:logs:eu-west-1:{THERE}:log-group:g"}),
])
def test_the_parameter_that_identifies_the_target_tells_its_account(service, operation, params):
    assert target_account(service, operation, params) == THERE


@pytest.mark.parametrize(("service", "operation", "params"), [
    ("kms", "Decrypt", {"KeyId": "alias/x"}),
    ("cloudformation", "CreateStack", {"StackName": "s", "RoleARN": f"arn:aws:iam::{THERE}:role/r"}),
    ("lambda", "CreateFunction", {"FunctionName": "f", "Role": f"arn:aws:iam::{THERE}:role/r"}),
    ("s3", "GetObject", {"Bucket": "b", "Key": "k"}),
    ("sts", "GetCallerIdentity", {}),
])
def test_other_arns_are_no_target(service, operation, params):
    assert target_account(service, operation, params) is None


def test_a_key_is_authorised_by_its_arn_whatever_it_is_called():
    resolve = {"alias/x": KEY, "k": KEY}.__getitem__
    assert ask("kms", "Encrypt", {"KeyId": "alias/x"}, resolve_key=resolve).resource == KEY
    assert ask("kms", "Encrypt", {"KeyId": "k"}, resolve_key=resolve).account == THERE


def test_an_alias_without_a_resolver_is_marked_unresolved():
    found = ask("kms", "Encrypt", {"KeyId": "alias/x"})
    assert (found.resource, found.unresolved) == (f"arn:aws:kms:eu-west-1:{HERE}:alias/x", True)


def test_names_are_resolved_to_arns_with_path_suffix_and_id():
    known = {
        ("role", "r"): f"arn:aws:iam::{HERE}:role/team/r",
        ("user", ""): f"arn:aws:iam::{HERE}:user/me",
        ("secret", "s"): f"arn:aws:secretsmanager:eu-west-1:{HERE}:secret:s-aBcDeF",
        ("stack", "s"): f"arn:aws:cloudformation:eu-west-1:{HERE}:stack/s/1",
        ("pull-request", "7"): f"arn:aws:codecommit:eu-west-1:{HERE}:app",
    }

    def resolve(kind, name):
        return known.get((kind, name))

    for service, operation, params, kind in [
        ("iam", "GetRole", {"RoleName": "r"}, ("role", "r")),
        ("iam", "GetUser", {}, ("user", "")),
        ("secretsmanager", "GetSecretValue", {"SecretId": "s"}, ("secret", "s")),
        ("cloudformation", "DeleteStack", {"StackName": "s"}, ("stack", "s")),
        ("codecommit", "GetPullRequest", {"pullRequestId": "7"}, ("pull-request", "7")),
    ]:
        found = ask(service, operation, params, resolve_entity=resolve)
        assert (found.resource, found.unresolved) == (known[kind], False)


def test_a_pull_request_that_nobody_knows_is_asked_for_among_all_repositories():
    found = ask("codecommit", "GetPullRequest", {"pullRequestId": "7"})
    assert (found.resource, found.unresolved) == (f"arn:aws:codecommit:eu-west-1:{HERE}:*", True)


def test_an_arn_of_another_service_is_no_name():
    found = ask("dynamodb", "GetItem", {"TableName": f"arn:aws:s3:::table/{THERE}"})
    assert found.resource.startswith(f"arn:aws:dynamodb:eu-west-1:{HERE}:table/arn:aws:s3")


def test_braces_in_a_parameter_are_data():
    found = ask("s3", "GetObject", {"Bucket": "b", "Key": "{Bucket}/${Account}"})
    assert found.resource == "arn:aws:s3:::b/{Bucket}/${Account}"
    found = ask("dynamodb", "BatchGetItem", {"RequestItems": {"{x}": {}}})
    assert found.resource.endswith("table/{x}")


def test_another_partition_is_in_every_arn():
    assert ask("s3", "HeadBucket", {"Bucket": "b"}, partition="aws-cn").resource == "arn:aws-cn:s3:::b"


@pytest.mark.parametrize(("service", "operation"), [
    ("s3", "CreateSession"), ("ec2", "RequestSpotInstances"), ("dynamodb", "ExecuteStatement"), ("nosuch", "DoIt"),
    ("s3", "NoSuchOperation"),
])
def test_what_no_table_decides_is_refused_by_name(service, operation):
    with pytest.raises(Unmapped, match=f"{service}:{operation}") as caught:
        asks(service, operation, {}, account=HERE, region="eu-west-1")
    assert isinstance(caught.value, ValueError)
