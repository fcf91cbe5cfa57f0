"""Every call counts as the stack's role, or as the caller by forward access: who lacks a right sees it in an event."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.policies import allow, policy, trust

PARAMETER = {"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "v"}}}}
TOPIC = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}}}}


def role(account: Any, name: str, *statements: Any, service: str = "cloudformation.amazonaws.com") -> str:
    """A new role's ARN."""
    iam = account.client("iam")
    name = f"{name}-{account.region}"
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust(service)))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy(*statements)))
    return str(arn)


def test_a_stack_role_makes_what_the_caller_may_not(account):
    maker = role(account, "maker", allow("ssm:*"))
    rights = allow("cloudformation:*"), allow("iam:PassRole", maker)
    passing = account.as_role(role(account, "deployer", *rights, service="codepipeline.amazonaws.com"))
    assert passing.create(PARAMETER, "by-role", RoleARN=maker) == "CREATE_COMPLETE"
    assert passing.stack("by-role")["RoleARN"] == maker
    assert passing.create(PARAMETER, "by-caller") == "ROLLBACK_COMPLETE"
    reason = passing.reasons("P", "by-caller")[0]
    assert "is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:" in reason
    assert "HandlerErrorCode: AccessDenied" in reason


def test_a_role_that_lacks_a_right_fails_the_stack_though_the_caller_has_it(account):
    maker = role(account, "maker", allow("ssm:*"))
    assert account.create(TOPIC, RoleARN=maker) == "ROLLBACK_COMPLETE"
    who = f"assumed-role/{maker.rpartition('/')[2]}/AWSCloudFormation"
    assert f"{who} is not authorized to perform: sns:createtopic".lower() in account.reasons("T")[0].lower()


def test_a_stack_keeps_its_role(account):
    maker = role(account, "maker", allow("ssm:*"))
    account.create(PARAMETER, RoleARN=maker)
    both = {"Resources": {**PARAMETER["Resources"], **TOPIC["Resources"]}}
    assert account.update(both) == "UPDATE_ROLLBACK_COMPLETE"


def test_a_role_must_trust_cloudformation(account):
    other = role(account, "other", allow("*"), service="lambda.amazonaws.com")
    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        account.create(PARAMETER, RoleARN=other)


def test_passing_a_role_to_a_stack_needs_pass_role(account):
    maker = role(account, "maker", allow("ssm:*"))
    poor = account.as_role(role(account, "poor", allow("cloudformation:*"), service="codepipeline.amazonaws.com"))
    with pytest.raises(ClientError, match="iam:PassRole"):
        poor.create(PARAMETER, RoleARN=maker)


def test_a_right_that_was_lost_leaves_a_rollback_to_be_continued(account):
    maker = role(account, "maker", allow("ssm:*"))
    account.create(PARAMETER, RoleARN=maker)
    changed = {"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "w"}}}}
    iam, name = account.client("iam"), maker.rpartition("/")[2]
    denied = json.dumps(policy(allow("ssm:Get*")))
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=denied)
    assert account.update(changed) == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(ClientError, match="is in UPDATE_ROLLBACK_FAILED state and can not be updated"):
        account.update(changed)
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy(allow("ssm:*"))))
    account.cloudformation.continue_update_rollback(StackName="one")
    assert account.wait() == "UPDATE_ROLLBACK_COMPLETE"
    assert account.client("ssm").get_parameter(Name=account.physical("P"))["Parameter"]["Value"] == "v"
    assert account.update(changed) == "UPDATE_COMPLETE"


def test_a_rollback_can_go_on_without_what_it_cannot_bring_back(account):
    maker = role(account, "skipper", allow("ssm:*"))
    account.create(PARAMETER, RoleARN=maker)
    changed = {"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "w"}}}}
    denied = json.dumps(policy(allow("ssm:Get*")))
    account.client("iam").put_role_policy(
        RoleName=maker.rpartition("/")[2], PolicyName="own", PolicyDocument=denied)
    assert account.update(changed) == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(ClientError, match="does not exist in stack"):
        account.cloudformation.continue_update_rollback(StackName="one", ResourcesToSkip=["Nobody"])
    account.cloudformation.continue_update_rollback(StackName="one", ResourcesToSkip=["P"])
    assert account.wait() == "UPDATE_ROLLBACK_COMPLETE"


def test_a_secure_string_goes_where_passwords_go_and_nowhere_else(account):
    secret = "correct-Horse-7-battery"
    account.client("ssm").put_parameter(Name="password", Type="SecureString", Value=secret)
    reference = "{{resolve:ssm-secure:password:1}}"
    database = {"Resources": {"D": {"Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Delete", "Properties": {
        "Engine": "mysql", "DBInstanceClass": "db.t4g.micro", "AllocatedStorage": "20", "MasterUsername": "root",
        "MasterUserPassword": reference}}}}
    parameter = {"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Value": {"Fn::Sub": reference}}}}}
    with pytest.raises(ClientError, match=re.escape(
            "SSM Secure reference is not supported in: [AWS::SSM::Parameter/Properties/Value]")):
        account.create(parameter)
    assert account.create(database) == "CREATE_COMPLETE"
    told = account.cloudformation.describe_stack_events(StackName="one")["StackEvents"]
    assert secret not in json.dumps(told, default=str)


def test_a_custom_resource_whose_function_is_not_there_says_what_lambda_said(account):
    function = f"arn:aws:lambda:{account.region}:{account.number}:function:nowhere"
    custom = {"Resources": {"X": {"Type": "Custom::Nothing", "Properties": {"ServiceToken": function}}}}
    assert account.create(custom) == "ROLLBACK_COMPLETE"
    reason = account.reasons("X")[0]
    assert reason.startswith(f"Function not found: {function} (Service: AWSLambda; Status Code: 404; "
                             "Error Code: ResourceNotFoundException; Request ID: ")
    assert reason.endswith("; Proxy: null)")


TRANSFORMED = {"Transform": "AWS::LanguageExtensions", **PARAMETER}


def prepared(account: Any, role: str) -> dict[str, Any]:
    """A change set of a new stack, as it is described once it is made or failed."""
    named = {"StackName": "transformed", "ChangeSetName": "first"}
    account.cloudformation.create_change_set(
        **named, ChangeSetType="CREATE", RoleARN=role, TemplateBody=json.dumps(TRANSFORMED),
        Capabilities=["CAPABILITY_AUTO_EXPAND"])
    found = account.cloudformation.describe_change_set(**named)
    account.cloudformation.delete_stack(StackName="transformed")
    return dict(found)


def test_a_transform_of_aws_asks_whoever_cloudformation_acts_as(account):
    arn = f"arn:aws:cloudformation:{account.region}:aws:transform/LanguageExtensions"
    without = role(account, "without", allow("ssm:*"), allow("cloudformation:CreateChangeSet", f"{arn}s"))
    failed = prepared(account, without)
    assert failed["Status"] == "FAILED"
    assert f"is not authorized to perform: cloudformation:CreateChangeSet on resource: {arn}" in failed["StatusReason"]
    having = role(account, "having", allow("ssm:*"), allow("cloudformation:CreateChangeSet", arn))
    assert prepared(account, having)["Status"] == "CREATE_COMPLETE"
