"""Stack sets: roles really assumed, accounts and regions in order, failures within and beyond what is tolerated."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.conftest import NONPROD, PRODUCTION, SHARED
from tests.rehearsal.cloudformation.policies import allow, policy

ADMINISTRATION, EXECUTION = "AWSCloudFormationStackSetAdministrationRole", "AWSCloudFormationStackSetExecutionRole"
BOTH = [NONPROD, PRODUCTION]


def template(**more: Any) -> str:
    return json.dumps({
        "Parameters": {"Value": {"Type": "String", "Default": "a"}},
        "Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {
            "Name": "of-the-set", "Type": "String", "Value": {"Ref": "Value"}}}},
        **more,
    })  # fmt: skip


class Sets:
    """The stack sets of one administrator account and region. `done` answers when the operation is over."""

    def __init__(self, administrator: Any, enter: Callable[[str], Any]) -> None:
        self.administrator, self.enter, self.region = administrator, enter, administrator.region
        self.api = administrator.cloudformation

    def done(self, answer: dict[str, Any], name: str = "s") -> str:
        engine: Any = self.administrator.world.engine("cloudformation")
        engine.wait_operation(answer["OperationId"])
        told = self.api.describe_stack_set_operation(StackSetName=name, OperationId=answer["OperationId"])
        return str(told["StackSetOperation"]["Status"])

    def make(self, accounts: list[str], *, body: str | None = None, **more: Any) -> str:
        self.api.create_stack_set(StackSetName="s", TemplateBody=body or template())
        return self.add(accounts, **more)

    def add(self, accounts: list[str], **more: Any) -> str:
        return self.done(self.api.create_stack_instances(
            **{"StackSetName": "s", "Accounts": accounts, "Regions": [self.region], **more}))

    def results(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Of the last operation: account and region -> status and reason."""
        last = self.api.list_stack_set_operations(StackSetName="s")["Summaries"][0]["OperationId"]
        told = self.api.list_stack_set_operation_results(StackSetName="s", OperationId=last)["Summaries"]
        return {(r["Account"], r["Region"]): (r["Status"], r.get("StatusReason", "")) for r in told}

    def statuses(self) -> dict[str, tuple[str, str]]:
        """Account -> status and detailed status, in the set's own region."""
        return {i["Account"]: (i["Status"], i["StackInstanceStatus"]["DetailedStatus"])
                for i in self.api.list_stack_instances(StackSetName="s")["Summaries"] if i["Region"] == self.region}

    def value(self, account: str, region: str = "") -> str | None:
        """What the set's parameter is in an account; None: it isn't there."""
        ssm = self.enter(account).world.client("ssm", self.enter(account).caller, region or self.region)
        found = ssm.get_parameters(Names=["of-the-set"])["Parameters"]
        return str(found[0]["Value"]) if found else None


def make_role(account: Any, name: str, principal: dict[str, Any], *statements: Any) -> None:
    trusted = policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    iam = account.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trusted))
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy(*statements)))


@pytest.fixture
def sets(enter: Any) -> Any:
    """Administrator and target accounts with the roles of the guide, made once for all tests of the file."""
    shared = enter(SHARED)
    try:
        shared.client("iam").get_role(RoleName=ADMINISTRATION)
    except ClientError:
        make_role(shared, ADMINISTRATION, {"Service": "cloudformation.amazonaws.com"},
                  allow("sts:AssumeRole", f"arn:aws:iam::*:role/{EXECUTION}"))
        for number in (SHARED, *BOTH):
            make_role(enter(number), EXECUTION, {"AWS": f"arn:aws:iam::{SHARED}:root"}, allow("*"))
    return Sets(shared, enter)


