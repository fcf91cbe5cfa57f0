"""Stack policies decide; attributes that would have an effect are emulated or refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.local.cloudformation import attributes, policies
from crossdock.local.engine import AwsError

ALL = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}


def statement(**more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*", **more}


def decided(*statements: dict[str, Any], action: policies.Action = "Update:Replace") -> str:
    policy = policies.parse(json.dumps({"Statement": list(statements)}))
    return policies.denial(policy, action, "Db", "AWS::RDS::DBInstance")


@pytest.mark.parametrize(("one", "said"), [
    (statement(Action="Update:Replace", Resource="LogicalResourceId/Db"),
     "Statement [#2] does not allow [Update:Replace] for resource [LogicalResourceId/Db]"),
    (statement(Action=["Update:Delete", "Update:Replace"], Resource="LogicalResourceId/D*"),
     "Statement [#2] does not allow [Update:Delete, Update:Replace] for resource [LogicalResourceId/Db]"),
    (statement(Condition={"StringLike": {"ResourceType": ["AWS::RDS::*"]}}),
     "Statement [#2] does not allow [Update:*] for resource [LogicalResourceId/Db]"),
    (statement(Action="Update:Delete"), ""),
    (statement(Resource="LogicalResourceId/Other"), ""),
    (statement(Condition={"StringEquals": {"ResourceType": "AWS::S3::Bucket"}}), ""),
])  # fmt: skip
def test_a_statement_that_denies_is_named(one, said):
    assert decided(ALL, one) == (f"Action denied by stack policy: {said}" if said else "")


def test_what_no_statement_allows_is_denied():
    rest = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "NotResource": "LogicalResourceId/Db"}
    assert decided(rest) == "Action not allowed by stack policy"
    modify = {"Effect": "Allow", "NotAction": "Update:Replace", "Principal": "*", "Resource": "*"}
    assert decided(modify) == "Action not allowed by stack policy"
    assert decided(modify, action="Update:Modify") == ""
    assert policies.denial((), "Update:Delete", "Db", "AWS::RDS::DBInstance") == ""


@pytest.mark.parametrize("text", [
    "no json", "[]", "{}", '{"Statement": []}', json.dumps({"Statement": [statement(Principal="me")]}),
    json.dumps({"Statement": [statement(Action="s3:Get")]}), json.dumps({"Statement": [statement(Resource="Db")]}),
    json.dumps({"Statement": [statement(Resource="LogicalResourceId/Nowhere")]}),
    json.dumps({"Statement": [statement(NotAction="Update:*")]}),
    json.dumps({"Statement": [statement(Condition={"Bool": {}})]}),
])  # fmt: skip
def test_what_is_no_stack_policy_is_refused(text):
    with pytest.raises(AwsError, match="Error validating stack policy: "):
        policies.parse(text, ["Db"])


QUEUE, CLUSTER = "AWS::SQS::Queue", "AWS::RDS::DBCluster"


@pytest.mark.parametrize(("declared", "said"), [
    ({"Type": QUEUE, "DeletionPolicy": "Snapshot"},
     "Template error: resource type AWS::SQS::Queue does not support deletion policy Snapshot"),
    ({"Type": CLUSTER, "DeletionPolicy": "Snapshot"},
     "the local AWS does not emulate DeletionPolicy Snapshot of AWS::RDS::DBCluster"),
    ({"Type": QUEUE, "UpdateReplacePolicy": "RetainExceptOnCreate"},
     "Template error: Unrecognized UpdateReplacePolicy RetainExceptOnCreate"),
    ({"Type": QUEUE, "CreationPolicy": {}}, "the local AWS does not emulate CreationPolicy of AWS::SQS::Queue"),
    ({"Type": "AWS::AutoScaling::AutoScalingGroup", "UpdatePolicy": {"AutoScalingRollingUpdate": {}}}, None),
    ({"Type": "AWS::Lambda::Alias", "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {}}},
     "the local AWS does not emulate CodeDeployLambdaAliasUpdate of an UpdatePolicy"),
    ({"Type": QUEUE, "UpdatePolicy": {"Other": {}}}, "Template error: Unrecognized UpdatePolicy Other"),
    ({"Type": QUEUE, "UpdatePolicy": {"AutoScalingRollingUpdate": {}}}, None),
    ({"Type": "AWS::OpenSearchService::Domain", "UpdatePolicy": {"EnableVersionUpgrade": True}}, None),
    ({"Type": QUEUE, "DeletionPolicy": {"Ref": "Policy"}},
     "Template format error: Every DeletionPolicy member must be a string."),
])  # fmt: skip
def test_attributes_have_their_effect_or_are_refused(declared, said):
    assert list(attributes.problems(declared)) == ([said] if said else [])


ROLLING, REPLACING = {"AutoScalingRollingUpdate": {}}, {"AutoScalingReplacingUpdate": {"WillReplace": "true"}}


@pytest.mark.parametrize(("policy", "changed", "refused"), [
    (ROLLING, {"LaunchTemplate": {"Version": "2"}}, True), (REPLACING, {"VPCZoneIdentifier": ["s-2"]}, True),
    (ROLLING, {"MaxSize": "3"}, False), ({}, {"LaunchTemplate": {"Version": "2"}}, False),
    ({"AutoScalingReplacingUpdate": {"WillReplace": False}}, {"LaunchTemplate": {"Version": "2"}}, False),
])  # fmt: skip
def test_a_change_that_would_replace_a_groups_instances_is_refused_by_name(policy, changed, refused):
    old = {"LaunchTemplate": {"Version": "1"}, "MaxSize": "1", "VPCZoneIdentifier": ["s-1"]}
    if not refused:
        attributes.unrolled("AWS::AutoScaling::AutoScalingGroup", policy, old, {**old, **changed})
        return
    with pytest.raises(AwsError, match="of an UpdatePolicy"):
        attributes.unrolled("AWS::AutoScaling::AutoScalingGroup", policy, old, {**old, **changed})
