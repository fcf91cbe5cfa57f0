"""What a change set says."""

import pytest

from crossdock.errors import TemplateError
from crossdock.template import differences
from crossdock.template.differences import Detail
from crossdock.template.parse import load
from crossdock.template.resolve import Pseudo, Scope, conditions

TEMPLATE = """
Parameters:
  Name: {Type: String}
  With: {Type: String}
Conditions:
  HasQueue: !Equals [!Ref With, queue]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {RoleName: !Sub "${Name}-role", AssumeRolePolicyDocument: {}}
  Function:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt Role.Arn, Code: {S3Bucket: b, S3Key: k}, Description: d}
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Function, Action: lambda:InvokeFunction, Principal: p}
  Queue:
    Type: AWS::SQS::Queue
    Condition: HasQueue
"""


def known(text=TEMPLATE, name="a", extra="queue"):
    body = load(text).body
    scope = Scope({"Name": name, "With": extra}, {}, {}, Pseudo("111122223333", "us-east-1"))
    return differences.known(body, Scope(scope.parameters, {}, conditions(body, scope), scope.pseudo))


def between(old, new):
    return {change.logical_id: change for change in differences.between(old, new)}


def test_the_same_template_changes_nothing():
    assert between(known(), known()) == {}


def test_a_condition_adds_and_removes():
    assert [(c.logical_id, c.action) for c in differences.between(known(extra=""), known())] == [("Queue", "Add")]
    assert [(c.logical_id, c.action) for c in differences.between(known(), known(extra=""))] == [("Queue", "Remove")]


def test_a_parameter_that_renames_a_role_replaces_it_and_reaches_what_refers_to_it():
    changes = between(known(), known(name="b"))
    assert changes["Role"].replacement == "always"
    assert changes["Role"].properties == ("RoleName",)
    assert changes["Function"].replacement == "never"
    assert changes["Function"].details == (
        Detail("Properties", "Role", "never", "Dynamic", "ResourceAttribute", "Role.Arn"),
    )
    assert "Permission" not in changes  # the function keeps its name, so Ref gives the same


def test_a_reference_to_a_replaced_resource_replaces_where_the_property_cannot_change():
    renamed = TEMPLATE.replace("Description: d", "FunctionName: other")
    changes = between(known(), known(renamed))
    assert changes["Function"].replacement == "always"
    assert changes["Function"].properties == ("Description", "FunctionName")
    assert changes["Permission"].replacement == "always"
    assert changes["Permission"].details == (
        Detail("Properties", "FunctionName", "always", "Static", "ResourceReference", "Function"),
    )


def test_attributes_and_tags_have_scopes_of_their_own():
    changed = TEMPLATE.replace(
        "    Condition: HasQueue",
        "    Condition: HasQueue\n    DeletionPolicy: Retain\n    Properties: {Tags: [{Key: a, Value: b}]}",
    )
    change = between(known(), known(changed))["Queue"]
    assert change.scope == ("Tags", "DeletionPolicy")
    assert change.replacement == "never"


def test_a_change_of_type_is_refused():
    with pytest.raises(TemplateError) as caught:
        between(known(), known(TEMPLATE.replace("AWS::SQS::Queue", "AWS::SNS::Topic")))
    assert "Update of resource type is not permitted" in caught.value.problems[0].what
    assert "[Queue]" in caught.value.problems[0].what
