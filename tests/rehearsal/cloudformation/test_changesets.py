"""Change sets: what they say, that they change nothing, and that executing them does just that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def template(*names: str, value: str = "a") -> str:
    properties = {"Type": "String", "Value": value}
    return json.dumps({"Resources": {
        name: {"Type": "AWS::SSM::Parameter", "Properties": {**properties, "Name": name}} for name in names}})


def make(account: Any, body: str, kind: str = "UPDATE", **more: Any) -> dict[str, Any]:
    account.cloudformation.create_change_set(
        StackName="one", ChangeSetName="c1", ChangeSetType=kind, TemplateBody=body, **more)
    found: dict[str, Any] = account.cloudformation.describe_change_set(StackName="one", ChangeSetName="c1")
    return found


def run(account: Any) -> str:
    account.cloudformation.execute_change_set(StackName="one", ChangeSetName="c1")
    return str(account.wait())


def parameters(account: Any) -> set[str]:
    return {p["Name"] for p in account.client("ssm").describe_parameters()["Parameters"]}


def changes(found: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    told = [change["ResourceChange"] for change in found["Changes"]]
    return [(change["Action"], change["LogicalResourceId"], change.get("Replacement")) for change in told]


def test_a_new_stack_is_under_review_until_its_change_set_is_executed(account):
    found = make(account, template("A"), "CREATE")
    assert (found["Status"], found["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert changes(found) == [("Add", "A", None)]
    assert account.stack()["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert parameters(account) == set()
    assert run(account) == "CREATE_COMPLETE"
    assert parameters(account) == {"A"}
    assert [s for name, s in account.events() if name == "one"] == [
        "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    with pytest.raises(ClientError, match="already exists and cannot be created again"):
        make(account, template("A"), "CREATE")


def test_a_change_set_tells_additions_changes_replacements_and_removals(account):
    account.create(json.loads(template("A", "B")) | {})
    body = json.loads(template("A", "C", value="b"))
    body["Resources"]["A"]["Properties"]["Name"] = "A2"
    found = make(account, json.dumps(body))
    assert changes(found) == [("Modify", "A", "True"), ("Add", "C", None), ("Remove", "B", None)]
    details = {d["Target"]["Name"]: d["Target"]["RequiresRecreation"]
               for d in found["Changes"][0]["ResourceChange"]["Details"]}
    assert details == {"Name": "Always", "Value": "Never"}
    assert parameters(account) == {"A", "B"}
    assert run(account) == "UPDATE_COMPLETE"
    assert parameters(account) == {"A2", "C"}


def test_a_change_set_without_changes_fails_as_aws_words_it(account):
    account.create(json.loads(template("A")))
    found = make(account, template("A"))
    assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert found["StatusReason"] == (
        "The submitted information didn't contain changes. Submit different information to create a change set.")
    with pytest.raises(ClientError, match="cannot be executed in its current execution status"):
        run(account)
    account.cloudformation.delete_change_set(StackName="one", ChangeSetName="c1")
    with pytest.raises(ClientError, match=r"ChangeSet \[c1\] does not exist"):
        account.cloudformation.describe_change_set(StackName="one", ChangeSetName="c1")


def test_a_stack_under_review_can_be_deleted(account):
    make(account, template("A"), "CREATE")
    assert account.delete() == "DELETE_COMPLETE"


def test_a_failed_creation_by_change_set_is_rolled_back(account):
    body = json.loads(template("A"))
    body["Resources"]["Bad"] = {"Type": "AWS::S3::BucketPolicy", "DependsOn": "A", "Properties": {
        "Bucket": "no-such-bucket-anywhere", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}}
    make(account, json.dumps(body), "CREATE")
    assert run(account) == "ROLLBACK_COMPLETE"
    assert parameters(account) == set()


def test_a_change_set_of_a_missing_stack_is_refused(account):
    with pytest.raises(ClientError, match=r"Stack \[one\] does not exist"):
        make(account, template("A"))
