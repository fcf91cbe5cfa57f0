"""SignalResource, and the creation policies that wait for signals.

Source: CloudFormation API Reference, SignalResource; Template Reference, "CreationPolicy attribute".
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossdock.local.cloudformation.core import Core
from crossdock.local.cloudformation.events import resource_event
from crossdock.local.cloudformation.resources.handler import Failed
from crossdock.local.engine import AwsError, Call

if TYPE_CHECKING:
    from crossdock.local.cloudformation.run import Run
    from crossdock.local.cloudformation.state import Resource

LONGEST = 12 * 3600
LOOK_AGAIN = 0.2
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How many signals of success a resource needs within how many seconds."""

    count: int
    seconds: int


def seconds(text: str) -> int:
    """An ISO 8601 duration of hours, minutes and seconds, at most twelve hours. ValueError for anything else."""
    found = _DURATION.fullmatch(text)
    if found is None or text == "PT":
        raise ValueError(f"Invalid ISO8601 duration: {text}")
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    total = 3600 * hours + 60 * minutes + rest
    if total > LONGEST:
        raise ValueError(f"The duration {text} is longer than twelve hours")
    return total


def wanted(policy: Mapping[str, Any]) -> Wanted | None:
    """What a CreationPolicy waits for; None when it waits for nothing. ValueError, KeyError for a malformed one."""
    signal = policy.get("ResourceSignal")
    if signal is None:
        return None
    if not isinstance(signal, Mapping):
        raise ValueError("Value of property ResourceSignal must be an object")  # noqa: TRY004  as for other values
    count = int(signal.get("Count", 1))
    share = int((policy.get("AutoScalingCreationPolicy") or {}).get("MinSuccessfulInstancesPercent", 100))
    return Wanted(count=-(-count * share // 100), seconds=seconds(str(signal.get("Timeout", "PT5M"))))


def wait(run: Run, resource: Resource) -> None:
    """Hold a new resource back until it has the signals that its creation policy wants. Raises Failed."""
    policy = wanted(resource.creation_policy)
    if policy is None:
        return
    engine, given = run.engine, run.stack.signals.setdefault(resource.logical_id, {})
    end = time.monotonic() + policy.seconds
    with engine.answered:
        while True:
            for unique_id, status in given.items():
                if status == "FAILURE":
                    raise Failed(f"Received FAILURE signal with UniqueId {unique_id}")
            missing = policy.count - len(given)
            left = end - time.monotonic()
            if missing <= 0 or run.stopped():
                return
            if left <= 0:
                raise Failed(f"Failed to receive {missing} resource signal(s) within the specified duration")
            engine.answered.wait(min(left, LOOK_AGAIN))


class SignalCalls(Core):
    """SignalResource."""

    def signal_resource(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        name, unique_id, status = params["LogicalResourceId"], params["UniqueId"], params["Status"]
        stack = self.find(call, params["StackName"], "Stack '{name}' does not exist")
        resource = stack.resources.get(name)
        if resource is None:
            raise AwsError("ValidationError", f"Resource {name} does not exist for stack {stack.name}")
        if not stack.busy:
            raise AwsError("ValidationError", f"Stack:{stack.id} is in {stack.status} state and can not be signaled")
        if not resource.status.endswith("_IN_PROGRESS"):
            said = f"Resource {name} is in {resource.status} state and can not be signaled"
            raise AwsError("ValidationError", said)
        with self.answered:
            given = stack.signals.setdefault(name, {})
            if unique_id in given:
                raise AwsError("ValidationError", f"Signal with ID {unique_id} already exists for resource {name}")
            if status == "SUCCESS":
                resource_event(stack, resource, resource.status, f"Received SUCCESS signal with UniqueId {unique_id}")
            given[unique_id] = status
            self.answered.notify_all()
        return {}
