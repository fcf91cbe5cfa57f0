"""Stacks within stacks share their parent's fate: made, changed, rolled back, cleaned up and deleted with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def put(account: Any) -> Any:
    """Store a template; gives its URL."""
    name = f"templates-{account.region}"
    s3 = account.client("s3")
    more = {} if account.region == "us-east-1" else {
        "CreateBucketConfiguration": {"LocationConstraint": account.region}}
    s3.create_bucket(Bucket=name, **more)

    def stored(key: str, body: dict[str, Any]) -> str:
        s3.put_object(Bucket=name, Key=key, Body=json.dumps(body))
        return f"https://{name}.s3.{account.region}.amazonaws.com/{key}"

    return stored


def child(value: Any, *more: str, name: str = "x") -> dict[str, Any]:
    def parameter(named: str, holding: Any) -> dict[str, Any]:
        return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": named, "Type": "String", "Value": holding}}

    return {
        "Parameters": {"Value": {"Type": "String"}},
        "Resources": {"P": parameter(name, {"Ref": "Value"}), **{n: parameter(n, "m") for n in more}},
        "Outputs": {"Name": {"Value": {"Ref": "P"}}, "Value": {"Value": value}},
    }  # fmt: skip


def parent(url: str, value: str, **more: Any) -> dict[str, Any]:
    return {
        "Resources": {
            "Inner": {"Type": "AWS::CloudFormation::Stack",
                      "Properties": {"TemplateURL": url, "Parameters": {"Value": value}}},
            "After": {"Type": "AWS::SSM::Parameter", "Properties": {
                "Name": "after", "Type": "String", "Value": {"Fn::GetAtt": ["Inner", "Outputs.Value"]}}},
            **more,
        },
    }  # fmt: skip


def fails(after: str) -> dict[str, Any]:
    return {"Type": "AWS::S3::BucketPolicy", "DependsOn": after, "Properties": {
        "Bucket": "no-such-bucket-anywhere", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}}


def parameters(account: Any) -> dict[str, str]:
    ssm = account.client("ssm")
    return {p["Name"]: ssm.get_parameter(Name=p["Name"])["Parameter"]["Value"]
            for p in ssm.describe_parameters()["Parameters"]}


def test_a_nested_stack_is_made_read_changed_and_deleted_with_its_parent(account, put):
    url = put("c.json", child("one"))
    assert account.create(parent(url, "a")) == "CREATE_COMPLETE", account.reasons("Inner")
    assert parameters(account) == {"x": "a", "after": "one"}
    inner = account.physical("Inner")
    assert account.stack(inner)["ParentId"] == account.stack()["StackId"]
    assert inner.split("/")[1].startswith("one-Inner-")

    put("c.json", child("two", "more"))
    assert account.update(parent(url, "b")) == "UPDATE_COMPLETE"
    assert parameters(account) == {"x": "b", "more": "m", "after": "two"}
    assert account.stack(inner)["StackStatus"] == "UPDATE_COMPLETE"

    assert account.delete() == "DELETE_COMPLETE"
    assert parameters(account) == {}
    assert account.stack(inner)["StackStatus"] == "DELETE_COMPLETE"


def test_a_failure_inside_rolls_the_whole_back(account, put):
    body = child("one")
    body["Resources"]["Bad"] = fails("P")
    assert account.create(parent(put("bad.json", body), "a")) == "ROLLBACK_COMPLETE"
    assert parameters(account) == {}
    said = f"Embedded stack {account.physical('Inner')} was not successfully created"
    assert account.reasons("Inner")[1].startswith(said)


def test_a_failure_beside_it_rolls_a_changed_nested_stack_back(account, put):
    url = put("c.json", child("one", "old"))
    account.create(parent(url, "a"))
    before, inner = parameters(account), account.physical("Inner")
    put("c.json", child("two", "new", name="x2"))
    assert account.update(parent(url, "b", Bad=fails("After"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert parameters(account) == before
    statuses = [status for name, status in account.events(inner) if name == inner.split("/")[1]]
    assert statuses[2:] == [
        "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]
    assert account.delete() == "DELETE_COMPLETE"
    assert parameters(account) == {}


def test_a_failed_nested_update_is_rolled_back_with_its_parent(account, put):
    url = put("c.json", child("one"))
    account.create(parent(url, "a"))
    before = parameters(account)
    body = child("two", "new")
    body["Resources"]["Bad"] = fails("new")
    put("c.json", body)
    assert account.update(parent(url, "b")) == "UPDATE_ROLLBACK_COMPLETE"
    assert parameters(account) == before


def change_set(account: Any, body: dict[str, Any], kind: str) -> dict[str, Any]:
    account.cloudformation.create_change_set(
        StackName="one", ChangeSetName="c", ChangeSetType=kind, IncludeNestedStacks=True, TemplateBody=json.dumps(body))
    told: dict[str, Any] = account.cloudformation.describe_change_set(StackName="one", ChangeSetName="c")
    return told


def entries(told: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {c["ResourceChange"]["LogicalResourceId"]: (c["ResourceChange"]["Action"], c["ResourceChange"].get(
        "ChangeSetId")) for c in told["Changes"]}


def test_a_change_set_tells_what_happens_within_nested_stacks(account, put):
    url = put("c.json", child("one", "old"))
    told = change_set(account, parent(url, "a"), "CREATE")
    inside = entries(told)["Inner"][1]
    inner = account.cloudformation.describe_change_set(ChangeSetName=inside)
    assert {name: action for name, (action, _) in entries(inner).items()} == {"P": "Add", "old": "Add"}
    assert (inner["RootChangeSetId"], inner["ParentChangeSetId"]) == (told["ChangeSetId"], told["ChangeSetId"])
    assert account.stack(inner["StackId"])["StackStatus"] == "REVIEW_IN_PROGRESS"
    with pytest.raises(ClientError, match="is nested: execute its root change set"):
        account.cloudformation.execute_change_set(ChangeSetName=inside)
    assert parameters(account) == {}
    account.cloudformation.execute_change_set(StackName="one", ChangeSetName="c")
    assert account.wait() == "CREATE_COMPLETE"
    assert account.physical("Inner") == inner["StackId"]
    assert parameters(account) == {"x": "a", "old": "m", "after": "one"}

    put("c.json", child("one", "new"))
    told = change_set(account, parent(url, "b"), "UPDATE")
    inner = account.cloudformation.describe_change_set(ChangeSetName=entries(told)["Inner"][1])
    assert {name: action for name, (action, _) in entries(inner).items()} == {
        "P": "Modify", "new": "Add", "old": "Remove"}
    account.cloudformation.execute_change_set(StackName="one", ChangeSetName="c")
    assert account.wait() == "UPDATE_COMPLETE"
    assert parameters(account) == {"x": "b", "new": "m", "after": "one"}


def test_nothing_that_changes_within_is_no_change(account, put):
    url = put("c.json", child("one"))
    account.create(parent(url, "a"))
    told = change_set(account, parent(url, "a"), "UPDATE")
    assert (told["Status"], told["Changes"]) == ("FAILED", [])
    assert told["StatusReason"].startswith("The submitted information didn't contain changes.")


def test_a_deleted_change_set_takes_the_stacks_under_review_with_it(account, put):
    url = put("c.json", child("one"))
    inside = entries(change_set(account, parent(url, "a"), "CREATE"))["Inner"][1]
    account.cloudformation.delete_change_set(StackName="one", ChangeSetName="c")
    with pytest.raises(ClientError, match="does not exist"):
        account.cloudformation.describe_change_set(ChangeSetName=inside)
    assert account.delete() == "DELETE_COMPLETE"
    assert account.cloudformation.describe_stacks()["Stacks"] == []


def test_a_value_that_is_known_later_is_shown_so(account, put):
    url = put("c.json", child("one"))
    body = parent(url, "a")
    body["Resources"]["Before"] = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "v"}}
    body["Resources"]["Inner"]["Properties"]["Parameters"] = {"Value": {"Ref": "Before"}}
    inner = account.cloudformation.describe_change_set(
        ChangeSetName=entries(change_set(account, body, "CREATE"))["Inner"][1])
    assert inner["Parameters"] == [{"ParameterKey": "Value", "ParameterValue": "{{changeSet:KNOWN_AFTER_APPLY}}"}]
    account.cloudformation.execute_change_set(StackName="one", ChangeSetName="c")
    assert account.wait() == "CREATE_COMPLETE"
    assert parameters(account)["x"] == account.physical("Before")
