"""Rules 10 to 20: actions and resources."""

import pytest


@pytest.mark.parametrize(
    ("pattern", "action", "verdict"),
    [
        ("S3:getobject", "s3:GetObject", "allowed"),
        ("s3:Get*", "s3:GetObject", "allowed"),
        ("s3:*Object", "s3:GetObject", "allowed"),
        ("s3:?etObject", "s3:GetObject", "allowed"),
        ("*:*", "s3:GetObject", "allowed"),
        ("*", "s3:GetObject", "allowed"),
        ("s3:Get", "s3:GetObject", "implicit_deny"),
        ("s3:Get?", "s3:Get", "implicit_deny"),
        ("s3:*", "s3-object-lambda:GetObject", "implicit_deny"),
    ],
)
def test_actions_compare_without_case_and_with_wildcards_anywhere(ask, pattern, action, verdict):
    """Rule 10."""
    assert ask(action, identity=[ask.allow(pattern)]) == verdict


@pytest.mark.parametrize(
    ("pattern", "resource", "verdict"),
    [
        ("arn:aws:s3:::Data/key", "arn:aws:s3:::data/key", "implicit_deny"),
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data/a/b/c", "allowed"),
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data/", "allowed"),
        ("arn:aws:s3:::d?ta/key", "arn:aws:s3:::data/key", "allowed"),
        ("arn:aws:s3:::data?/key", "arn:aws:s3:::data/key", "implicit_deny"),
        ("arn:aws:s3:::[d]ata/key", "arn:aws:s3:::data/key", "implicit_deny"),
        ("arn:aws:s3:::data/k.y", "arn:aws:s3:::data/key", "implicit_deny"),
        ("arn:aws:lambda:*:1:function:f", "arn:aws:lambda:eu-west-1:1:function:f", "allowed"),
        ("arn:aws:lambda:eu-*", "arn:aws:lambda:eu-west-1:1:function:f", "allowed"),
        ("arn:aws:lambda:eu-*-1:1:function:f", "arn:aws:lambda:eu-west-1:1:function:f", "allowed"),
        ("arn:aws:lambda:eu-*t:1:function:f", "arn:aws:lambda:eu-x:y-t:1:function:f", "implicit_deny"),
        ("arn:aws:lambda:eu-w?st-1:1:function:f", "arn:aws:lambda:eu-w:st-1:1:function:f", "implicit_deny"),
        ("arn:aws:lambda:eu-west-1:1:function:a*z", "arn:aws:lambda:eu-west-1:1:function:a:z", "allowed"),
        ("arn:aws:lambda", "arn:aws:lambda:eu-west-1:1:function:f", "allowed"),
    ],
)
def test_resources_compare_with_case_and_segment_by_segment(ask, pattern, resource, verdict):
    """Rules 11, 12 and 13."""
    assert ask("x:y", resource, identity=[ask.allow("*", pattern)]) == verdict


def test_not_action_grants_whatever_is_not_listed_in_every_service(ask):
    """Rule 14."""
    allow = [ask.allow(None, NotAction=["iam:*", "s3:Delete*"])]
    assert ask("ec2:RunInstances", "*", identity=allow) == "allowed"
    assert ask("iam:CreateUser", "*", identity=allow) == "implicit_deny"
    assert ask("s3:DeleteObject", identity=allow) == "implicit_deny"


def test_not_resource_matches_everything_but_the_list(ask):
    """Rule 14."""
    deny = [ask.allow(), ask.deny("s3:*", None, NotResource="arn:aws:s3:::data/*")]
    assert ask(identity=deny) == "allowed"
    assert ask(resource="arn:aws:s3:::other/key", identity=deny) == "explicit_deny"


def test_not_resource_of_everything_never_applies(ask):
    """Rule 15."""
    assert ask(identity=[ask.allow(), ask.deny("*", None, NotResource="*")]) == "allowed"


def test_an_action_without_resource_level_permission_needs_everything(ask):
    """Rule 16."""
    assert ask("ecr:GetAuthorizationToken", "*", identity=[ask.allow("ecr:*", "arn:aws:ecr:*:*:*")]) == "implicit_deny"
    assert ask("ecr:GetAuthorizationToken", "*", identity=[ask.allow("ecr:*")]) == "allowed"
    assert ask("s3:ListAllMyBuckets", "*", identity=[ask.allow(), ask.deny("s3:*", "arn:aws:s3:::*")]) == "allowed"


def test_each_resource_and_each_action_of_a_call_is_a_question_of_its_own(ask):
    """Rules 17 and 18: the call tables ask once for each; one Allow does not stand for another."""
    allow = [ask.allow("ecs:RunTask", f"arn:aws:ecs:eu-west-1:{ask.own}:task-definition/t:1")]
    assert ask("ecs:RunTask", f"arn:aws:ecs:eu-west-1:{ask.own}:task-definition/t:1", identity=allow) == "allowed"
    assert ask("iam:PassRole", ask.role, identity=allow) == "implicit_deny"


def test_bucket_and_objects_are_different_resources(ask):
    """Rules 19 and 20."""
    objects = [ask.allow(["s3:ListBucket", "s3:GetObject"], "arn:aws:s3:::data/*")]
    assert ask("s3:GetObject", identity=objects) == "allowed"
    assert ask("s3:ListBucket", "arn:aws:s3:::data", identity=objects) == "implicit_deny"
