"""What a delivered service is made of: functions, pipelines, buses, an application by the SAM transform."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.policies import allow, policy, trust

CODE = "def handler(event, context):\n    return {'said': event['word'], 'by': 'VERSION'}\n"


def role(service: str, *statements: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": trust(service),
        "Policies": [{"PolicyName": "own", "PolicyDocument": policy(*(statements or (allow("logs:*"),)))}]}}


def function(version: str, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Function", "Properties": {
        "Runtime": "python3.11", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Timeout": "10",
        "Code": {"ZipFile": CODE.replace("VERSION", version)}, "Environment": {"Variables": {"WORD": "1"}}, **more}}


def call(account: Any, name: str) -> Any:
    answer = account.client("lambda").invoke(FunctionName=name, Payload=json.dumps({"word": "hello"}))
    return json.loads(answer["Payload"].read())


def test_a_function_is_made_changed_and_deleted(account):
    def body(version: str, **more: Any) -> dict[str, Any]:
        return {"Resources": {
            "Role": role("lambda.amazonaws.com"), "F": function(version, **more),
            "May": {"Type": "AWS::Lambda::Permission", "Properties": {
                "FunctionName": {"Ref": "F"}, "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}}}}

    assert account.create(body("one"), Tags=[{"Key": "platform", "Value": "psl"}]) == "CREATE_COMPLETE", (
        account.reasons("F"), account.reasons("May"))
    name = account.physical("F")
    assert call(account, name) == {"said": "hello", "by": "one"}
    functions = account.client("lambda")
    statements = json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"]
    assert [s["Sid"] for s in statements] == [account.physical("May")]
    arn = functions.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    assert functions.list_tags(Resource=arn)["Tags"]["platform"] == "psl"

    assert account.update(body("two", MemorySize="512")) == "UPDATE_COMPLETE", account.reasons("F")
    assert account.physical("F") == name
    assert call(account, name)["by"] == "two"
    assert functions.get_function_configuration(FunctionName=name)["MemorySize"] == 512

    assert account.update(body("two", FunctionName="named")) == "UPDATE_COMPLETE", account.reasons("F")
    assert call(account, "named")["by"] == "two"
    assert account.delete() == "DELETE_COMPLETE"
    for gone in (name, "named"):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            functions.get_function(FunctionName=gone)


def test_versions_and_aliases_follow_a_function(account):
    body = {"Resources": {
        "Role": role("lambda.amazonaws.com"), "F": function("one"),
        "V1": {"Type": "AWS::Lambda::Version", "DeletionPolicy": "Retain", "Properties": {
            "FunctionName": {"Ref": "F"}}},
        "Live": {"Type": "AWS::Lambda::Alias", "Properties": {
            "FunctionName": {"Ref": "F"}, "FunctionVersion": {"Fn::GetAtt": ["V1", "Version"]}, "Name": "live"}}}}
    assert account.create(body) == "CREATE_COMPLETE", [account.reasons(n) for n in ("F", "V1", "Live")]
    assert account.physical("Live").endswith(":live")
    assert call(account, account.physical("Live"))["by"] == "one"
    assert account.delete() == "DELETE_COMPLETE"


def test_a_tagged_key_is_made(account):
    root = {"AWS": f"arn:aws:iam::{account.number}:root"}
    body = {"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy(
        {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"})}}}}
    assert account.create(body, Tags=[{"Key": "platform", "Value": "psl"}]) == "CREATE_COMPLETE", account.reasons("K")
    tags = account.client("kms").list_resource_tags(KeyId=account.physical("K"))["Tags"]
    assert tags == [{"TagKey": "platform", "TagValue": "psl"}]


def test_a_bus_lets_another_account_put_events_until_the_stack_goes(account):
    body = {"Resources": {"P": {"Type": "AWS::Events::EventBusPolicy", "Properties": {
        "StatementId": "TheOtherMayPut", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "events:PutEvents",
            "Resource": f"arn:aws:events:{account.region}:{account.number}:event-bus/default"}}}}}
    assert account.create(body) == "CREATE_COMPLETE", account.reasons("P")
    events = account.client("events")
    held = json.loads(events.describe_event_bus()["Policy"])["Statement"]
    assert [s["Sid"] for s in held] == ["TheOtherMayPut"]
    assert account.delete() == "DELETE_COMPLETE"
    assert not json.loads(events.describe_event_bus().get("Policy") or '{"Statement": []}')["Statement"]


def test_a_pipeline_is_made_changed_and_deleted(account):
    def body(branch: str) -> dict[str, Any]:
        source = {"Category": "Source", "Owner": "AWS", "Provider": "CodeCommit", "Version": "1"}
        approval = {"Category": "Approval", "Owner": "AWS", "Provider": "Manual", "Version": "1"}
        return {"Resources": {
            "Store": {"Type": "AWS::S3::Bucket", "Properties": {}},
            "Role": role("codepipeline.amazonaws.com", allow("s3:*"), allow("codecommit:*")),
            "P": {"Type": "AWS::CodePipeline::Pipeline", "Properties": {
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "ArtifactStore": {"Type": "S3", "Location": {"Ref": "Store"}},
                "Stages": [
                    {"Name": "Source", "Actions": [{
                        "Name": "Code", "ActionTypeId": source, "RunOrder": "1", "OutputArtifacts": [{"Name": "Code"}],
                        "Configuration": {
                            "RepositoryName": "r", "BranchName": branch, "PollForSourceChanges": False}}]},
                    {"Name": "Ask", "Actions": [{"Name": "Ask", "ActionTypeId": approval}]},
                ]}}}}

    assert account.create(body("main")) == "CREATE_COMPLETE", account.reasons("P")
    pipelines, name = account.client("codepipeline"), account.physical("P")

    def configuration() -> Any:
        return pipelines.get_pipeline(name=name)["pipeline"]["stages"][0]["actions"][0]["configuration"]

    assert configuration() == {"RepositoryName": "r", "BranchName": "main", "PollForSourceChanges": "false"}
    assert account.update(body("develop")) == "UPDATE_COMPLETE", account.reasons("P")
    assert configuration()["BranchName"] == "develop"
    assert account.delete() in ("DELETE_COMPLETE", "DELETE_FAILED")  # the store may hold a failed execution's artifact
    with pytest.raises(ClientError, match="PipelineNotFoundException"):
        pipelines.get_pipeline(name=name)


def test_a_sam_application_is_transformed_and_made(account):
    bucket, packed = f"code-{account.region}", io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", CODE.replace("VERSION", "sam"))
    s3 = account.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": account.region})
    s3.put_object(Bucket=bucket, Key="code.zip", Body=packed.getvalue())
    body = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"Function": {"Timeout": 10, "Runtime": "python3.11"}},
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {
            "Handler": "index.handler", "CodeUri": f"s3://{bucket}/code.zip"}}},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["F", "Arn"]}}},
    }
    with pytest.raises(ClientError, match=r"Requires capabilities : \[CAPABILITY_AUTO_EXPAND\]"):
        account.create(body, Capabilities=["CAPABILITY_IAM"])
    assert account.create(body) == "CREATE_COMPLETE", (account.reasons("F"), account.reasons("FRole"))
    assert call(account, account.outputs()["Arn"])["by"] == "sam"
    held = account.cloudformation.describe_stack_resources(StackName="one")["StackResources"]
    assert {r["ResourceType"] for r in held} == {"AWS::Lambda::Function", "AWS::IAM::Role"}
    assert account.delete() == "DELETE_COMPLETE"
