"""As users have it: the stock SDK against the server, a custom resource that really answers over HTTP."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from tests.rehearsal.cloudformation.policies import allow, policy, trust

CODE = """
import json, urllib.request

def handler(event, context):
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer["Data"] = {"Double": event["ResourceProperties"].get("Word", "") * 2}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": "thing-1"}
    place = urllib.request.Request(event["ResponseURL"], method="PUT", data=json.dumps(answer).encode())
    urllib.request.urlopen(place)
"""


@pytest.fixture
def session(local: Any) -> Any:
    made = botocore.session.Session()
    made.set_config_variable("config_file", str(local.config_file))
    made.set_config_variable("credentials_file", str(local.credentials_file))
    made.set_config_variable("profile", "nonprod")
    return made


# The server outlives the object that started its process; the fixture ends it.
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_a_custom_resource_answers_and_a_presigned_template_is_read(session):
    s3 = session.create_client("s3", config=Config(signature_version="s3v4"))
    cloudformation = session.create_client("cloudformation")
    body = {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {
                "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
                "Policies": [{"PolicyName": "own", "PolicyDocument": policy(allow("logs:*"))}]}},
            "F": {"Type": "AWS::Lambda::Function", "Properties": {
                "Runtime": "python3.11", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": CODE}}},
            "Thing": {"Type": "Custom::Thing", "Properties": {
                "ServiceToken": {"Fn::GetAtt": ["F", "Arn"]}, "ServiceTimeout": "20", "Word": "ab"}},
        },
        "Outputs": {"Double": {"Value": {"Fn::GetAtt": ["Thing", "Double"]}}, "Id": {"Value": {"Ref": "Thing"}}},
    }  # fmt: skip
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="t.json", Body=json.dumps(body))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "templates", "Key": "t.json"})
    made = cloudformation.create_stack(StackName="one", TemplateURL=url, Capabilities=["CAPABILITY_IAM"])
    patience = {"Delay": 1, "MaxAttempts": 40}
    cloudformation.get_waiter("stack_create_complete").wait(StackName="one", WaiterConfig=patience)
    outputs = cloudformation.describe_stacks(StackName="one")["Stacks"][0]["Outputs"]
    assert {o["OutputKey"]: o["OutputValue"] for o in outputs} == {"Double": "abab", "Id": "thing-1"}
    cloudformation.delete_stack(StackName="one")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=made["StackId"], WaiterConfig=patience)