def test_a_set_keeps_its_stacks_in_many_accounts_up_to_date(sets, enter):
    assert sets.make(BOTH) == "SUCCEEDED"
    assert sets.statuses() == dict.fromkeys(BOTH, ("CURRENT", "SUCCEEDED"))
    assert (sets.value(NONPROD), sets.value(PRODUCTION), sets.value(SHARED)) == ("a", "a", None)
    stack = enter(NONPROD).cloudformation.describe_stacks()["Stacks"][0]
    assert stack["StackName"].startswith("StackSet-s-")
    update = sets.api.update_stack_set(StackSetName="s", UsePreviousTemplate=True, Parameters=[
        {"ParameterKey": "Value", "ParameterValue": "b"}])
    assert sets.done(update) == "SUCCEEDED"
    assert (sets.value(NONPROD), sets.value(PRODUCTION)) == ("b", "b")
    with pytest.raises(ClientError, match="StackSet is not empty"):
        sets.api.delete_stack_set(StackSetName="s")
    assert sets.done(sets.api.delete_stack_instances(
        StackSetName="s", Accounts=BOTH, Regions=[sets.region], RetainStacks=False)) == "SUCCEEDED"
    assert (sets.value(NONPROD), sets.value(PRODUCTION)) == (None, None)
    sets.api.delete_stack_set(StackSetName="s")
    with pytest.raises(ClientError, match="StackSet s not found"):
        sets.api.describe_stack_set(StackSetName="s")


def test_overrides_count_where_they_are_given_and_go_back_when_they_are_not(sets):
    override = {"ParameterKey": "Value", "ParameterValue": "own"}
    sets.make([NONPROD])
    assert sets.add([PRODUCTION], ParameterOverrides=[override]) == "SUCCEEDED"
    assert (sets.value(NONPROD), sets.value(PRODUCTION)) == ("a", "own")
    told = sets.api.describe_stack_instance(
        StackSetName="s", StackInstanceAccount=PRODUCTION, StackInstanceRegion=sets.region)["StackInstance"]
    assert told["ParameterOverrides"] == [override]
    update = sets.api.update_stack_instances(StackSetName="s", Accounts=[PRODUCTION], Regions=[sets.region])
    assert sets.done(update) == "SUCCEEDED"
    assert sets.value(PRODUCTION) == "a"
    with pytest.raises(ClientError, match=r"Parameters: \[Other\] do not exist in the template"):
        sets.add([NONPROD], ParameterOverrides=[{"ParameterKey": "Other", "ParameterValue": "x"}])


def test_an_account_without_the_execution_role_fails_and_stops_the_rest(sets):
    assert sets.make(["444444444444", NONPROD]) == "FAILED"
    where = sets.region
    assert sets.results() == {
        ("444444444444", where): ("FAILED", f"Account 444444444444 should have '{EXECUTION}' role with trust "
                                            f"relationship to Role '{ADMINISTRATION}'."),
        (NONPROD, where): ("CANCELLED", "Cancelled since failure tolerance has exceeded"),
    }  # fmt: skip
    assert sets.statuses() == {"444444444444": ("OUTDATED", "FAILED"), NONPROD: ("OUTDATED", "CANCELLED")}
    assert sets.value(NONPROD) is None


@pytest.mark.parametrize("preferences", [
    {"FailureToleranceCount": 1}, {"FailureTolerancePercentage": 50, "MaxConcurrentPercentage": 100},
    {"FailureToleranceCount": 1, "MaxConcurrentCount": 5, "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE"},
], ids=["count", "percentage", "soft"])  # fmt: skip
def test_a_failure_within_the_tolerance_lets_the_others_go_on(sets, preferences):
    assert sets.make(["444444444444", NONPROD], OperationPreferences=preferences) == "SUCCEEDED"
    assert sets.statuses() == {"444444444444": ("OUTDATED", "FAILED"), NONPROD: ("CURRENT", "SUCCEEDED")}
    told = sets.api.list_stack_set_operations(StackSetName="s")["Summaries"][0]
    assert told["StatusDetails"]["FailedStackInstancesCount"] == 1


