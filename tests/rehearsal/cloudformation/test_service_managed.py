"""Stack sets with service-managed permissions: units as targets, accounts that move, the service's own roles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.conftest import NONPROD, PRODUCTION, SHARED
from tests.rehearsal.cloudformation.test_stacksets import Sets, template

PRINCIPAL = "member.org.stacksets.cloudformation.amazonaws.com"
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ssm:PutParameter", "Resource": "*"}]}


class Managed(Sets):
    """Sets of the management account, and two units of its organization."""

    def __init__(self, administrator: Any, enter: Any) -> None:
        super().__init__(administrator, enter)
        self.organizations = administrator.client("organizations")
        self.root = self.organizations.list_roots()["Roots"][0]["Id"]
        self.unit, self.other = self.make_unit("Unit"), self.make_unit("Other")

    def make_unit(self, name: str, parent: str = "") -> str:
        made = self.organizations.create_organizational_unit(
            ParentId=parent or self.root, Name=f"{name} {self.region}")
        return str(made["OrganizationalUnit"]["Id"])

    def move(self, account: str, to: str) -> None:
        """And wait until it has been followed."""
        parent = self.organizations.list_parents(ChildId=account)["Parents"][0]["Id"]
        if parent != to:
            self.organizations.move_account(AccountId=account, SourceParentId=parent, DestinationParentId=to)
        engine: Any = self.administrator.world.engine("cloudformation")
        engine.wait_moves()

    def create(self, **more: Any) -> None:
        self.api.create_stack_set(
            **{"StackSetName": "s", "TemplateBody": template(), "PermissionModel": "SERVICE_MANAGED",
               "AutoDeployment": {"Enabled": True, "RetainStacksOnAccountRemoval": False}, **more})

    def deploy(self, *units: str, **targets: Any) -> str:
        where = {"OrganizationalUnitIds": list(units), **targets}
        return self.done(self.api.create_stack_instances(
            StackSetName="s", Regions=[self.region], DeploymentTargets=where))

    def held(self) -> dict[str, str]:
        """Account -> the unit by which it has a stack."""
        return {i["Account"]: i["OrganizationalUnitId"]
                for i in self.api.list_stack_instances(StackSetName="s")["Summaries"]}


@pytest.fixture
def sets(enter: Any) -> Iterator[Managed]:
    shared = enter(SHARED)
    shared.cloudformation.activate_organizations_access()
    made = Managed(shared, enter)
    yield made
    for one in made.api.list_stack_sets(Status="ACTIVE")["Summaries"]:
        if one.get("AutoDeployment", {}).get("Enabled"):
            made.done(made.api.update_stack_set(StackSetName=one["StackSetName"], UsePreviousTemplate=True,
                                                AutoDeployment={"Enabled": False}), one["StackSetName"])
    for account in (NONPROD, PRODUCTION):
        made.move(account, made.root)


def test_a_unit_reaches_its_accounts_and_those_of_units_below(sets):
    sets.move(NONPROD, sets.unit)
    sets.move(PRODUCTION, sets.make_unit("Below", sets.unit))
    sets.create()
    assert sets.deploy(sets.unit) == "SUCCEEDED", sets.results()
    assert sets.held() == dict.fromkeys((NONPROD, PRODUCTION), sets.unit)
    assert (sets.value(NONPROD), sets.value(PRODUCTION)) == ("a", "a")
    told = sets.api.describe_stack_set(StackSetName="s")["StackSet"]
    assert (told["PermissionModel"], told["OrganizationalUnitIds"]) == ("SERVICE_MANAGED", [sets.unit])
    assert "AdministrationRoleARN" not in told
    assert sets.api.list_stack_set_auto_deployment_targets(StackSetName="s")["Summaries"] == [
        {"OrganizationalUnitId": sets.unit, "Regions": [sets.region]}]


def test_the_management_account_gets_no_stack(sets):
    sets.create(AutoDeployment={"Enabled": False})
    assert sets.deploy(sets.root) == "SUCCEEDED"
    assert set(sets.held()) == {NONPROD, PRODUCTION}
    assert sets.value(SHARED) is None


def test_an_account_that_comes_gets_the_stacks_and_one_that_leaves_loses_them(sets):
    sets.create()
    assert sets.deploy(sets.unit) == "SUCCEEDED"
    assert sets.held() == {}
    sets.move(NONPROD, sets.unit)
    assert (sets.held(), sets.value(NONPROD)) == ({NONPROD: sets.unit}, "a")
    sets.move(NONPROD, sets.other)
    assert (sets.held(), sets.value(NONPROD)) == ({}, None)


def test_a_stack_stays_with_an_account_that_leaves_where_the_set_says_so(sets):
    sets.move(NONPROD, sets.unit)
    sets.create(AutoDeployment={"Enabled": True, "RetainStacksOnAccountRemoval": True})
    sets.deploy(sets.unit)
    sets.move(NONPROD, sets.root)
    assert (sets.held(), sets.value(NONPROD)) == ({}, "a")


def test_an_account_between_two_target_units_keeps_its_stack(sets):
    sets.move(NONPROD, sets.unit)
    sets.create()
    sets.deploy(sets.unit, sets.other)
    stack = sets.api.list_stack_instances(StackSetName="s")["Summaries"][0]["StackId"]
    sets.move(NONPROD, sets.other)
    kept = sets.api.list_stack_instances(StackSetName="s")["Summaries"][0]
    assert (kept["StackId"], kept["OrganizationalUnitId"]) == (stack, sets.other)


def test_nobody_is_followed_without_automatic_deployment(sets):
    sets.create(AutoDeployment={"Enabled": False})
    sets.deploy(sets.unit)
    sets.move(NONPROD, sets.unit)
    assert sets.held() == {}


def test_accounts_of_a_unit_can_be_picked_and_left_out(sets):
    for account in (NONPROD, PRODUCTION):
        sets.move(account, sets.unit)
    sets.create()
    sets.deploy(sets.unit, Accounts=[NONPROD], AccountFilterType="INTERSECTION")
    assert set(sets.held()) == {NONPROD}
    gone = {"OrganizationalUnitIds": [sets.unit]}
    sets.done(sets.api.delete_stack_instances(
        StackSetName="s", Regions=[sets.region], RetainStacks=False, DeploymentTargets=gone))
    assert sets.api.describe_stack_set(StackSetName="s")["StackSet"]["OrganizationalUnitIds"] == []
    sets.deploy(sets.unit, Accounts=[NONPROD], AccountFilterType="DIFFERENCE")
    assert set(sets.held()) == {PRODUCTION}
    with pytest.raises(ClientError, match="must be specified together"):
        sets.deploy(sets.unit, Accounts=[NONPROD])


def test_the_service_acts_by_roles_of_its_own(sets):
    sets.move(NONPROD, sets.unit)
    sets.create()
    sets.deploy(sets.unit)
    iam = sets.enter(NONPROD).client("iam")
    execution = next(r for r in iam.list_roles()["Roles"] if r["RoleName"].startswith("stacksets-exec-"))
    trusted = execution["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]
    assert trusted == (f"arn:aws:iam::{SHARED}:role/aws-service-role/stacksets.cloudformation.amazonaws.com/"
                       "AWSServiceRoleForCloudFormationStackSetsOrgAdmin")
    member = iam.get_role(RoleName="AWSServiceRoleForCloudFormationStackSetsOrgMember")["Role"]
    assert member["Path"] == f"/aws-service-role/{PRINCIPAL}/"


def test_a_control_policy_binds_what_the_set_makes(sets):
    sets.move(NONPROD, sets.unit)
    policy = sets.organizations.create_policy(
        Name=f"no parameters {sets.region}", Description="", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(DENY))
    sets.organizations.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=sets.unit)
    sets.create()
    assert sets.deploy(sets.unit) == "FAILED"
    assert "explicit deny in a service control policy" in sets.results()[NONPROD, sets.region][1]


def test_only_who_administers_the_organization_may(sets):
    member = sets.enter(NONPROD).cloudformation
    asked = {"StackSetName": "theirs", "TemplateBody": template(), "PermissionModel": "SERVICE_MANAGED"}
    with pytest.raises(ClientError, match="management account or delegated admin account"):
        member.create_stack_set(**asked)
    with pytest.raises(ClientError, match="Account used is not a delegated administrator"):
        member.create_stack_set(**asked, CallAs="DELEGATED_ADMIN")
    who = {"AccountId": NONPROD, "ServicePrincipal": PRINCIPAL}
    sets.organizations.register_delegated_administrator(**who)
    try:
        identity = member.create_stack_set(**asked, CallAs="DELEGATED_ADMIN")["StackSetId"]
        told = member.describe_stack_set(StackSetName="theirs", CallAs="DELEGATED_ADMIN")["StackSet"]
        assert told["StackSetARN"] == f"arn:aws:cloudformation:{sets.region}:{SHARED}:stackset/{identity}"
        begun = member.create_stack_instances(
            StackSetName="theirs", CallAs="DELEGATED_ADMIN", Regions=[sets.region],
            DeploymentTargets={"OrganizationalUnitIds": [sets.root]})
        assert sets.done(begun, "theirs") == "SUCCEEDED"
        assert (sets.value(NONPROD), sets.value(PRODUCTION)) == ("a", "a")
        with pytest.raises(ClientError, match="StackSet theirs not found"):
            member.describe_stack_set(StackSetName="theirs")
    finally:
        sets.organizations.deregister_delegated_administrator(**who)


def test_trust_comes_before_everything(sets):
    sets.api.deactivate_organizations_access()
    assert sets.api.describe_organizations_access()["Status"] == "DISABLED"
    with pytest.raises(ClientError, match="You must enable organizations access"):
        sets.create()


def test_what_such_a_set_cannot_deploy_is_refused(sets):
    nested = {"Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://x"}}}}
    with pytest.raises(ClientError, match="do not support nested stacks"):
        sets.create(TemplateBody=json.dumps(nested))
    with pytest.raises(ClientError, match="do not support macros"):
        sets.create(TemplateBody=template(Transform="AWS::Serverless-2016-10-31"), Capabilities=[
            "CAPABILITY_AUTO_EXPAND"])
    sets.create()
    with pytest.raises(ClientError, match="can only have OrganizationalUnit as target"):
        sets.add([NONPROD])
    with pytest.raises(ClientError, match="is not found in the organization"):
        sets.deploy("ou-none-11111111")


def test_such_a_set_is_a_resource_of_a_stack(sets):
    sets.move(NONPROD, sets.unit)

    def of(unit: str, value: str) -> dict[str, Any]:
        return {"Resources": {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": {
            "StackSetName": "s", "PermissionModel": "SERVICE_MANAGED", "TemplateBody": template(),
            "AutoDeployment": {"Enabled": "true", "RetainStacksOnAccountRemoval": False},
            "Parameters": [{"ParameterKey": "Value", "ParameterValue": value}],
            "StackInstancesGroup": [
                {"DeploymentTargets": {"OrganizationalUnitIds": [unit]}, "Regions": [sets.region]}]}}}}

    one = sets.administrator
    assert one.create(of(sets.unit, "a")) == "CREATE_COMPLETE", one.reasons("Set")
    assert sets.value(NONPROD) == "a"
    sets.move(PRODUCTION, sets.unit)
    assert sets.value(PRODUCTION) == "a"
    assert one.update(of(sets.unit, "b")) == "UPDATE_COMPLETE", one.reasons("Set")
    assert (sets.value(NONPROD), sets.value(PRODUCTION)) == ("b", "b")
    assert one.update(of(sets.other, "b")) == "UPDATE_COMPLETE", one.reasons("Set")
    assert (sets.value(NONPROD), sets.value(PRODUCTION)) == (None, None)
    assert one.delete() == "DELETE_COMPLETE", one.reasons("Set")
