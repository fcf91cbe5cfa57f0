"""Custom resources against a function that is an object here: requests, answers, failures, changed physical ids."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crossdock.local.cloudformation import CloudFormation
from crossdock.local.engine import Call, HttpRequest
from crossdock.local.identity import ANONYMOUS, Caller, Kind

CALLER = Caller(kind=Kind.USER, arn="arn:aws:iam::111111111111:user/u", account="111111111111")
TOKEN = "arn:aws:lambda:us-east-1:111111111111:function:f"


class Function:
    """A Lambda client with one function. `answer` gives an answer, None (says nothing) or raises (crashes)."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.engine: CloudFormation | None = None
        self.answer: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda request: {
            "Status": "SUCCESS", "PhysicalResourceId": request.get("PhysicalResourceId", "made"),
            "Data": {"Size": request["ResourceProperties"].get("Size", "")}}

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == TOKEN
        request = json.loads(Payload)
        self.requests.append(request)
        try:
            answer = self.answer(request)
        except RuntimeError as error:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(str(error).encode())}
        if answer is not None:
            path = request["ResponseURL"].removeprefix("http://127.0.0.1:1/_aws/cloudformation")
            assert self.put(path, answer) == 200
        return {"Payload": io.BytesIO(b"null")}

    def put(self, path: str, answer: Any) -> int:
        assert self.engine is not None
        return self.engine.http(HttpRequest(
            method="PUT", path=path, query="", headers={}, body=json.dumps(answer).encode(), caller=ANONYMOUS)).status


class World:
    endpoint, partition, region = "http://127.0.0.1:1", "aws", "us-east-1"
    accounts = {"111111111111": "shared"}
    organization, management_account, root = "", "111111111111", Path()

    def __init__(self, function: Function) -> None:
        self.function = function

    def client(self, service: str, caller: Caller, region: str | None = None) -> Any:
        assert service == "lambda"
        assert caller.called_via == ("cloudformation.amazonaws.com",)
        return self.function


class Stack:
    """One stack of one custom resource."""

    def __init__(self, function: Function) -> None:
        self.engine = CloudFormation(World(function))  # type: ignore[arg-type]
        function.engine = self.engine

    def call(self, operation: str, **params: Any) -> Any:
        return self.engine.handle(Call(
            service="cloudformation", operation=operation, params={"StackName": "one", **params}, caller=CALLER,
            account="111111111111", region="us-east-1", request_id="r"))

    def go(self, operation: str, **properties: Any) -> str:
        body = {"Resources": {"X": {"Type": "Custom::Thing", "Properties": {"ServiceToken": TOKEN, **properties}}},
                "Outputs": {"Id": {"Value": {"Ref": "X"}}, "Size": {"Value": {"Fn::GetAtt": ["X", "Size"]}}}}
        stack_id = self.call(operation, TemplateBody=json.dumps(body))["StackId"]
        self.engine.wait(stack_id)
        return str(self.engine.state.stacks[stack_id].status)

    def delete(self) -> str:
        stack_id = next(iter(self.engine.state.stacks))
        self.call("DeleteStack")
        self.engine.wait(stack_id)
        return str(self.engine.state.stacks[stack_id].status)

    @property
    def outputs(self) -> dict[str, str]:
        return {o["OutputKey"]: o["OutputValue"] for o in self.call("DescribeStacks")["Stacks"][0]["Outputs"]}

    @property
    def reasons(self) -> list[str]:
        events = self.call("DescribeStackEvents")["StackEvents"]
        return [e["ResourceStatusReason"] for e in events if e["ResourceType"] == "Custom::Thing"
                and e["ResourceStatus"].endswith("FAILED")]


@pytest.fixture
def function() -> Function:
    return Function()


@pytest.fixture
def stack(function: Function) -> Iterator[Stack]:
    made = Stack(function)
    yield made
    made.engine.stop()


def kinds(function: Function) -> list[tuple[str, str]]:
    return [(r["RequestType"], r.get("PhysicalResourceId", "")) for r in function.requests]