def test_a_stack_that_fails_tells_which_resource_and_is_made_anew_next_time(sets, enter):
    ssm = enter(NONPROD).client("ssm")
    ssm.put_parameter(Name="of-the-set", Value="in the way", Type="String")
    assert sets.make([NONPROD]) == "FAILED"
    reason = sets.results()[NONPROD, sets.region][1]
    assert reason.startswith("ResourceLogicalId:P, ResourceType:AWS::SSM::Parameter, ResourceStatusReason:")
    ssm.delete_parameter(Name="of-the-set")
    assert sets.add([NONPROD]) == "SUCCEEDED"
    assert sets.value(NONPROD) == "a"


def test_regions_come_in_order_and_the_later_ones_are_not_tried_after_a_failure(sets, enter):
    first, second = sets.region, "af-south-1"
    where = enter(NONPROD).world.client("ssm", enter(NONPROD).caller, second)
    where.put_parameter(Name="of-the-set", Value="in the way", Type="String")
    order = {"RegionOrder": [second, first]}
    assert sets.make([NONPROD], Regions=[first, second], OperationPreferences=order) == "FAILED"
    assert [sets.results()[NONPROD, region][0] for region in (second, first)] == ["FAILED", "CANCELLED"]
    assert sets.value(NONPROD, first) is None
    together = {"RegionConcurrencyType": "PARALLEL"}
    assert sets.add([NONPROD], Regions=[first, second], OperationPreferences=together) == "FAILED"
    assert sets.value(NONPROD, first) == "a"
    with pytest.raises(ClientError, match="Region order"):
        sets.add([NONPROD], OperationPreferences={"RegionOrder": ["eu-north-1"]})


def test_instances_that_an_update_leaves_out_are_outdated(sets):
    sets.make(BOTH)
    update = sets.api.update_stack_set(
        StackSetName="s", TemplateBody=template(Description="new"), Accounts=[NONPROD], Regions=[sets.region])
    assert sets.done(update) == "SUCCEEDED"
    assert sets.statuses() == {NONPROD: ("CURRENT", "SUCCEEDED"), PRODUCTION: ("OUTDATED", "SUCCEEDED")}


def test_a_retained_stack_outlives_its_set(sets, enter):
    sets.make([NONPROD])
    assert sets.done(sets.api.delete_stack_instances(
        StackSetName="s", Accounts=[NONPROD], Regions=[sets.region], RetainStacks=True)) == "SUCCEEDED"
    assert sets.value(NONPROD) == "a"
    sets.api.delete_stack_set(StackSetName="s")
    assert enter(NONPROD).cloudformation.describe_stacks()["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_a_stack_that_cannot_be_deleted_is_inoperable(sets, enter):
    bucket = {"B": {"Type": "AWS::S3::Bucket", "Properties": {}}}
    sets.make([NONPROD], body=json.dumps({"Resources": bucket}))
    s3 = enter(NONPROD).client("s3")
    name = s3.list_buckets()["Buckets"][-1]["Name"]
    s3.put_object(Bucket=name, Key="k", Body=b"v")
    gone = {"StackSetName": "s", "Accounts": [NONPROD], "Regions": [sets.region], "RetainStacks": False}
    assert sets.done(sets.api.delete_stack_instances(**gone)) == "FAILED"
    assert sets.statuses() == {NONPROD: ("INOPERABLE", "INOPERABLE")}
    s3.delete_object(Bucket=name, Key="k")
    assert sets.done(sets.api.delete_stack_instances(**gone)) == "SUCCEEDED"


def test_one_operation_at_a_time_and_it_can_be_stopped(sets):
    wait = {"H": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
            "W": {"Type": "AWS::CloudFormation::WaitCondition", "Properties": {
                "Handle": {"Ref": "H"}, "Timeout": "1"}}}
    sets.api.create_stack_set(StackSetName="s", TemplateBody=json.dumps({"Resources": wait}))
    begun = sets.api.create_stack_instances(StackSetName="s", Accounts=BOTH, Regions=[sets.region])
    with pytest.raises(ClientError, match=r"Another Operation on StackSet arn:.* is in progress"):
        sets.add(BOTH)
    sets.api.stop_stack_set_operation(StackSetName="s", OperationId=begun["OperationId"])
    assert sets.done(begun) == "STOPPED"
    assert sets.results()[PRODUCTION, sets.region][0] == "CANCELLED"
    with pytest.raises(ClientError, match="cannot be stopped"):
        sets.api.stop_stack_set_operation(StackSetName="s", OperationId=begun["OperationId"])


def test_the_administration_role_must_trust_cloudformation_for_this_set(sets):
    name = f"elsewhere-{sets.region}"
    trusted = policy({"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"},
                      "Action": "sts:AssumeRole", "Condition": {
                          "StringLike": {"aws:SourceArn": f"arn:aws:cloudformation:*:{SHARED}:stackset/other:*"}}})
    made = sets.administrator.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(trusted))["Role"]["Arn"]
    sets.api.create_stack_set(StackSetName="s", TemplateBody=template(), AdministrationRoleARN=made)
    assert sets.add([NONPROD]) == "FAILED"
    assert sets.results()[NONPROD, sets.region][1] == (
        f"Account {SHARED} should have '{name}' role with trust relationship to CloudFormation service.")


