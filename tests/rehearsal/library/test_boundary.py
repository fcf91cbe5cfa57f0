"""A service writes the policies of its roles itself: what its template may make of them, and what they may do then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.conftest import SHARED
from tests.rehearsal.cloudformation.policies import allow, policy, trust
from tests.rehearsal.library.lifecycle import failures, lives

from crossdock import library

NAMES = {"Platform": "shop", "Environment": "staging"}
EVERYTHING = policy(allow("*"))


@dataclass(frozen=True, slots=True)
class Target:
    """An account with the roles of one environment, in which CloudFormation acts as the execution role."""

    account: Any
    execution: str
    boundary: str

    def deploys(self, *, name: str = "shop-staging-survey-function", **properties: Any) -> str:
        """The status of a service's stack that consists of one role."""
        role = {"Type": "AWS::IAM::Role", "Properties": {
            "RoleName": name, "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"), **properties}}
        return str(self.account.create({"Resources": {"Role": role}}, "shop-staging-survey", RoleARN=self.execution))

    def changes(self, **properties: Any) -> str:
        """The same of a change of that role."""
        role = {"Type": "AWS::IAM::Role", "Properties": {
            "RoleName": "shop-staging-survey-function", "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
            **properties}}
        return str(self.account.update({"Resources": {"Role": role}}, "shop-staging-survey"))

    def why(self) -> str:
        return "\n".join(self.account.reasons("Role", "shop-staging-survey"))

    def ends(self) -> str:
        return str(self.account.delete("shop-staging-survey"))


def administrator(**more: Any) -> dict[str, Any]:
    return {"Policies": [{"PolicyName": "everything", "PolicyDocument": EVERYTHING}], **more}


def given(account: Any) -> dict[str, str]:
    bucket, key = f"shop-artifacts-{SHARED}-{account.region}", "12345678-1234-1234-1234-123456789012"
    return NAMES | {"SharedAccountId": SHARED, "ArtifactBucketName": bucket,
                    "ArtifactKeyArn": f"arn:aws:kms:{account.region}:{SHARED}:key/{key}"}


@pytest.fixture
def target(account: Any) -> Iterator[Target]:
    where = given(account)
    assert account.create(library.load("delivery/boundary"), "boundary", parameters=where) == "CREATE_COMPLETE"
    boundary = account.outputs("boundary")["PermissionsBoundaryArn"]
    roles = where | {"ArtifactFolderPrefix": "shop-staging-", "PermissionsBoundaryArn": boundary}
    made = account.create(library.load("delivery/target-roles"), "roles", parameters=roles)
    assert made == "CREATE_COMPLETE", failures(account, "roles")
    yield Target(account, account.outputs("roles")["ExecutionRoleArn"], boundary)
    assert account.delete("roles") == account.delete("boundary") == "DELETE_COMPLETE", failures(account, "boundary")


def test_the_boundary_is_made_changed_and_deleted(account):
    lives(account, "delivery/boundary", given(account), {"ArtifactBucketName": "another-bucket"})


def test_a_service_that_asks_for_an_administrator_is_refused(target):
    assert target.deploys(**administrator()) == "ROLLBACK_COMPLETE"
    assert "not authorized to perform: iam:CreateRole" in target.why()
    assert target.ends() == "DELETE_COMPLETE"


@pytest.mark.parametrize("boundary", [
    "arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::222222222222:policy/shop-staging-boundary-of-mine"])
def test_a_boundary_of_its_own_choice_is_refused(target, boundary):
    assert target.deploys(**administrator(PermissionsBoundary=boundary)) == "ROLLBACK_COMPLETE"
    assert "not authorized to perform: iam:CreateRole" in target.why()
    assert target.ends() == "DELETE_COMPLETE"


def test_no_template_takes_the_boundary_away_or_changes_it(target):
    assert target.deploys(**administrator(PermissionsBoundary=target.boundary)) == "CREATE_COMPLETE", target.why()
    assert target.changes(**administrator()) == "UPDATE_ROLLBACK_COMPLETE"
    assert "not authorized to perform: iam:DeleteRolePermissionsBoundary" in target.why()
    role = target.account.client("iam").get_role(RoleName="shop-staging-survey-function")["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == target.boundary
    widened = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
        "ManagedPolicyName": "shop-staging-boundary", "PolicyDocument": EVERYTHING}}
    other = target.account.create({"Resources": {"B": widened}}, "shop-staging-other", RoleARN=target.execution)
    assert other == "ROLLBACK_COMPLETE"
    assert "not authorized to perform: iam:CreatePolicy" in target.account.reasons("B", "shop-staging-other")[0]
    assert target.account.delete("shop-staging-other") == target.ends() == "DELETE_COMPLETE"


def test_roles_of_the_platform_that_have_no_boundary_are_not_the_services_to_change(target):
    name, iam = "shop-staging-of-the-platform", target.account.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust("ec2.amazonaws.com")))
    own = {"Type": "AWS::IAM::Policy", "Properties": {
        "PolicyName": "more", "PolicyDocument": EVERYTHING, "Roles": [name]}}
    made = target.account.create({"Resources": {"P": own}}, "shop-staging-survey", RoleARN=target.execution)
    assert made == "ROLLBACK_COMPLETE"
    assert "not authorized to perform: iam:PutRolePolicy" in target.account.reasons("P", "shop-staging-survey")[0]
    assert target.ends() == "DELETE_COMPLETE"
    iam.delete_role(RoleName=name)


def test_whatever_the_role_allows_itself_it_does_no_more_than_the_boundary(target):
    assert target.deploys(**administrator(PermissionsBoundary=target.boundary)) == "CREATE_COMPLETE", target.why()
    role = target.account.as_role(f"arn:aws:iam::{target.account.number}:role/shop-staging-survey-function")
    logs = role.client("logs")
    logs.create_log_group(logGroupName="/aws/lambda/shop-staging-survey")
    document = json.dumps(trust("lambda.amazonaws.com"))
    for call in (
        lambda: logs.create_log_group(logGroupName="/aws/lambda/shop-production-survey"),
        lambda: role.client("iam").create_role(RoleName="shop-staging-mine", AssumeRolePolicyDocument=document),
        lambda: role.client("iam").delete_role_permissions_boundary(RoleName="shop-staging-survey-function"),
        lambda: role.client("iam").create_policy_version(PolicyArn=target.boundary,
                                                         PolicyDocument=json.dumps(EVERYTHING), SetAsDefault=True),
        lambda: role.client("s3").create_bucket(Bucket="shop-staging-of-mine"),
        lambda: role.client("sqs").create_queue(QueueName="shop-staging-of-mine"),
        lambda: role.client("ssm").get_parameter(Name="/shop/production/secret"),
        lambda: role.client("cloudformation").delete_stack(StackName="roles"),
        lambda: role.client("ec2").describe_instances(),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException",
                                                           "UnauthorizedOperation")
        assert "no permissions boundary allows" in str(refused.value), refused.value
    logs = target.account.client("logs")
    logs.delete_log_group(logGroupName="/aws/lambda/shop-staging-survey")
    assert target.ends() == "DELETE_COMPLETE"
