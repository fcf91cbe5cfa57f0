"""The SAM transform on a small API and function."""

import pytest

from crossdock.errors import Position, TemplateError
from crossdock.template import graph, sam
from crossdock.template.parse import Document, load
from crossdock.template.structure import validate

TEMPLATE = """\
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev}
Globals:
  Function:
    Timeout: 5
    Runtime: python3.12
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: !Ref Stage}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: s3://bucket/key/code.zip
      FunctionUrlConfig: {AuthType: AWS_IAM}
      Policies:
        - AWSLambdaBasicExecutionRole
        - OurPolicy
        - S3ReadPolicy: {BucketName: store}
      Events:
        Get: {Type: Api, Properties: {Path: /hello, Method: get, RestApiId: !Ref Api}}
Outputs:
  Url: {Value: !Sub "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Api.Stage}"}
"""


def transform(text: str, **more):
    document = load(text, "t.yaml")
    return sam.transform(
        document.body, {"Stage": "dev"}, region="eu-west-1", account="111122223333", document=document, **more
    )


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    """No region and no credentials to fall back on: the transform must not need them."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def test_an_api_and_a_function_become_plain_resources():
    body = transform(TEMPLATE, managed_policies=lambda: {"OurPolicy": "arn:aws:iam::aws:policy/OurPolicy"})
    types = {name: resource["Type"] for name, resource in body["Resources"].items()}
    assert types["Hello"] == "AWS::Lambda::Function"
    assert types["HelloRole"] == "AWS::IAM::Role"
    assert types["HelloUrl"] == "AWS::Lambda::Url"
    assert types["Api"] == "AWS::ApiGateway::RestApi"
    assert {"AWS::ApiGateway::Deployment", "AWS::ApiGateway::Stage", "AWS::Lambda::Permission"} <= set(types.values())
    function = body["Resources"]["Hello"]["Properties"]
    assert function["Code"] == {"S3Bucket": "bucket", "S3Key": "key/code.zip"}
    assert (function["Timeout"], function["Runtime"]) == (5, "python3.12")
    role = body["Resources"]["HelloRole"]["Properties"]
    assert role["ManagedPolicyArns"] == [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "arn:aws:iam::aws:policy/OurPolicy",
    ]  # fmt: skip
    assert role["Policies"][0]["PolicyDocument"]["Statement"][0]["Effect"] == "Allow"
    assert "Transform" not in body
    assert "Globals" not in body


def test_what_is_made_is_sound_and_plain():
    body = transform(TEMPLATE)
    assert validate(Document("made", body)) == []
    assert graph.waves(graph.dependencies(body, {}))
    assert all(type(key) is str for key in body["Resources"])


def test_the_same_template_gives_the_same_ids():
    assert list(transform(TEMPLATE)["Resources"]) == list(transform(TEMPLATE)["Resources"])


def test_a_template_that_declares_no_transform_is_left_alone():
    body = {"Resources": {"A": {"Type": "AWS::Serverless::Function"}}}
    assert sam.transform(body, {}, region="eu-west-1", account="1") == body


def test_mistakes_are_told_each_at_its_resource():
    text = TEMPLATE.replace("      CodeUri: s3://bucket/key/code.zip\n", "").replace("StageName: !Ref Stage", "Nmae: x")
    with pytest.raises(TemplateError) as caught:
        transform(text)
    assert Position("t.yaml", 13, 3) in [p.position for p in caught.value.problems]
    assert any("Resource with id [Hello] is invalid" in p.what for p in caught.value.problems)


def test_applications_of_the_repository_are_refused():
    text = (
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  App:\n    Type: AWS::Serverless::Application\n"
        "    Properties: {Location: {ApplicationId: x, SemanticVersion: 1.0.0}}\n"
    )
    with pytest.raises(TemplateError) as caught:
        transform(text)
    assert "Serverless Application Repository" in caught.value.problems[0].what