def test_an_execution_role_that_lacks_a_right_fails_its_account_only(sets, enter):
    poor = f"poor-{sets.region}"
    make_role(sets.administrator, f"by-{poor}", {"Service": "cloudformation.amazonaws.com"},
              allow("sts:AssumeRole", f"arn:aws:iam::*:role/{poor}"))
    for number, right in ((NONPROD, "sns:*"), (PRODUCTION, "ssm:*")):
        make_role(enter(number), poor, {"AWS": f"arn:aws:iam::{SHARED}:root"}, allow("cloudformation:*"), allow(right))
    sets.api.create_stack_set(
        StackSetName="s", TemplateBody=template(), ExecutionRoleName=poor,
        AdministrationRoleARN=f"arn:aws:iam::{SHARED}:role/by-{poor}")
    assert sets.add(BOTH, OperationPreferences={"FailureToleranceCount": 1}) == "SUCCEEDED"
    assert sets.value(PRODUCTION) == "a"
    assert f"assumed-role/{poor}/" in sets.results()[NONPROD, sets.region][1]
    assert "is not authorized to perform: ssm:PutParameter" in sets.results()[NONPROD, sets.region][1]


def test_what_a_set_cannot_be_is_said(sets):
    sets.api.create_stack_set(StackSetName="s", TemplateBody=template())
    with pytest.raises(ClientError, match="already exists"):
        sets.api.create_stack_set(StackSetName="s", TemplateBody=template())
    with pytest.raises(ClientError, match="AutoDeployment is only valid for SERVICE_MANAGED stack sets"):
        sets.api.create_stack_set(StackSetName="t", TemplateBody=template(), AutoDeployment={"Enabled": False})
    with pytest.raises(ClientError, match="can only have accounts as target"):
        sets.api.create_stack_instances(StackSetName="s", Regions=[sets.region], DeploymentTargets={
            "OrganizationalUnitIds": ["r-abcd"]})
    with pytest.raises(ClientError, match=r"Value '\[1\]' at 'accounts' failed to satisfy constraint"):
        sets.add(["1"])
    with pytest.raises(ClientError, match="Stack instance not found"):
        sets.api.update_stack_instances(StackSetName="s", Accounts=[NONPROD], Regions=[sets.region])
    with pytest.raises(ClientError, match="Operation none not found"):
        sets.api.describe_stack_set_operation(StackSetName="s", OperationId="none")


def test_a_set_tells_what_its_template_is(sets):
    sets.api.create_stack_set(StackSetName="s", TemplateBody=template(Description="of the set"))
    told = sets.api.get_template_summary(StackSetName="s")
    assert (told["Description"], told["ResourceTypes"]) == ("of the set", ["AWS::SSM::Parameter"])
    assert sets.api.describe_stack_set(StackSetName="s")["StackSet"]["TemplateBody"] == template(
        Description="of the set")


