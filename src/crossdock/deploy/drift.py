"""What was changed by hand: each stack compared with what its resources are now, by CloudFormation's own detection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.aws.cloud import Cloud
from crossdock.aws.pace import Pace
from crossdock.deploy.observe import observe
from crossdock.errors import CloudError
from crossdock.model.assembly import Assembly


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One property of a resource. `expected` and `actual` as JSON; both empty: the resource is gone."""

    resource: str
    type: str
    status: str
    path: str = ""
    expected: str = ""
    actual: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One stack. `status` is CloudFormation's: IN_SYNC, DRIFTED, or UNKNOWN with the reason."""

    stack: str
    name: str
    status: str
    reason: str = ""
    differences: tuple[Difference, ...] = ()


def drift(assembly: Assembly, cloud: Cloud) -> Iterator[Drift]:
    """Each stack that is there, as its detection ends (CloudFormation User Guide, detecting drift).

    Raises CloudError.
    """
    for id_, seen in observe(assembly, cloud).stacks.items():
        client = cloud.account(seen.account_id).client("cloudformation", seen.region)
        try:
            detection = client.detect_stack_drift(StackName=seen.name)["StackDriftDetectionId"]
        except CloudError as error:
            yield Drift(stack=id_, name=seen.name, status="UNKNOWN", reason=str(error))
            continue
        pace = Pace(slowest=3.0)
        while True:
            found = client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
            if found["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                break
            pace.wait()
        yield Drift(
            stack=id_, name=seen.name, status=str(found.get("StackDriftStatus", "UNKNOWN")),
            reason=str(found.get("DetectionStatusReason", "")),
            differences=tuple(_differences(client, seen.name)),
        )


def _differences(client: Any, stack: str) -> Iterator[Difference]:
    request: dict[str, Any] = {"StackName": stack, "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}
    while True:
        answer = client.describe_stack_resource_drifts(**request)
        for one in answer["StackResourceDrifts"]:
            yield from _of(one)
        if not answer.get("NextToken"):
            return
        request["NextToken"] = answer["NextToken"]


def _of(one: Mapping[str, Any]) -> Iterator[Difference]:
    about = {"resource": one["LogicalResourceId"], "type": one["ResourceType"],
             "status": one["StackResourceDriftStatus"]}
    properties = one.get("PropertyDifferences") or ()
    for difference in properties:
        yield Difference(path=difference["PropertyPath"], expected=str(difference["ExpectedValue"]),
                         actual=str(difference["ActualValue"]), **about)
    if not properties:
        yield Difference(**about)
