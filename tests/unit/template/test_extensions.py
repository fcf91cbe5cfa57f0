"""Loops of the language extensions; examples after the User Guide's "Fn::ForEach"."""

import pytest

from crossdock.errors import TemplateError
from crossdock.template import extensions
from crossdock.template.parse import load
from crossdock.template.resolve import Pseudo, Scope

SCOPE = Scope({"Names": ["a-1", "b"]}, {"M": {"x": {"y": ["p", "q"]}}}, {}, Pseudo("111122223333", "us-east-1"))


def expand(text: str):
    return extensions.expand(load("Transform: AWS::LanguageExtensions\n" + text).body, SCOPE)


def test_a_loop_over_literals_makes_a_resource_each():
    body = expand("""
Resources:
  Fn::ForEach::Topics:
    - TopicName
    - [Success, Failure, Timeout, Unknown]
    - SnsTopic${TopicName}:
        Type: AWS::SNS::Topic
        Properties: {TopicName: !Ref TopicName, FifoTopic: true, Arn: !GetAtt "X${TopicName}.Arn"}
""")
    assert list(body["Resources"]) == ["SnsTopicSuccess", "SnsTopicFailure", "SnsTopicTimeout", "SnsTopicUnknown"]
    assert body["Resources"]["SnsTopicFailure"]["Properties"] == {
        "TopicName": "Failure", "FifoTopic": True, "Arn": {"Fn::GetAtt": ["XFailure", "Arn"]},
    }  # fmt: skip
    assert "Transform" not in body


def test_ampersands_leave_letters_and_digits_for_logical_ids():
    body = expand("""
Resources:
  Fn::ForEach::Buckets:
    - Name
    - !Ref Names
    - Bucket&{Name}: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${Name}-${AWS::Region}"}}
""")
    assert body["Resources"] == {
        "Bucketa1": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "a-1-${AWS::Region}"}}},
        "Bucketb": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "b-${AWS::Region}"}}},
    }


def test_loops_nest_and_stand_in_properties():
    body = expand("""
Outputs:
  Fn::ForEach::Outer:
    - A
    - [x, y]
    - Fn::ForEach::Inner:
        - B
        - !FindInMap [M, x, y]
        - Out${A}${B}: {Value: !Ref "R${A}${B}"}
Resources:
  R:
    Type: T
    Properties:
      Fn::ForEach::Props: [P, [One, Two], {"${P}Key": !Ref P}]
""")
    assert body["Outputs"]["Outxq"] == {"Value": {"Ref": "Rxq"}}
    assert list(body["Outputs"]) == ["Outxp", "Outxq", "Outyp", "Outyq"]
    assert body["Resources"]["R"]["Properties"] == {"OneKey": "One", "TwoKey": "Two"}


@pytest.mark.parametrize(
    ("loop", "words"),
    [
        ("[X, [a, b], {Same: {Type: T}}]", "makes Same twice"),
        ("[X, [a]]", "requires a list of three"),
        ("[X, a, {'R${X}': {Type: T}}]", "must be a list of strings"),
    ],
)
def test_a_malformed_loop_is_refused(loop, words):
    with pytest.raises(TemplateError) as caught:
        expand(f"Resources:\n  Fn::ForEach::L: {loop}\n")
    assert words in caught.value.problems[0].what


def test_without_the_transform_nothing_is_expanded():
    body = {"Resources": {"Fn::ForEach::L": ["X", ["a"], {"R${X}": {}}]}}
    assert extensions.expand(body, SCOPE) == body
