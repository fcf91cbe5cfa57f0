"""Executions: functions and services really called, as the state machine's role; callbacks; histories."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.worlds import ACCOUNT, one_account

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
     "Action": "sts:AssumeRole"}]}
CODE = '''
def handler(event, context):
    if event.get("fail"):
        raise ValueError("on purpose")
    return {"doubled": event["n"] * 2}
'''
Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    yield from one_account(tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="module")
def client(world: LocalWorld) -> Callable[[str], Any]:
    return lambda service: world.client(service, world.root_user(ACCOUNT))


@pytest.fixture(scope="module")
def role(client: Callable[[str], Any]) -> Callable[..., str]:
    """A role that Lambda and Step Functions may assume, with these actions."""

    def made(name: str, *actions: str) -> str:
        iam = client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        if actions:
            iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps({
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}))
        return str(arn)

    return made


@pytest.fixture(scope="module")
def function(client: Callable[[str], Any], role: Callable[..., str]) -> str:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("app.py", CODE)
    return str(client("lambda").create_function(
        FunctionName="double", Runtime="python3.11", Handler="app.handler", Role=role("worker"),
        Code={"ZipFile": held.getvalue()})["FunctionArn"])


@pytest.fixture(scope="module")
def run(client: Callable[[str], Any], role: Callable[..., str]) -> Run:
    """Make a state machine of one task, execute it, and say how it ended."""
    states = client("stepfunctions")

    def ran(name: str, state: dict[str, Any], given: Any, *actions: str) -> dict[str, Any]:
        definition = {"StartAt": "T", "States": {"T": {"Type": "Task", "End": True, **state}}}
        machine = states.create_state_machine(name=name, definition=json.dumps(definition),
                                              roleArn=role(f"machine-{name}", *actions))["stateMachineArn"]
        execution = states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
        return ended(states, execution)

    return ran


def ended(states: Any, execution: str) -> dict[str, Any]:
    until = time.monotonic() + 20
    while (told := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < until, told
        time.sleep(0.02)
    return dict(told)


def test_a_task_calls_a_function_as_the_machines_role(run: Run, function: str) -> None:
    told = run("calls", {"Resource": function}, {"n": 4}, "lambda:InvokeFunction")
    assert (told["status"], json.loads(told["output"])) == ("SUCCEEDED", {"doubled": 8})
    refused = run("may-not", {"Resource": function}, {"n": 4})
    assert (refused["status"], refused["error"]) == ("FAILED", "Lambda.AccessDeniedException")
    assert "is not authorized to perform: lambda:InvokeFunction" in refused["cause"]


def test_a_functions_error_is_the_states(run: Run, function: str) -> None:
    told = run("fails", {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {
        "FunctionName": function, "Payload": {"fail": True}}}, {}, "lambda:InvokeFunction")
    assert (told["status"], told["error"]) == ("FAILED", "ValueError")
    assert json.loads(told["cause"])["errorMessage"] == "on purpose"


def test_services_are_called_and_their_errors_named(run: Run, client: Callable[[str], Any]) -> None:
    client("dynamodb").create_table(
        TableName="t", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    put = {"TableName": "t", "Item": {"id": {"S.$": "$.id"}}, "ConditionExpression": "attribute_not_exists(id)"}
    state = {"Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": put, "ResultPath": "$.put",
             "ResultSelector": {"code.$": "$.SdkHttpMetadata.HttpStatusCode"}}
    told = run("puts", state, {"id": "x"}, "dynamodb:PutItem")
    assert json.loads(told["output"]) == {"id": "x", "put": {"code": 200}}
    assert run("twice", state, {"id": "x"}, "dynamodb:PutItem")["error"] == "DynamoDB.ConditionalCheckFailedException"
    sdk = {"Resource": "arn:aws:states:::aws-sdk:dynamodb:describeTable", "Parameters": {"TableName": "none"}}
    assert run("sdk", sdk, {}, "dynamodb:DescribeTable")["error"] == "DynamoDb.ResourceNotFoundException"
    listed = {"Resource": "arn:aws:states:::aws-sdk:sfn:listStateMachines", "OutputPath": "$.StateMachines[0].Name"}
    assert json.loads(run("lists", listed, {}, "states:ListStateMachines")["output"])


def test_a_callback_ends_the_task_that_waits_for_it(client: Callable[[str], Any], role: Callable[..., str]) -> None:
    states, sqs = client("stepfunctions"), client("sqs")
    url = sqs.create_queue(QueueName="tokens")["QueueUrl"]
    definition = {"StartAt": "T", "States": {"T": {
        "Type": "Task", "End": True, "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}}}}
    machine = states.create_state_machine(name="waits", definition=json.dumps(definition),
                                          roleArn=role("waits", "sqs:SendMessage"))["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    until = time.monotonic() + 20
    while not (found := sqs.receive_message(QueueUrl=url).get("Messages")):
        assert time.monotonic() < until
    token = json.loads(found[0]["Body"])["token"]
    states.send_task_success(taskToken=token, output='{"yes": true}')
    assert json.loads(ended(states, execution)["output"]) == {"yes": True}
    with pytest.raises(ClientError, match="TaskDoesNotExist"):
        states.send_task_success(taskToken=token, output="{}")


def test_an_express_machine_answers_at_once_and_a_standard_one_does_not(
    client: Callable[[str], Any], role: Callable[..., str]
) -> None:
    states = client("stepfunctions")
    flow = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 5, "End": True}}}
    arn = role("express")
    fast, slow = (states.create_state_machine(name=kind.lower(), type=kind, definition=json.dumps(flow), roleArn=arn)
                  ["stateMachineArn"] for kind in ("EXPRESS", "STANDARD"))
    assert states.start_sync_execution(stateMachineArn=fast)["output"] == "5"
    with pytest.raises(ClientError, match="StateMachineTypeNotSupported"):
        states.start_sync_execution(stateMachineArn=slow)


def test_a_stopped_execution_has_aborted_and_its_history_says_so(
    client: Callable[[str], Any], role: Callable[..., str]
) -> None:
    states = client("stepfunctions")
    flow = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
    machine = states.create_state_machine(
        name="long", definition=json.dumps(flow), roleArn=role("long"))["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, name="one")["executionArn"]
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        states.start_execution(stateMachineArn=machine, name="one", input='{"other": 1}')
    states.stop_execution(executionArn=execution, error="Enough")
    told = ended(states, execution)
    assert (told["status"], told["error"]) == ("ABORTED", "Enough")
    history = [event["type"] for event in states.get_execution_history(executionArn=execution)["events"]]
    assert (history[0], history[-1]) == ("ExecutionStarted", "ExecutionAborted")


def test_versions_and_aliases_keep_their_definition(client: Callable[[str], Any], role: Callable[..., str]) -> None:
    states, arn = client("stepfunctions"), role("versions")

    def flow(result: int) -> str:
        return json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": result, "End": True}}})

    machine = states.create_state_machine(name="v", type="EXPRESS", definition=flow(1), roleArn=arn)["stateMachineArn"]
    first = states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    alias = states.create_state_machine_alias(name="live", routingConfiguration=[
        {"stateMachineVersionArn": first, "weight": 100}])["stateMachineAliasArn"]
    states.update_state_machine(stateMachineArn=machine, definition=flow(2))
    told = [states.start_sync_execution(stateMachineArn=one)["output"] for one in (machine, first, alias)]
    assert told == ["2", "1", "1"]
    with pytest.raises(ClientError, match="must not be referenced by an alias"):
        states.delete_state_machine_version(stateMachineVersionArn=first)
