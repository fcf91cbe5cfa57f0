"""Wait conditions, operations cut short, secrets: what needs an engine but no other service."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from crossdock.local.cloudformation import CloudFormation
from crossdock.local.engine import Call, HttpRequest
from crossdock.local.identity import ANONYMOUS, Caller, Kind

CALLER = Caller(kind=Kind.USER, arn="arn:aws:iam::111111111111:user/u", account="111111111111")
HANDLE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}


class World:
    endpoint, partition, region = "http://127.0.0.1:1", "aws", "us-east-1"
    accounts = {"111111111111": "shared"}
    organization, management_account, root = "", "111111111111", Path()


@pytest.fixture
def engine() -> Any:
    made = CloudFormation(World())  # type: ignore[arg-type]
    yield made
    made.stop()


def call(engine: CloudFormation, operation: str, **params: Any) -> Any:
    return engine.handle(Call(
        service="cloudformation", operation=operation, params={"StackName": "one", **params}, caller=CALLER,
        account="111111111111", region="us-east-1", request_id="r"))


def waiting(count: int = 1, timeout: str = "20") -> str:
    return json.dumps({"Resources": {"H": HANDLE, "W": {"Type": "AWS::CloudFormation::WaitCondition", "Properties": {
        "Handle": {"Ref": "H"}, "Count": count, "Timeout": timeout}}},
        "Outputs": {"Data": {"Value": {"Fn::GetAtt": ["W", "Data"]}}}})


def handle_path(engine: CloudFormation) -> str:
    stack = next(iter(engine.state.stacks.values()))
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if "H" in stack.resources and stack.resources["H"].physical_id:
            return stack.resources["H"].physical_id.removeprefix("http://127.0.0.1:1/_aws/cloudformation")
        threading.Event().wait(0.01)
    raise AssertionError("no handle")


def signal(engine: CloudFormation, **answer: str) -> None:
    body = json.dumps(answer).encode()
    request = HttpRequest(method="PUT", path=handle_path(engine), query="", headers={}, body=body, caller=ANONYMOUS)
    assert engine.http(request).status == 200


def test_a_wait_condition_waits_for_as_many_signals_as_it_says(engine):
    stack_id = call(engine, "CreateStack", TemplateBody=waiting(count=2))["StackId"]
    signal(engine, Status="SUCCESS", UniqueId="a", Data="1")
    signal(engine, Status="SUCCESS", UniqueId="a", Data="1")
    assert engine.state.stacks[stack_id].status == "CREATE_IN_PROGRESS"
    signal(engine, Status="SUCCESS", UniqueId="b", Data="2")
    engine.wait(stack_id)
    assert engine.state.stacks[stack_id].status == "CREATE_COMPLETE"
    assert json.loads(engine.state.stacks[stack_id].outputs["Data"].value) == {"a": "1", "b": "2"}


def test_a_signal_of_failure_fails_the_condition(engine):
    stack_id = call(engine, "CreateStack", TemplateBody=waiting())["StackId"]
    signal(engine, Status="FAILURE", UniqueId="a", Reason="disk full")
    engine.wait(stack_id)
    stack = engine.state.stacks[stack_id]
    assert stack.status == "ROLLBACK_COMPLETE"
    assert "WaitCondition received failed message: 'disk full' for uniqueId: a" in [e.reason for e in stack.events]


def test_a_wait_condition_that_gets_too_little_times_out(engine):
    stack_id = call(engine, "CreateStack", TemplateBody=waiting(timeout="0"))["StackId"]
    engine.wait(stack_id)
    reasons = [e.reason for e in engine.state.stacks[stack_id].events]
    assert "WaitCondition timed out. Received 0 conditions when expecting 1" in reasons


def test_an_operation_cut_short_has_failed_when_the_engine_starts_again(engine):
    stack_id = call(engine, "CreateStack", TemplateBody=waiting())["StackId"]
    handle_path(engine)
    again = CloudFormation(World())  # type: ignore[arg-type]
    again.state = engine.state
    again.start()
    assert again.state.stacks[stack_id].status == "CREATE_FAILED"
    engine.stop()


def test_events_do_not_show_secret_parameters(engine):
    body = {"Parameters": {"Word": {"Type": "String", "NoEcho": True}},
            "Resources": {"H": {**HANDLE, "Metadata": {}}, "W": {
                "Type": "AWS::CloudFormation::WaitCondition",
                "Properties": {"Handle": {"Fn::Sub": "https://x/${Word}"}, "Timeout": "0"}}}}
    stack_id = call(engine, "CreateStack", TemplateBody=json.dumps(body), Parameters=[
        {"ParameterKey": "Word", "ParameterValue": "hunter2"}])["StackId"]
    engine.wait(stack_id)
    shown = [e.properties for e in engine.state.stacks[stack_id].events if e.logical_id == "W"]
    assert shown
    assert not any("hunter2" in text for text in shown)
    assert any("****" in text for text in shown)
