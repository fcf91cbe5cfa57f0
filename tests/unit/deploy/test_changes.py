"""What a plan says of each resource."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from crossdock.deploy import changes
from crossdock.deploy.apply import apply
from crossdock.errors import DataLoss
from crossdock.model.assembly import Asset, Literal, Stack
from crossdock.model.plan import Identity, ObservedStack, Plan, Step, Verb

OLD = """
Parameters:
  Name: {Type: String}
  TemplatePrefixUrl: {Type: String}
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name, VisibilityTimeout: 10}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {TableName: !Ref Name, BillingMode: PAY_PER_REQUEST}
  Kept: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, Properties: {BucketName: !Ref Name}}
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: !Sub "${TemplatePrefixUrl}/inner.yaml", Parameters: {Name: !Ref Name}}
"""
NEW = OLD.replace("VisibilityTimeout: 10", "VisibilityTimeout: 20").replace(
    "  Kept: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, Properties: {BucketName: !Ref Name}}\n",
    "  Topic: {Type: AWS::SNS::Topic}\n")
INNER = """
Parameters: {Name: {Type: String}}
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref Name, AssumeRolePolicyDocument: {}}}
"""
KEYS = {"assets/0": INNER, "assets/1": INNER.replace("RoleName", "Description: new, RoleName")}


def _stack(name: str = "one", prefix: str = "assets/1") -> Stack:
    return Stack(
        id="prod/x", name="x", account="prod", account_id="333333333333", region="us-east-1", template="x.yaml",
        sha256="0", assets=(Asset(path="inner.yaml", key=f"{prefix}/inner.yaml", sha256="0"),),
        parameters={"Name": Literal(value=name), "TemplatePrefixUrl": Literal(value=f"https://b/{prefix}")},
    )


SEEN = ObservedStack(
    account="prod", account_id="333333333333", region="us-east-1", name="x", status="CREATE_COMPLETE",
    sha256=sha256(OLD.encode()).hexdigest(), template=OLD, nested={"assets/0/inner.yaml": KEYS["assets/0"]},
    parameters={"Name": "one", "TemplatePrefixUrl": "https://b/assets/0"},
)
TEXTS = {"x.yaml": NEW, "inner.yaml": KEYS["assets/1"]}


def _said(found: tuple[changes.Change, ...]) -> dict[str, tuple[str, tuple[str, ...], bool]]:
    return {one.resource: (one.verb.value, one.properties, one.loses_data) for one in found}


def test_each_resource_that_changes_is_named_with_its_properties_through_nested_stacks() -> None:
    assert _said(changes.changed(_stack(), SEEN, TEXTS, {})) == {
        "Queue": ("~", ("VisibilityTimeout",), False),
        "Inner/Role": ("~", ("Description",), False),
        "Topic": ("+", (), False),
        "Kept": ("=", (), False),
    }


def test_a_parameter_that_names_things_replaces_them_and_those_that_hold_data_say_so() -> None:
    found = _said(changes.changed(_stack(name="two"), SEEN, TEXTS, {}))
    assert found["Table"] == ("±", ("TableName",), True)
    assert found["Queue"] == ("±", ("QueueName", "VisibilityTimeout"), True)
    assert found["Inner/Role"] == ("±", ("Description", "RoleName"), False)


def test_nested_templates_that_stayed_the_same_change_nothing() -> None:
    seen = replace(SEEN, nested={}, parameters={"Name": "one", "TemplatePrefixUrl": "https://b/assets/1"})
    assert "Inner/Role" not in _said(changes.changed(_stack(), seen, TEXTS, {}))


def test_what_a_deletion_takes_along_and_what_it_keeps() -> None:
    assert _said(changes.deleted(_stack(), SEEN, TEXTS)) == {
        "Queue": ("-", (), True), "Table": ("-", (), True), "Kept": ("=", (), False), "Inner/Role": ("-", (), False),
    }


@pytest.mark.parametrize("allowed", [(), ("prod/x/Tab",), ("prod/y",)])
def test_data_is_not_taken_away_without_a_word(allowed: tuple[str, ...], tmp_path) -> None:
    change = changes.Change(resource="Table", type="AWS::DynamoDB::Table", verb=Verb.REPLACE, loses_data=True)
    step = Step(stack=_stack(), verb=Verb.UPDATE, changes=(change,))
    plan = Plan(platform="p", identity=Identity(account="1", caller="c"), assembly_digest="a", observed_digest="o",
                steps=(step,))
    with pytest.raises(DataLoss) as caught:
        next(apply(plan, None, tmp_path, None, allow_data_loss=allowed))  # type: ignore[arg-type]
    assert caught.value.details == ["prod/x/Table"]
    assert caught.value.advice.endswith(": --allow-data-loss prod/x/Table")
