"""Functions fed from queues and streams, their layers, and where asynchronous events go that nobody could deal with."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.functions.conftest import Deploy, package

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

TELL = """
import json
def handler(event, context):
    for record in event["Records"]:
        print("GOT " + json.dumps(record))
"""
FAIL_ODD = """
def handler(event, context):
    failed = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
"""
FULL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [
    "sqs:*", "kinesis:*", "dynamodb:*", "logs:*"], "Resource": "*"}]})


@pytest.fixture
def queue(world: LocalWorld, account: str, role: str) -> Callable[[str], Any]:
    """Queues by name, and a role that may read and write them."""
    root = world.root_user(account)
    world.client("iam", root).put_role_policy(RoleName="worker", PolicyName="all", PolicyDocument=FULL)
    sqs = world.client("sqs", root)

    def made(name: str, **attributes: str) -> Any:
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return sqs, url, arn

    return made


def received(sqs: Any, url: str, seconds: float = 15.0) -> list[Any]:
    """What comes within the time, the first lot of it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        if found:
            return [one["Body"] for one in found]
        time.sleep(0.05)
    return []


@pytest.fixture(autouse=True)
def nothing_left(functions: Any) -> Iterator[None]:
    """Mappings outlive the functions that they feed."""
    yield
    for one in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.delete_event_source_mapping(UUID=one["UUID"])


@pytest.fixture
def told(world: LocalWorld, account: str) -> Callable[[], list[Any]]:
    """The records that function `worker` printed, in order."""
    logs = world.client("logs", world.root_user(account))

    def found() -> list[Any]:
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/worker")["events"]
        except ClientError:
            return []
        return [json.loads(e["message"].partition("GOT ")[2]) for e in events if e["message"].startswith("GOT ")]

    return found


def results(functions: Any) -> list[str]:
    """What came of each event source's last look."""
    return [one["LastProcessingResult"] for one in functions.list_event_source_mappings()["EventSourceMappings"]]


def until(true: Callable[[], Any], seconds: float = 15.0) -> bool:
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.05)
    return bool(found)


def test_a_queue_feeds_a_function_and_what_passes_no_filter_is_taken_away(deploy, functions, queue, told, world):
    sqs, inbox, arn = queue("inbox-1")
    deploy(TELL)
    functions.create_event_source_mapping(
        FunctionName="worker", EventSourceArn=arn, BatchSize=5,
        FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"kind": ["wanted"]}})}]})
    for kind in ("other", "wanted"):
        sqs.send_message(QueueUrl=inbox, MessageBody=json.dumps({"kind": kind}),
                         MessageAttributes={"A": {"DataType": "String", "StringValue": "b"}})
    assert until(told), world._substitutions
    (record,) = told()
    assert json.loads(record["body"]) == {"kind": "wanted"}
    assert record["eventSourceARN"] == arn
    assert record["messageAttributes"]["A"]["stringValue"] == "b"
    left = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    assert until(lambda: {"0"} == set(sqs.get_queue_attributes(
        QueueUrl=inbox, AttributeNames=list(left))["Attributes"].values()))


def test_a_message_that_a_function_reports_as_failed_comes_back_and_the_others_do_not(deploy, functions, queue):
    sqs, inbox, arn = queue("inbox-2", VisibilityTimeout="30")
    deploy(FAIL_ODD)
    made = functions.create_event_source_mapping(
        FunctionName="worker", EventSourceArn=arn, FunctionResponseTypes=["ReportBatchItemFailures"])
    for body in ("good", "bad"):
        sqs.send_message(QueueUrl=inbox, MessageBody=body)

    def hidden() -> bool:
        counted = sqs.get_queue_attributes(QueueUrl=inbox, AttributeNames=["All"])["Attributes"]
        return (counted["ApproximateNumberOfMessages"], counted["ApproximateNumberOfMessagesNotVisible"]) == ("0", "1")

    assert until(hidden)
    functions.delete_event_source_mapping(UUID=made["UUID"])
    with pytest.raises(ClientError, match="does not exist"):
        functions.get_event_source_mapping(UUID=made["UUID"])


def test_a_role_that_may_not_read_the_queue_gets_no_mapping(deploy, functions, queue, world, account):
    _, _, arn = queue("inbox-3")
    deploy(FAIL_ODD)
    world.client("iam", world.root_user(account)).delete_role_policy(RoleName="worker", PolicyName="all")
    with pytest.raises(ClientError, match="does not have permissions to call ReceiveMessage on SQS"):
        functions.create_event_source_mapping(FunctionName="worker", EventSourceArn=arn)


