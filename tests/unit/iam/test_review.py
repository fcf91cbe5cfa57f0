"""Mistakes that AWS stores: each is found where it stands, with what was probably meant."""

import pytest

from crossdock.iam import Mistake, PolicyKind, review

ONE = {"Sid": "One", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def found(kind: PolicyKind = PolicyKind.IDENTITY, **change: object) -> list[Mistake]:
    return review({"Version": "2012-10-17", "Statement": [ONE, ONE | {"Sid": "Two"} | change]}, kind)


def test_a_sound_document_has_no_mistake():
    assert found(Action=["s3:Get*", "KMS:decrypt", "*"], Resource=["arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::*"],
                 Condition={"ForAllValues:StringLikeIfExists": {"aws:TagKeys": ["a*"]}}) == []


@pytest.mark.parametrize(("action", "what", "hint"), [
    ("s3:GetObjects", "there is no action s3:GetObjects", "did you mean s3:GetObject?"),
    ("cloudformation:DescribeStackEvent", "there is no action cloudformation:DescribeStackEvent",
     "did you mean cloudformation:DescribeStackEvents?"),
    ("lambda:InvokeFunctions*", "no action of lambda is like InvokeFunctions*", "did you mean lambda:InvokeFunction?"),
    ("dynamo:PutItem", "there is no service dynamo", "did you mean dynamodb?"),
    ("cloudwatch:PutLogEvents", "there is no action cloudwatch:PutLogEvents", "did you mean logs:PutLogEvents?"),
])  # fmt: skip
def test_an_action_that_does_not_exist_is_told_with_the_nearest_that_does(action, what, hint):
    assert found(Action=["s3:PutObject", action]) == [Mistake(("Statement", 1, "Action", 1), what, hint, stored=True)]
    assert found(Action=action)[0].path == ("Statement", 1, "Action")


@pytest.mark.parametrize(("arn", "what"), [
    ("arn:aws:lambda:us-east-1:f", "it has 5 of its 6 parts"),
    ("arn:aws:lambda:us-east-1:12345:function:f", "'12345' is no account id of 12 digits"),
    ("arn:aws:lambda:useast1:111111111111:function:f", "'useast1' is no region"),
    ("arn:amazon:s3:::bucket", "'amazon' is no partition"),
])  # fmt: skip
def test_an_arn_that_can_match_nothing_is_told(arn, what):
    mistakes = found(Resource=[arn])
    assert [one.path for one in mistakes] == [("Statement", 1, "Resource", 0)]
    assert what in mistakes[0].what


@pytest.mark.parametrize("arn", [
    "arn:aws:s3:::bucket/*", "arn:*:iam::*:role/x", "arn:aws-us-gov:sns:us-gov-west-1:111111111111:t",
    "arn:aws:iam::aws:policy/AdministratorAccess",
    "arn:aws:cloudformation:us-east-1:aws:transform/Serverless-2016-10-31",
    "arn:aws-iso-b:s3:us-isob-east-1:111111111111:x", "arn:aws:s3*",
])  # fmt: skip
def test_arns_of_every_partition_and_with_wildcards_are_sound(arn):
    assert [m for m in found(Resource=arn) if "must name a service" not in m.what] == []


def test_an_unknown_operator_is_told_where_it_stands_with_the_nearest():
    assert found(Condition={"StringEqual": {"aws:username": "ana"}}) == [
        Mistake(("Statement", 1, "Condition", "StringEqual"), "unknown condition operator StringEqual",
                "did you mean StringEquals?")]
    keyless = found(Condition={"StringEquals": {"username": "ana"}})
    assert keyless[0].path == ("Statement", 1, "Condition", "StringEquals", "username")


def test_a_statement_that_stands_alone_has_no_number_in_its_path():
    assert review({"Version": "2012-10-17", "Statement": ONE | {"Effect": "allow"}}, PolicyKind.IDENTITY)[0].path == (
        "Statement", "Effect")


def test_mistakes_that_aws_refuses_carry_their_element():
    paths = {one.path for one in found(Principal="*", Resource=5.5j, NotAction="s3:*")}
    assert paths == {("Statement", 1, "Principal"), ("Statement", 1, "Resource"), ("Statement", 1, "NotAction")}
