"""A stack with stacks nested in it, on paper."""

from __future__ import annotations

from crossdock.prove.resources import Home, deploy
from crossdock.template import load

PARENT = """
Parameters:
  TemplatePrefixUrl: {Type: String}
Resources:
  Keys:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: !Sub ${TemplatePrefixUrl}/security/key.yaml
      Parameters: {Names: [a, b]}
  Elsewhere:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: "https://example.test/other.yaml"}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {KmsMasterKeyId: !GetAtt Keys.Outputs.KeyArn, TopicName: !GetAtt Keys.Outputs.Names}
"""
CHILD = """
Parameters:
  Names: {Type: CommaDelimitedList}
Resources:
  Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Version: "2012-10-17", Statement: []}}}
Outputs:
  KeyArn: {Value: !GetAtt Key.Arn}
  Names: {Value: !Join ["-", !Ref Names]}
"""
HOME = Home(id="prod/infrastructure", name="p-infrastructure", account="333333333333", region="us-east-1")


def test_resources_of_nested_stacks_belong_to_the_stack_and_their_outputs_are_wired() -> None:
    made = deploy(HOME, load(PARENT, "parent"), {"TemplatePrefixUrl": "https://b.s3.amazonaws.com/templates/0"},
                  nested={"templates/0/security/key.yaml": load(CHILD, "child")})
    found = {resource.logical_id: resource for resource in made.resources}
    assert list(found) == ["Keys", "Key", "Elsewhere", "Topic"]
    assert found["Topic"].properties["KmsMasterKeyId"] == found["Key"].arn
    assert found["Topic"].properties["TopicName"] == "a-b"
    assert found["Key"].home.id == "prod/infrastructure/Keys"
    assert str(found["Key"].position()).startswith("child:")


def test_a_nested_stack_whose_template_is_not_at_hand_stays_one_resource() -> None:
    made = deploy(HOME, load(PARENT, "parent"), {"TemplatePrefixUrl": "https://b.s3.amazonaws.com/templates/0"})
    assert [resource.logical_id for resource in made.resources] == ["Keys", "Elsewhere", "Topic"]
