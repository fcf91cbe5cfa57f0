"""CloudFormation stacks: changed by change set only, followed by their events until they rest.

Statuses and their order: CloudFormation User Guide, "Stack status codes". Functions that change a stack are iterators
of its events; they return how it ended as the iterator's value.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crossdock.aws.cloud import Account
from crossdock.aws.faults import code, explain
from crossdock.aws.pace import Pace
from crossdock.errors import CloudError, StackFailed

MAX_BODY = 51_200
"""Bytes of a template given inline (CloudFormation quotas)."""

UNUSABLE = frozenset({"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"})
"""A stack in one of these came from a try that did not succeed: it can only be deleted and made again."""

_GOOD = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEvent:
    """One line of a stack's history."""

    id: str
    stack: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    at: datetime

    @property
    def failed(self) -> bool:
        """Whether this event tells of a failure, and not only of work given up because something else failed."""
        return self.status.endswith("_FAILED") and "cancelled" not in self.reason.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a change ended: the stack's description, and whether anything was changed."""

    stack: Mapping[str, Any]
    changed: bool


def describe(account: Account, name: str, region: str | None = None) -> Mapping[str, Any] | None:
    """The stack as DescribeStacks gives it, or None where there is none (or it was deleted)."""
    try:
        found: Mapping[str, Any] = account.client("cloudformation", region).describe_stacks(StackName=name)["Stacks"][0]
    except CloudError as error:
        if code(error) == "ValidationError" and "does not exist" in str(error):
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    """A stack's outputs by name."""
    return {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", ())}


def events(account: Account, stack_id: str, region: str | None = None, *, after: str = "") -> list[StackEvent]:
    """A stack's events, oldest first, those that followed event `after` (all when empty)."""
    found: list[StackEvent] = []
    pages = account.client("cloudformation", region).get_paginator("describe_stack_events")
    for page in pages.paginate(StackName=stack_id):
        for event in page["StackEvents"]:
            if event["EventId"] == after:
                return found[::-1]
            found.append(_event(event))
    return found[::-1]


def settle(
    account: Account, name: str, region: str | None = None
) -> Generator[StackEvent, None, Mapping[str, Any] | None]:
    """Wait for a change that is under way, e.g. one that an interrupted run began; returns the stack at rest."""
    stack = describe(account, name, region)
    if stack is not None and moving(stack["StackStatus"]):
        mark = _newest(account, stack["StackId"], region)
        return (yield from _follow(account, stack["StackId"], region, mark, began=False))
    return stack


def change(
    account: Account, name: str, *, region: str, template: Mapping[str, str], parameters: Mapping[str, str],
    capabilities: tuple[str, ...] = (), tags: Mapping[str, str] | None = None,
) -> Generator[StackEvent, None, Ended]:
    """Create or update a stack by a change set. `template` is {"TemplateBody": text} or {"TemplateURL": url}.

    Raises StackFailed with the failed events; a change set without changes is no change.
    """
    client = account.client("cloudformation", region)
    before = describe(account, name, region)
    made = client.create_change_set(
        StackName=name, ChangeSetName=f"crossdock-{uuid.uuid4().hex}",
        ChangeSetType="CREATE" if before is None else "UPDATE",
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        Capabilities=list(capabilities),
        Tags=[{"Key": k, "Value": v} for k, v in (tags or {}).items()],
        **template,
    )
    stack_id, change_set = made["StackId"], made["Id"]
    pace = Pace(slowest=3.0)
    while (seen := client.describe_change_set(ChangeSetName=change_set))["Status"] in _PREPARING:
        pace.wait()
    if seen["Status"] == "FAILED":
        reason = str(seen.get("StatusReason", ""))
        client.delete_change_set(ChangeSetName=change_set)
        if before is not None and ("didn't contain changes" in reason or "No updates are to be performed" in reason):
            return Ended(stack=before, changed=False)
        raise StackFailed(
            stack=name, account=account.account_id, status="a change set that failed",
            details=[reason, *explain(reason)],
        )
    mark = _newest(account, stack_id, region)
    client.execute_change_set(ChangeSetName=change_set)
    after = yield from _follow(account, stack_id, region, mark)
    if after is None or after["StackStatus"] not in _GOOD:
        status = str(after["StackStatus"]) if after else "DELETE_COMPLETE"
        raise failure(account, stack_id, region, name=name, mark=mark, status=status)
    return Ended(stack=after, changed=True)


_PREPARING = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})


def delete(account: Account, name: str, region: str) -> Generator[StackEvent, None, tuple[StackEvent, ...]]:
    """Delete a stack, if it is there. Returns the events of resources that were kept. Raises StackFailed."""
    stack = describe(account, name, region)
    if stack is None:
        return ()
    client, stack_id = account.client("cloudformation", region), stack["StackId"]
    mark = _newest(account, stack_id, region)
    client.delete_stack(StackName=stack_id)
    after = yield from _follow(account, stack_id, region, mark)
    if after is not None and after["StackStatus"] != "DELETE_COMPLETE":
        raise failure(account, stack_id, region, name=name, mark=mark, status=str(after["StackStatus"]))
    return tuple(_kept(account, stack_id, region, after=mark))


