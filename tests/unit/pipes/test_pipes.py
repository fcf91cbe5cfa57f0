"""Pipes: what they read, pass over, make of it, and hand over, as their role."""

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

from crossdock.local.pipes import inputs

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "pipes.amazonaws.com"]},
     "Action": "sts:AssumeRole"}]}
ENRICH = '''
import json
def handler(event, context):
    return [{"order": json.loads(one["body"])["id"] * 10} for one in event]
'''


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    yield from one_account(tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="module")
def client(world: LocalWorld) -> Callable[[str], Any]:
    return lambda service: world.client(service, world.root_user(ACCOUNT))


@pytest.fixture(scope="module")
def queue(client: Callable[[str], Any]) -> Callable[[str], tuple[str, str]]:
    """A queue's URL and ARN."""
    return lambda name: (str(client("sqs").create_queue(QueueName=name)["QueueUrl"]),
                         f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}")


@pytest.fixture(scope="module")
def role(client: Callable[[str], Any]) -> Callable[..., str]:
    def made(name: str, *actions: str) -> str:
        iam = client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        if actions:
            iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps({
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}))
        return str(arn)

    return made


def received(client: Callable[[str], Any], url: str) -> str:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for message in client("sqs").receive_message(QueueUrl=url).get("Messages", ()):
            return str(message["Body"])
        time.sleep(0.05)
    raise AssertionError("nothing came")


READS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def test_what_passes_the_filter_is_enriched_and_handed_over(
    client: Callable[[str], Any], queue: Callable[[str], tuple[str, str]], role: Callable[..., str]
) -> None:
    (source, source_arn), (target, target_arn) = queue("in"), queue("out")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("app.py", ENRICH)
    function = client("lambda").create_function(
        FunctionName="enrich", Runtime="python3.11", Handler="app.handler", Role=role("worker"),
        Code={"ZipFile": held.getvalue()})["FunctionArn"]
    client("pipes").create_pipe(
        Name="p", Source=source_arn, Target=target_arn, Enrichment=function,
        RoleArn=role("pipe", *READS, "sqs:SendMessage", "lambda:InvokeFunction"),
        SourceParameters={"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["order"]}})}]}},
        TargetParameters={"InputTemplate": '{"number": <$.order>, "by": "<aws.pipes.pipe-name>"}'})
    sqs = client("sqs")
    sqs.send_message(QueueUrl=source, MessageBody='{"kind": "other", "id": 1}')
    sqs.send_message(QueueUrl=source, MessageBody='{"kind": "order", "id": 2}')
    assert json.loads(received(client, target)) == {"number": 20, "by": "p"}
    assert client("pipes").describe_pipe(Name="p")["CurrentState"] == "RUNNING"
    client("pipes").delete_pipe(Name="p")


def test_a_pipe_whose_role_may_not_hand_over_says_so(
    client: Callable[[str], Any], queue: Callable[[str], tuple[str, str]], role: Callable[..., str]
) -> None:
    (source, source_arn), (_, target_arn) = queue("kept"), queue("closed")
    client("sqs").send_message(QueueUrl=source, MessageBody="{}")
    client("pipes").create_pipe(Name="poor", Source=source_arn, Target=target_arn, RoleArn=role("poor", *READS))
    until = time.monotonic() + 20
    while "sqs:SendMessage" not in (said := client("pipes").describe_pipe(Name="poor").get("StateReason", "")):
        assert time.monotonic() < until, said
        time.sleep(0.05)
    client("pipes").delete_pipe(Name="poor")


def test_what_a_pipe_cannot_do_here_is_refused_when_it_is_made(
    client: Callable[[str], Any], queue: Callable[[str], tuple[str, str]], role: Callable[..., str]
) -> None:
    arn, pipe = queue("any")[1], role("any")
    with pytest.raises(ClientError, match="does not emulate kafka event sources"):
        client("pipes").create_pipe(Name="k", Source="arn:aws:kafka:us-east-1:1:cluster/x", Target=arn, RoleArn=pipe)
    with pytest.raises(ClientError, match="does not emulate redshift targets of pipes"):
        client("pipes").create_pipe(Name="r", Source=arn, Target="arn:aws:redshift:us-east-1:1:x", RoleArn=pipe)
    with pytest.raises(ClientError, match="not allowed to assume the role"):
        client("pipes").create_pipe(Name="n", Source=arn, Target=arn, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/none")


def test_templates_fill_json_and_text() -> None:
    event = {"body": '{"a": {"b": [1, 2]}}', "messageId": "m"}
    assert inputs.transformed('{"x": <$.body.a>, "y": "<$.messageId>!"}', event, {}) == {"x": {"b": [1, 2]}, "y": "m!"}
    assert inputs.transformed("id <$.body.a.b[0]>", event, {}) == "id 1"
    assert inputs.resolved("$.messageId", event) == "m"
    assert inputs.resolved("text", event) == "text"
