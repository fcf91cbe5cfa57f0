"""Creation policies wait for signals: as many as they say, as long as they say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.cloudformation.conftest import until

from crossdock.local.cloudformation import signals
from crossdock.local.engine import AwsError


def waiting(count: int = 1, timeout: str = "PT20S", **more: Any) -> str:
    return json.dumps({"Resources": {"W": {
        "Type": "AWS::CloudFormation::WaitCondition",
        "CreationPolicy": {"ResourceSignal": {"Count": count, "Timeout": timeout}, **more}}},
        "Outputs": {"Data": {"Value": {"Fn::GetAtt": ["W", "Data"]}}}})


@pytest.fixture
def begin(alone: Any, ask: Any) -> Any:
    def begun(body: str) -> Any:
        stack = alone.state.stacks[ask("CreateStack", TemplateBody=body)["StackId"]]
        until(lambda: "W" in stack.resources and stack.resources["W"].status)
        return stack

    return begun


def signal(ask: Any, unique_id: str, status: str = "SUCCESS") -> None:
    ask("SignalResource", LogicalResourceId="W", UniqueId=unique_id, Status=status)


def told(stack: Any) -> list[tuple[str, str]]:
    return [(e.status, e.reason) for e in stack.events if e.logical_id == "W"]


def test_a_resource_is_complete_once_enough_signals_came(alone, ask, begin):
    stack = begin(waiting(count=2))
    signal(ask, "a")
    with pytest.raises(AwsError, match="Signal with ID a already exists for resource W"):
        signal(ask, "a")
    assert stack.status == "CREATE_IN_PROGRESS"
    signal(ask, "b")
    alone.wait(stack.id)
    assert stack.status == "CREATE_COMPLETE"
    assert ("CREATE_IN_PROGRESS", "Received SUCCESS signal with UniqueId b") in told(stack)
    with pytest.raises(AwsError, match="is in CREATE_COMPLETE state and can not be signaled"):
        signal(ask, "c")


def test_a_signal_of_failure_fails_the_resource_at_once(alone, ask, begin):
    stack = begin(waiting(count=5))
    signal(ask, "a", "FAILURE")
    alone.wait(stack.id)
    assert stack.status == "ROLLBACK_COMPLETE"
    assert ("CREATE_FAILED", "Received FAILURE signal with UniqueId a") in told(stack)


def test_too_few_signals_in_time_fail_it(alone, ask, begin):
    stack = begin(waiting(count=3, timeout="PT0S"))
    alone.wait(stack.id)
    assert ("CREATE_FAILED", "Failed to receive 3 resource signal(s) within the specified duration") in told(stack)


def test_a_share_of_the_signals_can_be_enough(alone, ask, begin):
    stack = begin(waiting(count=3, AutoScalingCreationPolicy={"MinSuccessfulInstancesPercent": 50}))
    signal(ask, "a")
    signal(ask, "b")
    alone.wait(stack.id)
    assert stack.status == "CREATE_COMPLETE"


def test_what_cannot_be_signalled_is_said(alone, ask, begin):
    with pytest.raises(AwsError, match="Stack 'one' does not exist"):
        signal(ask, "a")
    stack = begin(waiting())
    with pytest.raises(AwsError, match="Resource X does not exist for stack one"):
        ask("SignalResource", LogicalResourceId="X", UniqueId="a", Status="SUCCESS")
    signal(ask, "a")
    alone.wait(stack.id)


@pytest.mark.parametrize(("text", "seconds"), [("PT5M", 300), ("PT1H30M", 5400), ("PT12H", 43200), ("PT0S", 0)])
def test_durations_are_read(text, seconds):
    assert signals.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "PT", "5M", "P1D", "PT13H", "PT-1S", "nan"])
def test_what_is_no_duration_fails_the_resource(text):
    with pytest.raises(ValueError, match="duration"):
        signals.seconds(text)