def _kept(account: Account, stack_id: str, region: str, *, after: str = "") -> Iterator[StackEvent]:
    """What a deletion left by a policy, in nested stacks too."""
    below: dict[str, None] = {}
    for event in events(account, stack_id, region, after=after):
        if event.status == "DELETE_SKIPPED":
            yield event
        elif event.type == "AWS::CloudFormation::Stack" and event.physical_id not in ("", stack_id):
            below[event.physical_id] = None
    for nested in below:
        yield from _kept(account, nested, region)


def continue_rollback(account: Account, name: str, region: str) -> Generator[StackEvent, None, None]:
    """Take up again a rollback that failed, once its cause is gone. Raises StackFailed."""
    stack = describe(account, name, region)
    if stack is None:
        return
    stack_id = stack["StackId"]
    mark = _newest(account, stack_id, region)
    account.client("cloudformation", region).continue_update_rollback(StackName=stack_id)
    after = yield from _follow(account, stack_id, region, mark)
    if after is not None and after["StackStatus"] != "UPDATE_ROLLBACK_COMPLETE":
        raise failure(account, stack_id, region, name=name, mark=mark, status=str(after["StackStatus"]))


def protect(account: Account, name: str, region: str, protected: bool) -> None:
    """Turn a stack's termination protection on or off."""
    account.client("cloudformation", region).update_termination_protection(
        StackName=name, EnableTerminationProtection=protected
    )


def failure(
    account: Account, stack_id: str, region: str | None, *, name: str, mark: str, status: str
) -> StackFailed:
    """The error of a stack that did not reach what was asked: every event that failed, nested stacks' too."""
    details: list[str] = []
    own = [e for e in events(account, stack_id, region, after=mark) if e.physical_id == stack_id]
    said = [e for e in own if e.failed] or own[-1:]  # a deletion that was cancelled fails nothing: its end says why
    for event in list(failed(account, stack_id, region, after=mark)) or said:
        details.append(f"{event.logical_id} ({event.type}) {event.status}: {event.reason}")
        details += [f"  {line}" for line in explain(event.reason)]
    kept = "what exists already may have been kept by an earlier destroy: delete it, or import it into the stack"
    hint = kept if any("already exists" in line for line in details) else ""
    return StackFailed(stack=name, account=account.account_id, status=status, details=details, hint=hint)


def failed(account: Account, stack_id: str, region: str | None = None, *, after: str = "") -> Iterator[StackEvent]:
    """The events that failed since `after`, oldest first; a nested stack's own follow the event that names it."""
    for event in events(account, stack_id, region, after=after):
        if not event.failed:
            continue
        nested = event.type == "AWS::CloudFormation::Stack" and event.physical_id not in ("", stack_id)
        if event.physical_id == stack_id and event.type == "AWS::CloudFormation::Stack":
            continue  # the stack's own line only repeats its resources'
        yield event
        if nested:
            yield from failed(account, event.physical_id, region)


def _follow(
    account: Account, stack_id: str, region: str | None, mark: str, *, began: bool = True
) -> Generator[StackEvent, None, Mapping[str, Any] | None]:
    """The events after `mark` until the stack rests; returns it as described then (by id, so also once deleted).

    A change that was just asked for (`began`) may not show yet in the stack's status: it has ended when the stack's own
    line says so.
    """
    client, pace, ended = account.client("cloudformation", region), Pace(), not began
    while True:
        stack: Mapping[str, Any] = client.describe_stacks(StackName=stack_id)["Stacks"][0]
        fresh = events(account, stack_id, region, after=mark)
        yield from fresh
        if fresh:
            mark = fresh[-1].id
            pace.news()
        ended = ended or any(e.physical_id == stack_id and not e.status.endswith("_IN_PROGRESS") for e in fresh)
        if ended and not moving(stack["StackStatus"]):
            return stack
        pace.wait()


def moving(status: str) -> bool:
    """Whether a stack is being changed."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def _newest(account: Account, stack_id: str, region: str | None) -> str:
    """Id of the stack's newest event: what comes after it belongs to the change that is about to begin."""
    page = account.client("cloudformation", region).describe_stack_events(StackName=stack_id)
    return str(page["StackEvents"][0]["EventId"]) if page["StackEvents"] else ""


def _event(event: Mapping[str, Any]) -> StackEvent:
    return StackEvent(
        id=event["EventId"], stack=event["StackName"], logical_id=event.get("LogicalResourceId", ""),
        physical_id=event.get("PhysicalResourceId", ""), type=event.get("ResourceType", ""),
        status=event.get("ResourceStatus", ""), reason=event.get("ResourceStatusReason", ""), at=event["Timestamp"],
    )