def test_requests_and_answers_have_their_documented_members(stack, function):
    assert stack.go("CreateStack", Size=3, Flag=True) == "CREATE_COMPLETE", stack.reasons
    request = function.requests[0]
    assert request["ResourceProperties"] == {"ServiceToken": TOKEN, "Size": "3", "Flag": "true"}
    assert request.keys() == {"RequestType", "ServiceToken", "ResponseURL", "StackId", "RequestId", "LogicalResourceId",
                              "ResourceType", "ResourceProperties"}
    assert stack.outputs == {"Id": "made", "Size": "3"}
    assert stack.go("UpdateStack", Size=4) == "UPDATE_COMPLETE"
    update = function.requests[1]
    assert update["OldResourceProperties"]["Size"] == "3"
    assert update["PhysicalResourceId"] == "made"
    assert stack.outputs == {"Id": "made", "Size": "4"}
    assert stack.delete() == "DELETE_COMPLETE"
    assert kinds(function) == [("Create", ""), ("Update", "made"), ("Delete", "made")]


def test_another_physical_id_after_an_update_means_that_the_old_one_is_deleted(stack, function):
    function.answer = lambda request: {
        "Status": "SUCCESS", "PhysicalResourceId": f"id-{request['ResourceProperties']['Size']}",
        "Data": {"Size": "x"}}
    stack.go("CreateStack", Size=1)
    assert stack.go("UpdateStack", Size=2) == "UPDATE_COMPLETE"
    assert stack.outputs["Id"] == "id-2"
    assert kinds(function)[1:] == [("Update", "id-1"), ("Delete", "id-1")]


def test_a_handlers_no_is_kept_as_the_reason_and_its_resource_is_deleted(stack, function):
    function.answer = lambda request: {
        "Status": "FAILED" if request["RequestType"] == "Create" else "SUCCESS", "PhysicalResourceId": "half",
        "Reason": "out of stock"}
    assert stack.go("CreateStack") == "ROLLBACK_COMPLETE"
    assert stack.reasons[0].startswith(
        "Received response status [FAILED] from custom resource. Message returned: out of stock (RequestId: ")
    assert kinds(function) == [("Create", ""), ("Delete", "half")]


def test_a_failed_update_sends_the_old_properties_again(stack, function):
    stack.go("CreateStack", Size=1)

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        bad = request["ResourceProperties"]["Size"] == "2"
        status = "FAILED" if bad else "SUCCESS"
        return {"Status": status, "PhysicalResourceId": "made", "Reason": "no", "Data": {"Size": "1"}}

    function.answer = answer
    assert stack.go("UpdateStack", Size=2) == "UPDATE_ROLLBACK_COMPLETE"
    assert [r["ResourceProperties"]["Size"] for r in function.requests] == ["1", "2", "1"]
    assert stack.outputs == {"Id": "made", "Size": "1"}


def test_a_function_that_crashes_is_tried_three_times_and_named(stack, function):
    def crash(request: dict[str, Any]) -> None:
        if request["RequestType"] == "Create":
            raise RuntimeError("NameError: name 'x' is not defined")
        function.put(request["ResponseURL"], {"Status": "SUCCESS"})

    function.answer = crash
    assert stack.go("CreateStack") == "ROLLBACK_COMPLETE"
    assert [kind for kind, _ in kinds(function)] == ["Create", "Create", "Create", "Delete"]
    assert "did not receive a response from your custom resource" in stack.reasons[0]
    assert "NameError" in stack.reasons[0]


def test_silence_fails_when_the_service_timeout_is_over(stack, function):
    function.answer = lambda request: None if request["RequestType"] == "Create" else {"Status": "SUCCESS"}
    assert stack.go("CreateStack", ServiceTimeout=0) == "ROLLBACK_COMPLETE"
    assert "did not receive a response from your custom resource" in stack.reasons[0]


def test_an_answer_without_a_physical_id_is_invalid(stack, function):
    function.answer = lambda request: {"Status": "SUCCESS"}
    assert stack.go("CreateStack") == "ROLLBACK_COMPLETE"
    assert stack.reasons == ["Invalid PhysicalResourceId"]


def test_an_unknown_place_takes_no_answer(stack, function):
    assert function.put("/custom-resource/guessed", {"Status": "SUCCESS"}) == 403
