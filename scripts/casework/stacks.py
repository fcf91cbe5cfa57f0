"""A template becomes a stack, and a stack goes again; what is left is looked at through the services' own APIs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from casework.stage import TOOLS, Stage

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


@dataclass(frozen=True, slots=True)
class Settled:
    """A stack at rest. `reasons` are those of its failed resources, nested ones included; empty when it worked."""

    name: str
    status: str
    reasons: tuple[str, ...]

    @property
    def well(self) -> bool:
        return self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE")


def create(
    stage: Stage, name: str, template: Mapping[str, Any] | str, parameters: Mapping[str, str], *, seconds: float = 240,
    account: str = TOOLS, bucket: str = "",
) -> Settled:
    """The stack, made and waited for. `bucket`: where a template goes that is too long for a body."""
    cfn = stage.client("cloudformation", account)
    body = template if isinstance(template, str) else json.dumps(template, default=str)
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    where: dict[str, str] = {"TemplateBody": body}
    if len(body) > 51_200 and bucket:
        stage.client("s3", account).put_object(Bucket=bucket, Key=f"{name}.template", Body=body.encode())
        where = {"TemplateURL": f"https://{bucket}.s3.amazonaws.com/{name}.template"}
    try:
        stack = cfn.create_stack(StackName=name, Parameters=given, Capabilities=CAPABILITIES, **where)["StackId"]
    except ClientError as error:
        return Settled(name, "REFUSED", (str(error.response["Error"]["Message"]),))
    return wait(cfn, stack, seconds)


def delete(stage: Stage, name: str, *, seconds: float = 120, account: str = TOOLS) -> Settled:
    cfn = stage.client("cloudformation", account)
    stack = cfn.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    cfn.delete_stack(StackName=stack)
    return wait(cfn, stack, seconds)


def wait(cfn: Any, stack: str, seconds: float) -> Settled:
    until = time.monotonic() + seconds
    while True:
        found = cfn.describe_stacks(StackName=stack)["Stacks"][0]
        status = str(found["StackStatus"])
        if not status.endswith("_IN_PROGRESS"):
            break
        if time.monotonic() > until:
            return Settled(found["StackName"], status, (f"not at rest after {seconds:.0f} s", *reasons(cfn, stack)))
        time.sleep(0.05)
    well = status.endswith("_COMPLETE") and "ROLLBACK" not in status
    return Settled(found["StackName"], status, () if well else tuple(reasons(cfn, stack)))


def events(cfn: Any, stack: str) -> list[dict[str, Any]]:
    pages = cfn.get_paginator("describe_stack_events").paginate(StackName=stack)
    return [event for page in pages for event in page["StackEvents"]]


def reasons(cfn: Any, stack: str, depth: int = 0) -> list[str]:
    """Why resources failed, first things first, those of nested stacks before the stack's own."""
    found: list[str] = []
    for event in reversed(events(cfn, stack)):
        if not event["ResourceStatus"].endswith("_FAILED"):
            continue
        said = event.get("ResourceStatusReason", "")
        inner = str(event.get("PhysicalResourceId", ""))
        if event["ResourceType"] == "AWS::CloudFormation::Stack" and inner.startswith("arn:") and inner != stack \
                and depth < 5:
            found += reasons(cfn, inner, depth + 1)
        if "cancelled" not in said and not said.startswith("The following resource(s)"):
            found.append(f"{event['LogicalResourceId']} ({event['ResourceType']}): {said}")
    return list(dict.fromkeys(found))


def resources(cfn: Any, stack: str) -> list[dict[str, Any]]:
    """All resources of a stack and of the stacks nested in it."""
    found: list[dict[str, Any]] = []
    for page in cfn.get_paginator("list_stack_resources").paginate(StackName=stack):
        for one in page["StackResourceSummaries"]:
            found.append({**one, "Stack": stack})
            if one["ResourceType"] == "AWS::CloudFormation::Stack" and one.get("PhysicalResourceId"):
                found += resources(cfn, one["PhysicalResourceId"])
    return found
