"""Follow a stack operation to its end, and say what failed in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.pipelines.actions.job import ActionError, Job, code_of

TIMEOUT = 3 * 24 * 3600.0
_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE")
_CAUSES = 6


def describe(job: Job, name: str) -> Mapping[str, Any] | None:
    """The stack of this name (or id); None where there is none."""
    try:
        stacks = job.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if code_of(error) == "ValidationError" and "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    return dict(stacks[0])


def follow(job: Job, stack_id: str) -> Mapping[str, Any]:
    """Wait until the operation on the stack ended well. Raises ActionError with the events that failed."""
    job.run.external_id = stack_id

    def look() -> Mapping[str, Any] | None:
        stack = describe(job, stack_id)
        if stack is None:
            return {"StackStatus": "DELETE_COMPLETE"}
        return stack if not stack["StackStatus"].endswith("_IN_PROGRESS") else None

    stack: Mapping[str, Any] = job.poll(look, limit=TIMEOUT)
    status = stack["StackStatus"]
    if status not in _GOOD:
        reason = stack.get("StackStatusReason", "")
        causes = _causes(job, stack_id)
        raise ActionError(
            "JobFailed",
            f"Stack {job.configuration['StackName']} ended in {status}{': ' + reason if reason else ''}"
            + "".join(f"\n{cause}" for cause in causes),
        )
    return stack


def _causes(job: Job, stack_id: str) -> list[str]:
    """The failed events, or why they could not be read: a role need not have that right."""
    try:
        return failures(job, stack_id)
    except ClientError as error:
        return [f"(the stack's events could not be read: {error.response['Error']['Message']})"]


def failures(job: Job, stack_id: str) -> list[str]:
    """What failed since the last operation on a stack began, first cause first: `logical id (type): reason`.

    Resources that were cancelled since another failed are no causes.
    """
    found: list[str] = []
    pages = job.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack_id)
    for page in pages:
        for event in page["StackEvents"]:
            if event.get("PhysicalResourceId") == event["StackId"]:
                if event.get("ResourceStatusReason") == "User Initiated":
                    return found[:_CAUSES]
                continue
            reason = event.get("ResourceStatusReason", "")
            if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason.lower():
                found.insert(0, f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
    return found[:_CAUSES]


def outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs") or []}
