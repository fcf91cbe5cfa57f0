"""The calls that detect drift and tell of it. A detection is over when its call answers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.cloudformation.core import Core
from crossdock.local.cloudformation.describe import page
from crossdock.local.cloudformation.drift import compare, present
from crossdock.local.cloudformation.events import now
from crossdock.local.cloudformation.resources.handler import is_missing, tags_of
from crossdock.local.cloudformation.run import Run
from crossdock.local.cloudformation.state import Detection, Drift, Resource, Stack
from crossdock.local.engine import AwsError, Call

_ALLOWED = frozenset({
    "CREATE_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
})  # fmt: skip


class DriftCalls(Core):
    """Whoever asks must have the right to read the resources (User Guide, "Detect drift")."""

    def detect_stack_drift(self, call: Call) -> Mapping[str, Any]:
        stack = self._checkable(call)
        names = call.params.get("LogicalResourceIds") or list(stack.resources)
        detection = detect(Run(engine=self, stack=stack, caller=self.actor(call, stack)), names)
        self.state.detections[detection.id] = detection
        return {"StackDriftDetectionId": detection.id}

    def describe_stack_drift_detection_status(self, call: Call) -> Mapping[str, Any]:
        name = call.params["StackDriftDetectionId"]
        found = self.state.detections.get(name)
        stack = self.state.stacks.get(found.stack_id) if found else None
        if found is None or stack is None or (stack.account, stack.region) != (call.account, call.region):
            raise AwsError("ValidationError", f"Drift detection status for id {name} does not exist")
        shown = {
            "StackId": found.stack_id, "StackDriftDetectionId": found.id, "StackDriftStatus": found.status,
            "DetectionStatus": "DETECTION_FAILED" if found.reason else "DETECTION_COMPLETE", "Timestamp": found.at,
            "DriftedStackResourceCount": found.drifted,
        }  # fmt: skip
        return shown | ({"DetectionStatusReason": found.reason} if found.reason else {})

    def detect_stack_resource_drift(self, call: Call) -> Mapping[str, Any]:
        stack, name = self._checkable(call), call.params["LogicalResourceId"]
        if name not in stack.resources:
            raise AwsError("ValidationError", f"Resource {name} does not exist for stack {stack.name}")
        resource = stack.resources[name]
        if present.reader_of(resource.type) is None:
            raise AwsError("ValidationError", "Drift detection is not supported for the specified ResourceType")
        _look(Run(engine=self, stack=stack, caller=self.actor(call, stack)), resource)
        return {"StackResourceDrift": shown_drift(stack, resource, full=True)}

    def describe_stack_resource_drifts(self, call: Call) -> Mapping[str, Any]:
        stack = self.find(call, call.params["StackName"], "Stack [{name}] does not exist")
        wanted = call.params.get("StackResourceDriftStatusFilters")
        held = [
            shown_drift(stack, one, full=True) for one in list(stack.resources.values())
            if one.drift is not None and (not wanted or one.drift.status in wanted)
        ]  # fmt: skip
        return page(call.params, "StackResourceDrifts", held, int(call.params.get("MaxResults", 100)))

    def _checkable(self, call: Call) -> Stack:
        stack = self.find(call, call.params["StackName"], "Stack [{name}] does not exist")
        if stack.status not in _ALLOWED:
            said = f"Stack:{stack.id} is in {stack.status} state and drift detection can not be performed."
            raise AwsError("ValidationError", said)
        return stack


def detect(run: Run, names: Iterable[str]) -> Detection:
    """Look at these resources of a stack, as far as their types can be looked at."""
    stack, unread = run.stack, []
    for name in names:
        if name not in stack.resources:
            raise AwsError("ValidationError", f"Resource {name} does not exist for stack {stack.name}")
        resource = stack.resources[name]
        if present.reader_of(resource.type) is not None and not _look(run, resource):
            unread.append(name)
    drifted = sum(_is_drifted(one) for one in stack.resources.values())
    stack.drift, stack.drift_checked = ("DRIFTED" if drifted else "IN_SYNC"), now()
    return Detection(
        id=str(uuid.uuid4()), stack_id=stack.id, status=stack.drift, drifted=drifted, at=now(),
        reason=f"Failed to detect drift on resources [{', '.join(unread)}]" if unread else "",
    )  # fmt: skip


def _is_drifted(resource: Resource) -> bool:
    return resource.drift is not None and resource.drift.status in ("MODIFIED", "DELETED")


def _look(run: Run, resource: Resource) -> bool:
    """Compare one resource. False: it couldn't be read."""
    reader = present.reader_of(resource.type)
    assert reader is not None  # noqa: S101  asked before
    known = {name: value for name, value in resource.properties.items() if name in reader.names}
    if "Tags" in known:
        known["Tags"] = tags_of(known)
    try:
        actual = reader.read(run.context(resource), resource.physical_id, resource.properties)
    except ClientError as error:
        status = "DELETED" if is_missing(error) else "UNKNOWN"
        reason = "" if status == "DELETED" else str(error.response["Error"].get("Message", ""))
        resource.drift = Drift(status=status, at=now(), expected=known, reason=reason)
        return status == "DELETED"
    if "Tags" in actual:
        actual["Tags"] = tags_of(actual)
    found = compare.differences(known, actual)
    resource.drift = Drift(
        status="MODIFIED" if found else "IN_SYNC", at=now(), expected=known, differences=tuple(found),
        actual={name: value for name, value in actual.items() if name in known},
    )  # fmt: skip
    return True


def shown_drift(stack: Stack, resource: Resource, *, full: bool) -> dict[str, Any]:
    """`full` as DescribeStackResourceDrifts answers, else as ListStackInstanceResourceDrifts."""
    drift = resource.drift
    assert drift is not None  # noqa: S101  only what was looked at is shown
    shown: dict[str, Any] = {
        "StackId": stack.id, "LogicalResourceId": resource.logical_id, "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.type, "StackResourceDriftStatus": drift.status, "Timestamp": drift.at,
        "PropertyDifferences": [
            {"PropertyPath": d.path, "ExpectedValue": d.expected, "ActualValue": d.actual, "DifferenceType": d.kind}
            for d in drift.differences
        ],
    }  # fmt: skip
    if full:
        shown["ExpectedProperties"] = json.dumps(drift.expected, default=str)
        if drift.status in ("IN_SYNC", "MODIFIED"):
            shown["ActualProperties"] = json.dumps(drift.actual, default=str)
        if drift.reason:
            shown["DriftStatusReason"] = drift.reason
    return shown