def test_a_stream_feeds_a_function_in_order(deploy, functions, queue, told, world, account):
    kinesis = world.client("kinesis", world.root_user(account))
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName="clicks")["StreamDescriptionSummary"]["StreamARN"]
    deploy(TELL)
    functions.create_event_source_mapping(FunctionName="worker", EventSourceArn=arn, StartingPosition="TRIM_HORIZON")
    for data in (b"one", b"two"):
        kinesis.put_record(StreamName="clicks", Data=data, PartitionKey="p")
    assert until(lambda: len(told()) == 2), results(functions)
    assert [record["kinesis"]["data"] for record in told()] == ["b25l", "dHdv"]


def test_changes_of_a_table_feed_a_function(deploy, functions, queue, told, world, account):
    dynamodb = world.client("dynamodb", world.root_user(account))
    made = dynamodb.create_table(
        TableName="orders", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})["TableDescription"]
    deploy(TELL)
    functions.create_event_source_mapping(FunctionName="worker", EventSourceArn=made["LatestStreamArn"],
                                          StartingPosition="LATEST")
    dynamodb.put_item(TableName="orders", Item={"id": {"S": "1"}})
    assert until(told), results(functions)
    (record,) = told()
    assert record["dynamodb"]["NewImage"] == {"id": {"S": "1"}}
    assert record["eventName"] == "INSERT"
    dynamodb.put_item(TableName="orders", Item={"id": {"S": "2"}})
    assert until(lambda: len(told()) == 2), functions.list_event_source_mappings()["EventSourceMappings"][0][
        "LastProcessingResult"]
    assert told()[1]["dynamodb"]["NewImage"] == {"id": {"S": "2"}}


def test_an_event_that_fails_for_good_goes_to_the_dead_letter_queue_or_the_destination(deploy, functions, queue):
    sqs, dead, dead_arn = queue("dead-6")
    _, failed, failed_arn = queue("failed-6")
    deploy("def handler(event, context):\n    raise ValueError('no')\n", DeadLetterConfig={"TargetArn": dead_arn})
    functions.put_function_event_invoke_config(
        FunctionName="worker", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": failed_arn}})
    functions.invoke(FunctionName="worker", InvocationType="Event", Payload=b'{"a": 1}')
    assert received(sqs, dead) == ['{"a": 1}']
    (record,) = received(sqs, failed)
    assert json.loads(record)["requestPayload"] == {"a": 1}
    assert json.loads(record)["responsePayload"]["errorMessage"] == "no"


def test_a_function_finds_what_its_layers_bring(deploy: Deploy, functions, world):
    made = functions.publish_layer_version(LayerName="shared", Content={"ZipFile": package(
        {"python/shared_words.py": "SAID = 'from a layer'\n"})})
    assert made["Version"] == 1
    deploy("import shared_words\ndef handler(event, context):\n    return shared_words.SAID\n",
           Layers=[made["LayerVersionArn"]])
    assert json.loads(functions.invoke(FunctionName="worker")["Payload"].read()) == "from a layer"
    assert functions.get_function_configuration(FunctionName="worker")["Layers"][0]["Arn"] == made["LayerVersionArn"]
    with pytest.raises(ClientError, match="does not exist"):
        deploy("", FunctionName="other", Layers=[made["LayerVersionArn"][:-1] + "9"])
    functions.delete_layer_version(LayerName="shared", VersionNumber=1)
    assert functions.list_layers()["Layers"] == []


def test_a_function_of_another_language_is_kept_and_refused_by_name_when_it_is_to_run(deploy, functions):
    deploy("", Runtime="java21")
    with pytest.raises(ClientError, match=r"does not emulate running the Lambda runtime java21"):
        functions.invoke(FunctionName="worker")
    with pytest.raises(ClientError, match="Member must satisfy enum value set"):
        deploy("", FunctionName="other", Runtime="cobol1.x")


def test_a_function_in_a_vpc_needs_a_role_that_makes_network_interfaces(deploy, functions, world, account):
    root = world.root_user(account)
    subnet = world.client("ec2", root).describe_subnets()["Subnets"][0]
    group = world.client("ec2", root).describe_security_groups()["SecurityGroups"][0]["GroupId"]
    place = {"SubnetIds": [subnet["SubnetId"]], "SecurityGroupIds": [group]}
    with pytest.raises(ClientError, match="does not have permissions to call CreateNetworkInterface on EC2"):
        deploy("", VpcConfig=place)
    world.client("iam", root).attach_role_policy(
        RoleName="worker", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole")
    made = deploy("def handler(event, context):\n    return 1\n", VpcConfig=place)
    assert made["VpcConfig"]["VpcId"] == subnet["VpcId"]
    assert functions.invoke(FunctionName="worker")["Payload"].read() == b"1"
    assert "function worker ran outside of its VPC" in world._substitutions
