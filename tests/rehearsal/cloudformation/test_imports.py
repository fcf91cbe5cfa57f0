"""Resources that exist come into a stack, all or none, and only they."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

KEPT = {"DeletionPolicy": "Retain"}


def queue(name: str = "", **more: Any) -> dict[str, Any]:
    properties = {"QueueName": name} if name else {}
    return {"Type": "AWS::SQS::Queue", "Properties": {**properties, "VisibilityTimeout": 30}, **more}


def parameter(name: str, value: str = "a", **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Type": "String", "Value": value}, **more}


def take(account: Any, resources: dict[str, Any], *asked: tuple[str, str, dict[str, str]], **more: Any) -> str:
    """Import by change set; the status in which the stack ends."""
    body = json.dumps({"Resources": resources, **more.pop("outputs", {})})
    account.cloudformation.create_change_set(
        StackName="one", ChangeSetName="import", ChangeSetType="IMPORT", TemplateBody=body, ResourcesToImport=[
            {"LogicalResourceId": name, "ResourceType": kind, "ResourceIdentifier": ids} for name, kind, ids in asked],
        **more)
    account.cloudformation.execute_change_set(StackName="one", ChangeSetName="import")
    return str(account.wait())


@pytest.fixture
def url(account: Any) -> str:
    return str(account.client("sqs").create_queue(QueueName="here", Attributes={"VisibilityTimeout": "30"})["QueueUrl"])


def test_a_queue_comes_into_a_new_stack_and_is_changed_by_it_afterwards(account, url):
    resources = {"Q": queue("here", **KEPT)}
    told = account.cloudformation.get_template_summary(TemplateBody=json.dumps({"Resources": resources}))
    assert told["ResourceIdentifierSummaries"] == [{
        "ResourceType": "AWS::SQS::Queue", "LogicalResourceIds": ["Q"], "ResourceIdentifiers": ["QueueUrl"]}]
    assert take(account, resources, ("Q", "AWS::SQS::Queue", {"QueueUrl": url}), Tags=[
        {"Key": "owner", "Value": "me"}]) == "IMPORT_COMPLETE"
    assert [status for name, status in account.events() if name == "Q"] == [
        "IMPORT_IN_PROGRESS", "IMPORT_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
    sqs = account.client("sqs")
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"owner": "me"}
    resources["Q"]["Properties"]["VisibilityTimeout"] = 60
    assert account.update({"Resources": resources}) == "UPDATE_COMPLETE"
    held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert held["Attributes"]["VisibilityTimeout"] == "60"
    assert account.delete() == "DELETE_COMPLETE"
    assert sqs.list_queues()["QueueUrls"] == [url]


def test_what_is_not_there_is_not_imported_and_the_stack_is_as_before(account, url):
    first = {"P": parameter("p")}
    account.create({"Resources": first})
    both = {**first, "Q": queue(**KEPT), "R": parameter("nowhere", **KEPT)}
    assert take(account, both, ("Q", "AWS::SQS::Queue", {"QueueUrl": url}),
                ("R", "AWS::SSM::Parameter", {"Name": "nowhere"})) == "IMPORT_ROLLBACK_COMPLETE"
    assert account.reasons("one")[-1] == "The following resource(s) failed to import: [R]. "
    held = account.cloudformation.describe_stack_resources(StackName="one")["StackResources"]
    assert [one["LogicalResourceId"] for one in held] == ["P"]
    with pytest.raises(ClientError, match="No updates are to be performed"):
        account.update({"Resources": first})


@pytest.mark.parametrize(("resources", "said"), [
    ({"P": parameter("p"), "Q": queue()},
     r"The following resources to import \[Q\] must have DeletionPolicy attribute specified in the template\."),
    ({"P": parameter("p", "changed"), "Q": queue(**KEPT)},
     r"You have modified resources \[P\] in your template that are not being imported\."),
    ({"P": parameter("p"), "Q": queue(**KEPT), "R": parameter("r")},
     r"Resources \[R\] is missing from ResourceToImport list"),
    ({"P": parameter("p")}, r"Resources to import \[Q\] must be present in the template"),
])  # fmt: skip
def test_an_import_is_nothing_but_an_import(account, url, resources, said):
    account.create({"Resources": {"P": parameter("p")}})
    with pytest.raises(ClientError, match=said):
        take(account, resources, ("Q", "AWS::SQS::Queue", {"QueueUrl": url}))
    assert account.cloudformation.list_change_sets(StackName="one")["Summaries"] == []


def test_a_refused_import_leaves_no_stack(account):
    with pytest.raises(ClientError, match="cannot modify or add"):
        take(account, {"R": parameter("r", **KEPT)}, ("R", "AWS::SSM::Parameter", {"Name": "r"}),
             outputs={"Outputs": {"Name": {"Value": "x"}}})
    with pytest.raises(ClientError, match=r"ResourceTypes \[AWS::SNS::TopicPolicy\] are not supported for Import"):
        take(account, {"T": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [], "PolicyDocument": {}}}},
             ("T", "AWS::SNS::TopicPolicy", {"Id": "x"}))
    assert account.cloudformation.list_stacks()["StackSummaries"] == []
