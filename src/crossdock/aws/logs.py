"""Lines of CloudWatch Logs: a stream as it grows, and the last lines of a group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crossdock.aws.cloud import Account
from crossdock.aws.faults import code
from crossdock.errors import CloudError


@dataclass(slots=True)
class Stream:
    """One log stream, read from its beginning; each `read` gives the lines that were not given before."""

    account: Account
    group: str
    name: str
    region: str | None = None
    _token: str = field(default="", init=False)

    def read(self) -> list[str]:
        """New lines, oldest first; none while the stream does not exist yet. Raises CloudError."""
        client = self.account.client("logs", self.region)
        lines: list[str] = []
        while True:
            more = {"nextToken": self._token} if self._token else {}
            try:
                page: dict[str, Any] = client.get_log_events(
                    logGroupName=self.group, logStreamName=self.name, startFromHead=True, **more
                )
            except CloudError as error:
                if code(error) == "ResourceNotFoundException":
                    return lines
                raise
            lines += [event["message"].rstrip("\n") for event in page["events"]]
            ended = page["nextForwardToken"] == self._token  # the same token again: the end of what is there
            self._token = page["nextForwardToken"]
            if ended or not page["events"]:
                return lines


def tail(account: Account, group: str, *, count: int = 20, region: str | None = None) -> list[str]:
    """The last lines of a group's newest stream; none where the group or its streams don't exist."""
    client = account.client("logs", region)
    try:
        streams = client.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True, limit=1)
        if not streams["logStreams"]:
            return []
        name = streams["logStreams"][0]["logStreamName"]
        page = client.get_log_events(logGroupName=group, logStreamName=name, startFromHead=False, limit=count)
    except CloudError as error:
        if code(error) == "ResourceNotFoundException":
            return []
        raise
    return [event["message"].rstrip("\n") for event in page["events"]]


def of_functions(account: Account, stack: str, *, region: str | None = None, count: int = 20) -> list[str]:
    """The last log lines of each Lambda function of a stack, each function introduced by its name."""
    lines: list[str] = []
    pages = account.client("cloudformation", region).get_paginator("list_stack_resources")
    for page in pages.paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceType"] == "AWS::Lambda::Function":
                name = resource["PhysicalResourceId"]
                said = tail(account, f"/aws/lambda/{name}", region=region, count=count)
                said = [line for message in said for line in message.split("\n")]
                lines += [f"log of {name}:", *(f"  {line}" for line in said)] if said else []
    return lines
