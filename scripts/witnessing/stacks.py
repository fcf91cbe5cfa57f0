"""What questions about CloudFormation have in common: stacks that are brought to rest, and what is told of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from witnessing.asking import Facts, Side, Unsettled, refusal

ALL = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
Members = dict[str, Any]
INITIATED = "Resource creation Initiated"


class Stacks:
    """One side's stacks."""

    def __init__(self, side: Side) -> None:
        self.cfn = side.client("cloudformation")

    def create(self, name: str, template: str, **members: Any) -> Members:
        """A new stack at rest."""
        return self._done(name, self.cfn.create_stack, StackName=name, TemplateBody=template, **members)

    def update(self, name: str, template: str, **members: Any) -> Members:
        return self._done(name, self.cfn.update_stack, StackName=name, TemplateBody=template, **members)

    def delete(self, name: str, **members: Any) -> Members:
        """A stack that is gone, as its id still tells."""
        stack_id = self.now(name)["StackId"]
        self.cfn.delete_stack(StackName=name, **members)
        return self.settled(stack_id)

    def _done(self, name: str, call: Callable[..., Any], **members: Any) -> Members:
        call(**members)
        return self.settled(name)

    def now(self, name: str) -> Members:
        found: Members = self.cfn.describe_stacks(StackName=name)["Stacks"][0]
        return found

    def settled(self, name: str, seconds: float = 25.0) -> Members:
        """A stack with no operation under way. Raises Unsettled."""
        deadline = time.monotonic() + seconds
        while (stack := self.now(name))["StackStatus"].endswith("_IN_PROGRESS"):
            if time.monotonic() > deadline:
                raise Unsettled(f"{name} still {stack['StackStatus']}")
            time.sleep(0.05)
        return stack

    def events(self, name: str) -> list[Members]:
        """Oldest first."""
        pages = self.cfn.get_paginator("describe_stack_events").paginate(StackName=name)
        return [event for page in pages for event in page["StackEvents"]][::-1]

    def told(self, name: str, since: int = 0) -> Facts:
        """Status, events and their reasons after the first `since`, outputs, resources.

        A resource's second CREATE_IN_PROGRESS, which tells that its identifier is known, is left out:
        stacks_made/all_events asks for it.
        """
        stack = self.now(name)
        events = [event for event in self.events(name)[since:] if event.get("ResourceStatusReason") != INITIATED]
        return {
            "status": stack["StackStatus"], "reason": stack.get("StackStatusReason", ""),
            "events": [f"{event['LogicalResourceId']} {event['ResourceStatus']}" for event in events],
            "reasons": [f"{event['LogicalResourceId']} {event['ResourceStatus']}: {event['ResourceStatusReason']}"
                        for event in events if event.get("ResourceStatusReason")],
            "outputs": outputs(stack), "resources": self.resources(name),
        }

    def resources(self, name: str) -> Facts:
        """Logical id -> type, status and physical id."""
        found = self.cfn.describe_stack_resources(StackName=name)["StackResources"]
        return {each["LogicalResourceId"]: [each["ResourceType"], each["ResourceStatus"],
                                            each.get("PhysicalResourceId", "")]
                for each in sorted(found, key=lambda each: each["LogicalResourceId"])}

    def physical(self, name: str, logical: str) -> str:
        found = self.cfn.describe_stack_resource(StackName=name, LogicalResourceId=logical)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def refused(self, template: str, name: str = "refused", **members: Any) -> str:
        """What creating a stack is answered with; one that was accepted is brought to rest and told of, and deleted."""
        answer = refusal(self.cfn.create_stack, StackName=name, TemplateBody=template, **members)
        if answer != "accepted":
            return answer
        stack = self.settled(name)
        failed = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in self.events(name)
                  if event["ResourceStatus"] in ("CREATE_FAILED", "ROLLBACK_IN_PROGRESS")]
        with suppress(ClientError):  # it deleted itself
            self.delete(name)
        return f"accepted, {stack['StackStatus']}{': ' if failed else ''}{'; '.join(failed)}"


def outputs(stack: Mapping[str, Any]) -> Facts:
    return {each["OutputKey"]: each["OutputValue"]
            for each in sorted(stack.get("Outputs", ()), key=lambda each: each["OutputKey"])}


def given(**values: str) -> list[dict[str, str]]:
    """Parameters as the API takes them."""
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]
