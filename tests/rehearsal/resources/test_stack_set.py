"""Custom::StackSet as a stack of the shared account has it: its instances are stacks of other accounts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest
from botocore.config import Config

from crossdock import library

SHARED, NONPROD, ELSEWHERE = "111111111111", "222222222222", "999999999999"
BUCKET, PREFIX = "psl-artifacts-111111111111-us-east-1", "assets/0123456789abcdef"
INSTANCE = """
Parameters:
  Suffix: {Type: String}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub psl-${Suffix}-deployment
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
Outputs:
  RoleArn: {Value: !GetAtt Role.Arn}
"""


class Stage:
    """The platform's foundation in two accounts, and a stack `psl-targets` with one stack set in the shared one."""

    def __init__(self, local: Any) -> None:
        self.sessions = {account: self._session(local, account) for account in ("shared", "nonprod")}
        s3 = self.sessions["shared"].create_client("s3", config=Config(signature_version="s3v4"))
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/resources/stack_set.zip", Body=library.code("stack_set"))
        s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/instance.yaml", Body=INSTANCE.encode())
        s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/broken.yaml", Body=INSTANCE.replace("psl-$", "other-$").encode())

    @staticmethod
    def _session(local: Any, account: str) -> Any:
        made = botocore.session.Session()
        made.set_config_variable("config_file", str(local.config_file))
        made.set_config_variable("credentials_file", str(local.credentials_file))
        made.set_config_variable("profile", account)
        return made

    def client(self, account: str, service: str) -> Any:
        return self.sessions[account].create_client(service)

    def deploy(self, account: str, name: str, body: str, parameters: Mapping[str, str], *, update: bool = False) -> str:
        """The status in which the stack ends."""
        client = self.client(account, "cloudformation")
        call = client.update_stack if update else client.create_stack
        call(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"],
             Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()])
        waiter = client.get_waiter("stack_update_complete" if update else "stack_create_complete")
        waiter.config.delay = 0.3
        try:
            waiter.wait(StackName=name)
        except Exception as error:  # noqa: BLE001  the status tells
            print(error)
        return str(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    def bootstrap(self, account: str) -> str:
        return self.deploy(account, "psl-bootstrap", library.load("foundation/bootstrap"),
                           {"Platform": "psl", "SharedAccountId": SHARED, "OrganizationId": "o-a1b2c3d4e5"})

    def foundation(self) -> str:
        return self.deploy("shared", "psl-stack-sets", library.load("foundation/stack-sets"), {
            "Platform": "psl", "ArtifactBucketName": BUCKET, "AssetPrefix": PREFIX,
            "ExecutionRoleArns": f"arn:aws:iam::{NONPROD}:role/psl-stack-set-execution",
            "ReaderRoleArns": f"arn:aws:iam::{NONPROD}:role/psl-stack-set-reader",
        })

    def targets(self, *, suffix: str, template: str = "instance", update: bool = False, **more: object) -> str:
        account = f"arn:aws:iam::{SHARED}:role/psl-stack-set-administration"
        body = {"Resources": {"Targets": {"Type": "Custom::StackSet", "Properties": {
            "ServiceToken": f"arn:aws:lambda:us-east-1:{SHARED}:function:psl-stack-set",
            "StackSetName": "psl-development",
            "TemplateURL": f"https://{BUCKET}.s3.us-east-1.amazonaws.com/{PREFIX}/{template}.yaml",
            "Parameters": {"Suffix": suffix}, "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "AdministrationRoleArn": account, "ExecutionRoleName": "psl-stack-set-execution",
            "ReaderRoleName": "psl-stack-set-reader", "Accounts": [NONPROD], "Regions": ["us-east-1"],
            "OutputKeys": ["RoleArn"], "TimeoutSeconds": 60, **more}}},
            "Outputs": {name: {"Value": {"Fn::GetAtt": ["Targets", attribute]}} for name, attribute in (
                ("RoleArn", f"{NONPROD}.us-east-1.RoleArn"), ("Skipped", "Skipped"))}}
        return self.deploy("shared", "psl-targets", json.dumps(body), {}, update=update)

    def output(self, name: str = "RoleArn") -> str:
        stack = self.client("shared", "cloudformation").describe_stacks(StackName="psl-targets")["Stacks"][0]
        return str(next(o["OutputValue"] for o in stack["Outputs"] if o["OutputKey"] == name))

    def reasons(self) -> str:
        events = self.client("shared", "cloudformation").describe_stack_events(StackName="psl-targets")["StackEvents"]
        return "\n".join(str(event.get("ResourceStatusReason", "")) for event in events)

    def roles(self) -> set[str]:
        """The platform's roles in the target account, those of the bootstrap left out."""
        roles = self.client("nonprod", "iam").list_roles()["Roles"]
        return {r["RoleName"] for r in roles if r["RoleName"].startswith(("psl-", "other-"))} - {
            "psl-stack-set-execution", "psl-stack-set-reader"}


# The server outlives the object that started its process; the fixture ends it.
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_instances_follow_their_resource_and_their_outputs_are_attributes(local: Any) -> None:
    stage = Stage(local)
    assert stage.foundation() == "CREATE_COMPLETE"
    assert stage.targets(suffix="early") == "ROLLBACK_COMPLETE"
    assert "should have 'psl-stack-set-execution' role with trust relationship" in stage.reasons()
    stage.client("shared", "cloudformation").delete_stack(StackName="psl-targets")

    assert stage.bootstrap("nonprod") == "CREATE_COMPLETE"
    assert stage.targets(suffix="first") == "CREATE_COMPLETE"
    assert stage.output() == f"arn:aws:iam::{NONPROD}:role/psl-first-deployment"
    assert stage.roles() == {"psl-first-deployment"}

    assert stage.targets(suffix="second", update=True) == "UPDATE_COMPLETE"
    assert stage.output() == f"arn:aws:iam::{NONPROD}:role/psl-second-deployment"
    assert stage.roles() == {"psl-second-deployment"}

    assert stage.targets(suffix="third", template="broken", update=True) == "UPDATE_ROLLBACK_COMPLETE"
    assert "iam:CreateRole" in stage.reasons()
    assert stage.roles() == {"psl-second-deployment"}

    both: dict[str, Any] = {"Accounts": [NONPROD, ELSEWHERE], "AccountsThatCannotBeReached": "skip"}
    assert stage.targets(suffix="second", update=True, **both) == "UPDATE_COMPLETE"
    assert stage.output("Skipped") == f"{ELSEWHERE}/us-east-1"
    assert stage.targets(suffix="second", update=True) == "UPDATE_COMPLETE"
    held = stage.client("shared", "cloudformation").list_stack_instances(StackSetName="psl-development")["Summaries"]
    assert [one["Account"] for one in held] == [NONPROD]

    client = stage.client("shared", "cloudformation")
    client.delete_stack(StackName="psl-targets")
    waiter = client.get_waiter("stack_delete_complete")
    waiter.config.delay = 0.3
    waiter.wait(StackName="psl-targets")
    assert stage.roles() == set()
    assert client.list_stack_sets(Status="ACTIVE")["Summaries"] == []
