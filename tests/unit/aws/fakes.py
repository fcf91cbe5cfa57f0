"""Objects with botocore's methods; its parameter names are the API's."""
# ruff: noqa: N803

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from crossdock.errors import CloudError
from crossdock.model.plan import Identity

_IDS = itertools.count(1)


def now() -> datetime:
    return datetime(2026, 1, 31, tzinfo=UTC) + timedelta(seconds=next(_IDS))


class Pages:
    """A paginator over one page."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def paginate(self, **params: Any) -> Iterator[Mapping[str, Any]]:
        params.pop("PaginationConfig", None)
        yield self._call(**params)


class CloudFormation:
    """Stacks that change at once; a template whose text holds `FAIL` does not succeed."""

    def __init__(self) -> None:
        self.stacks: dict[str, dict[str, Any]] = {}
        self.history: dict[str, list[dict[str, Any]]] = {}
        self.sets: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []

    def get_paginator(self, name: str) -> Pages:
        return Pages(getattr(self, name))

    def describe_stacks(self, StackName: str = "") -> Mapping[str, Any]:
        if not StackName:
            return {"Stacks": [s for s in self.stacks.values() if s["StackStatus"] != "DELETE_COMPLETE"]}
        for stack in self.stacks.values():
            by_name = stack["StackName"] == StackName and stack["StackStatus"] != "DELETE_COMPLETE"
            if by_name or stack["StackId"] == StackName:
                return {"Stacks": [stack]}
        raise CloudError(message=f"Stack with id {StackName} does not exist", code="ValidationError")

    def describe_stack_events(self, StackName: str) -> Mapping[str, Any]:
        return {"StackEvents": self.history[self._id(StackName)][::-1]}

    def get_template(self, StackName: str, TemplateStage: str) -> Mapping[str, Any]:
        return {"TemplateBody": self.describe_stacks(StackName)["Stacks"][0]["template"]}

    def create_change_set(self, **params: Any) -> Mapping[str, Any]:
        name = params["StackName"]
        self.calls.append(f"change {name}")
        if params["ChangeSetType"] == "CREATE":
            id_ = f"arn:stack/{name}/{next(_IDS)}"
            self.stacks[id_] = {"StackName": name, "StackId": id_, "StackStatus": "REVIEW_IN_PROGRESS",
                                "CreationTime": now(), "template": ""}
            self.history[id_] = []
            self._event(id_, name, "AWS::CloudFormation::Stack", "REVIEW_IN_PROGRESS")
        stack = self.describe_stacks(name)["Stacks"][0]
        wanted = {"template": params["TemplateBody"], "Parameters": params["Parameters"], "Tags": params["Tags"]}
        same = all(stack.get(k) == v for k, v in wanted.items())
        id_ = f"arn:changeset/{next(_IDS)}"
        self.sets[id_] = {"stack": stack["StackId"], "wanted": wanted, "same": same}
        return {"StackId": stack["StackId"], "Id": id_}

    def describe_change_set(self, ChangeSetName: str) -> Mapping[str, Any]:
        if self.sets[ChangeSetName]["same"]:
            return {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."}
        return {"Status": "CREATE_COMPLETE"}

    def delete_change_set(self, ChangeSetName: str) -> None:
        del self.sets[ChangeSetName]

    def execute_change_set(self, ChangeSetName: str) -> None:
        change = self.sets.pop(ChangeSetName)
        stack = self.stacks[change["stack"]]
        verb = "CREATE" if stack["StackStatus"] == "REVIEW_IN_PROGRESS" else "UPDATE"
        self._event(stack["StackId"], stack["StackName"], "AWS::CloudFormation::Stack", f"{verb}_IN_PROGRESS")
        if "FAIL" in change["wanted"]["template"]:
            reason = ("User: arn:aws:sts::222222222222:assumed-role/OrganizationAccountAccessRole/crossdock is not "
                      'authorized to perform: kms:CreateKey on resource: "*" because no identity-based policy allows '
                      "the kms:CreateKey action")
            self._event(stack["StackId"], "Key", "AWS::KMS::Key", f"{verb}_FAILED", reason)
            stack["StackStatus"] = "ROLLBACK_COMPLETE" if verb == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
        else:
            self._event(stack["StackId"], "Key", "AWS::KMS::Key", f"{verb}_COMPLETE")
            stack |= change["wanted"] | {"StackStatus": f"{verb}_COMPLETE"}
            stack["Outputs"] = [{"OutputKey": "Name", "OutputValue": f"{stack['StackName']}-out"}]
        self._event(stack["StackId"], stack["StackName"], "AWS::CloudFormation::Stack", stack["StackStatus"])

    def delete_stack(self, StackName: str) -> None:
        stack = self.stacks[self._id(StackName)]
        self.calls.append(f"delete {stack['StackName']}")
        if stack.get("EnableTerminationProtection"):
            raise CloudError(message="is protected", code="ValidationError")
        if "KEEP" in stack["template"]:
            self._event(stack["StackId"], "Bucket", "AWS::S3::Bucket", "DELETE_SKIPPED")
        stack["StackStatus"] = "DELETE_COMPLETE"
        self._event(stack["StackId"], stack["StackName"], "AWS::CloudFormation::Stack", "DELETE_COMPLETE")

    def update_termination_protection(self, StackName: str, EnableTerminationProtection: bool) -> None:
        self.stacks[self._id(StackName)]["EnableTerminationProtection"] = EnableTerminationProtection

    def describe_stack_resources(self, PhysicalResourceId: str) -> Mapping[str, Any]:
        for stack in self.stacks.values():
            if PhysicalResourceId in stack.get("holds", {}):
                return {"StackResources": [{
                    "PhysicalResourceId": PhysicalResourceId, "StackName": stack["StackName"],
                    "LogicalResourceId": stack["holds"][PhysicalResourceId], "ResourceType": "AWS::KMS::Key",
                }]}
        raise CloudError(message=f"Stack for {PhysicalResourceId} does not exist", code="ValidationError")

    def _id(self, name: str) -> str:
        return str(self.describe_stacks(name)["Stacks"][0]["StackId"])

    def _event(self, id_: str, logical: str, type_: str, status: str, reason: str = "") -> None:
        own = type_ == "AWS::CloudFormation::Stack"
        self.history[id_].append({
            "EventId": f"event-{next(_IDS)}", "StackName": self.stacks[id_]["StackName"], "LogicalResourceId": logical,
            "PhysicalResourceId": id_ if own else f"physical-{logical}", "ResourceType": type_,
            "ResourceStatus": status, "ResourceStatusReason": reason, "Timestamp": now(),
        })


class Account:
    """An account whose clients are given."""

    def __init__(self, account_id: str, **clients: Any) -> None:
        self.account_id, self.region, self.clients = account_id, "us-east-1", clients

    def client(self, service: str, region: str | None = None) -> Any:
        return self.clients[service]


class Cloud:
    """Accounts that are made when they are asked for, with a CloudFormation each."""

    local = True

    def __init__(self, account: str = "111111111111") -> None:
        self._mine = account
        self.accounts: dict[str, Account] = {}

    def identity(self) -> Identity:
        return Identity(account=self._mine, caller=f"arn:aws:iam::{self._mine}:user/admin", endpoint="http://127.0.0.1:1")

    def account(self, account_id: str) -> Account:
        return self.accounts.setdefault(account_id, Account(account_id, cloudformation=CloudFormation()))

    def guard(self, url: str) -> None:
        return None

    def formation(self, account_id: str) -> CloudFormation:
        made: CloudFormation = self.account(account_id).client("cloudformation")
        return made