def test_a_managed_set_takes_operations_one_after_the_other(sets):
    sets.api.create_stack_set(StackSetName="s", TemplateBody=template(), ManagedExecution={"Active": True})
    first = sets.api.create_stack_instances(StackSetName="s", Accounts=[NONPROD], Regions=[sets.region])
    second = sets.api.create_stack_instances(StackSetName="s", Accounts=[PRODUCTION], Regions=[sets.region])
    assert (sets.done(first), sets.done(second)) == ("SUCCEEDED", "SUCCEEDED")
    assert sets.statuses() == dict.fromkeys(BOTH, ("CURRENT", "SUCCEEDED"))


def as_resource(accounts: list[str], region: str, value: str = "a", **more: Any) -> dict[str, Any]:
    return {"Resources": {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": {
        "StackSetName": "s", "PermissionModel": "SELF_MANAGED", "TemplateBody": template(),
        "Parameters": [{"ParameterKey": "Value", "ParameterValue": value}],
        "StackInstancesGroup": [{"DeploymentTargets": {"Accounts": accounts}, "Regions": [region]}], **more}}},
        "Outputs": {"Id": {"Value": {"Ref": "Set"}}}}  # fmt: skip


def test_a_set_is_a_resource_of_a_stack(sets):
    one = sets.administrator
    assert one.create(as_resource([NONPROD], sets.region)) == "CREATE_COMPLETE", one.reasons("Set")
    assert one.outputs()["Id"].startswith("s:")
    assert sets.value(NONPROD) == "a"
    assert one.update(as_resource([PRODUCTION], sets.region, "b")) == "UPDATE_COMPLETE", one.reasons("Set")
    assert (sets.value(NONPROD), sets.value(PRODUCTION)) == (None, "b")
    sets.enter(NONPROD).client("ssm").put_parameter(Name="of-the-set", Value="in the way", Type="String")
    assert one.update(as_resource([NONPROD, PRODUCTION], sets.region, "c")) == "UPDATE_ROLLBACK_COMPLETE"
    assert any("was unexpectedly stopped or failed. status reason(s): [ResourceLogicalId:P" in reason
               for reason in one.reasons("Set"))
    assert sets.value(PRODUCTION) == "b"
    assert one.delete() == "DELETE_COMPLETE", one.reasons("Set")
    assert sets.value(PRODUCTION) is None
    assert sets.api.list_stack_sets(Status="ACTIVE")["Summaries"] == []


def test_a_set_knows_which_of_its_stacks_drifted(sets):
    sets.make(BOTH)
    sets.enter(PRODUCTION).client("ssm").put_parameter(
        Name="of-the-set", Value="by hand", Type="String", Overwrite=True)
    begun = sets.api.detect_stack_set_drift(StackSetName="s")
    assert sets.done(begun) == "SUCCEEDED"
    told = sets.api.describe_stack_set(StackSetName="s")["StackSet"]["StackSetDriftDetectionDetails"]
    assert (told["DriftStatus"], told["DriftDetectionStatus"]) == ("DRIFTED", "COMPLETED")
    assert (told["DriftedStackInstancesCount"], told["InSyncStackInstancesCount"]) == (1, 1)
    drifts = sets.api.list_stack_instance_resource_drifts(
        StackSetName="s", OperationId=begun["OperationId"], StackInstanceAccount=PRODUCTION,
        StackInstanceRegion=sets.region)["Summaries"]
    assert [d["ActualValue"] for one in drifts for d in one["PropertyDifferences"]] == ["by hand"]
    assert sets.statuses() == dict.fromkeys(BOTH, ("CURRENT", "SUCCEEDED"))


def test_an_administration_role_of_ones_own_must_be_passed(sets):
    name = f"manager-{sets.region}"
    make_role(sets.administrator, name, {"Service": "lambda.amazonaws.com"}, allow("cloudformation:*"))
    manager = sets.administrator.as_role(f"arn:aws:iam::{SHARED}:role/{name}").cloudformation
    with pytest.raises(ClientError, match="iam:PassRole"):
        manager.create_stack_set(StackSetName="s", TemplateBody=template(),
                                 AdministrationRoleARN=f"arn:aws:iam::{SHARED}:role/{ADMINISTRATION}")
    manager.create_stack_set(StackSetName="s", TemplateBody=template())
