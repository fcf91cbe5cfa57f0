"""What topics and buckets send arrives where the receiver's policy lets it in, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.local.server import LocalWorld

HERE, THERE = "111111111111", "222222222222"


class Account:
    """An account's administrator, and what tests do with queues and topics."""

    def __init__(self, world: LocalWorld, number: str = HERE) -> None:
        self.number, self.caller = number, world.root_user(number)
        self.sqs, self.sns, self.s3 = (world.client(name, self.caller) for name in ("sqs", "sns", "s3"))

    def queue(self, name: str, *, service: str = "", source: str = "", **attributes: str) -> str:
        """The ARN of a queue that lets a service in on behalf of a source, or nobody."""
        if service:
            statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage",
                         "Resource": "*", "Condition": {"ArnEquals": {"aws:SourceArn": source}}}
            attributes["Policy"] = json.dumps({"Version": "2012-10-17", "Statement": statement})
        self.sqs.create_queue(QueueName=name, Attributes=attributes)
        return f"arn:aws:sqs:us-east-1:{self.number}:{name}"

    def received(self, name: str) -> list[str]:
        url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in found]


@pytest.fixture
def here(world: LocalWorld) -> Account:
    return Account(world)


def subscribe(here: Account, topic: str, queue: str, **attributes: str) -> None:
    here.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue,
                       Attributes={"RawMessageDelivery": "true", **attributes})


def test_a_queue_gets_what_its_policy_lets_in(here: Account) -> None:
    topic, other = (here.sns.create_topic(Name=name)["TopicArn"] for name in ("news", "other"))
    for name, source in (("open", topic), ("another", other)):
        subscribe(here, topic, here.queue(name, service="sns.amazonaws.com", source=source))
    subscribe(here, topic, here.queue("shut"))
    here.sns.publish(TopicArn=topic, Message="hello")
    assert [here.received(name) for name in ("open", "another", "shut")] == [["hello"], [], []]


def test_a_queue_of_another_account_is_found_there(here: Account, world: LocalWorld) -> None:
    there = Account(world, THERE)
    topic = here.sns.create_topic(Name="news")["TopicArn"]
    queue = there.queue("far", service="sns.amazonaws.com", source=topic)
    here.queue("far")
    subscribe(here, topic, queue)
    here.sns.publish(TopicArn=topic, Message="hello")
    assert there.received("far") == ["hello"]
    assert here.received("far") == []


def test_what_cannot_be_delivered_goes_to_the_dead_letters(here: Account) -> None:
    topic = here.sns.create_topic(Name="news")["TopicArn"]
    dead = here.queue("dead", service="sns.amazonaws.com", source=topic)
    subscribe(here, topic, here.queue("shut"), RedrivePolicy=json.dumps({"deadLetterTargetArn": dead}))
    here.sns.publish(TopicArn=topic, Message="lost")
    assert here.received("dead") == ["lost"]


def test_publishing_succeeds_whatever_becomes_of_it(here: Account) -> None:
    topic = here.sns.create_topic(Name="news")["TopicArn"]
    subscribe(here, topic, f"arn:aws:sqs:us-east-1:{HERE}:nowhere")
    here.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=f"arn:aws:lambda:us-east-1:{HERE}:function:none")
    assert here.sns.publish(TopicArn=topic, Message="hello")["MessageId"]


def test_no_web_address_is_called(here: Account) -> None:
    topic = here.sns.create_topic(Name="news")["TopicArn"]
    here.sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:1/hook")
    assert here.sns.publish(TopicArn=topic, Message="hello")["MessageId"]


def test_a_filter_compares_without_case_when_asked_to(here: Account) -> None:
    topic = here.sns.create_topic(Name="news")["TopicArn"]
    queue = here.queue("open", service="sns.amazonaws.com", source=topic)
    subscribe(here, topic, queue, FilterPolicy=json.dumps({"kind": [{"equals-ignore-case": "ORDER"}]}))
    for kind in ("Order", "bill"):
        here.sns.publish(TopicArn=topic, Message=kind,
                         MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}})
    assert here.received("open") == ["Order"]


def notify(here: Account, bucket: str, **configuration: Any) -> None:
    here.s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def test_a_bucket_tells_a_queue_that_lets_it(here: Account) -> None:
    here.s3.create_bucket(Bucket="telling")
    queues = [here.queue("open", service="s3.amazonaws.com", source="arn:aws:s3:::telling"), here.queue("shut")]
    notify(here, "telling", QueueConfigurations=[
        {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]} for arn in queues])
    here.s3.put_object(Bucket="telling", Key="a b", Body=b"1")
    test, told = (json.loads(text) for text in here.received("open"))
    assert test["Event"] == "s3:TestEvent"
    assert told["Records"][0]["s3"]["object"]["key"] == "a+b"
    assert here.received("shut") == []


def test_a_bucket_tells_the_event_bus(here: Account, world: LocalWorld) -> None:
    here.s3.create_bucket(Bucket="telling")
    notify(here, "telling", EventBridgeConfiguration={})
    events = world.client("events", here.caller)
    rule = events.put_rule(Name="made", EventPattern=json.dumps(
        {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["telling"]}}}))
    queue = here.queue("open", service="events.amazonaws.com", source=rule["RuleArn"])
    events.put_targets(Rule="made", Targets=[{"Id": "1", "Arn": queue, "InputPath": "$.detail.object.key"}])
    here.s3.put_object(Bucket="telling", Key="a", Body=b"1")
    assert wait_for(lambda: here.received("open")) == ['"a"']


def wait_for(read: Any) -> Any:
    import time

    for _ in range(200):
        if found := read():
            return found
        time.sleep(0.01)
    return None
