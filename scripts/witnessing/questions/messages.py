"""SQS and SNS: queues, topics, and which messages a filter lets through."""

from __future__ import annotations

import json
import time
from typing import Any

from witnessing.asking import HOME, Facts, Side, await_true, question, refusal


@question
def queues(side: Side) -> Facts:
    """Queues that aren't there, names and attributes that are none, and what a message brings."""
    sqs = side.client("sqs")
    url = sqs.create_queue(QueueName="asked", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
    sent = sqs.send_message(QueueUrl=url, MessageBody="hello",
                            MessageAttributes={"n": {"DataType": "Number", "StringValue": "1"}})
    got = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], AttributeNames=["All"])["Messages"][0]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {
        "url": url, "digests": [sent["MD5OfMessageBody"], sent["MD5OfMessageAttributes"]],
        "message": [got["Body"], got["MessageAttributes"], sorted(got["Attributes"]),
                    got["Attributes"]["ApproximateReceiveCount"], got["Attributes"]["SenderId"]],
        "attributes": {name: value for name, value in sorted(attributes.items()) if "Timestamp" not in name},
        "hidden": "Messages" in sqs.receive_message(QueueUrl=url),
        "no queue": refusal(sqs.get_queue_url, QueueName="nothing"),
        "send to none": refusal(sqs.send_message, QueueUrl=url.replace("asked", "nothing"), MessageBody="x"),
        "same again": refusal(sqs.create_queue, QueueName="asked", Attributes={"VisibilityTimeout": "1"}),
        "other attributes": refusal(sqs.create_queue, QueueName="asked", Attributes={"VisibilityTimeout": "2"}),
        "bad name": refusal(sqs.create_queue, QueueName="a b"),
        "bad value": refusal(sqs.create_queue, QueueName="tried", Attributes={"VisibilityTimeout": "99999"}),
        "bad attribute": refusal(sqs.create_queue, QueueName="tried", Attributes={"Colour": "blue"}),
        "fifo without suffix": refusal(sqs.create_queue, QueueName="tried", Attributes={"FifoQueue": "true"}),
        "empty": refusal(sqs.send_message, QueueUrl=url, MessageBody=""),
        "eleven": refusal(sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11),
        "bad receipt": refusal(sqs.delete_message, QueueUrl=url, ReceiptHandle="nonsense"),
        "empty batch": refusal(sqs.send_message_batch, QueueUrl=url, Entries=[]),
        "one id twice": refusal(sqs.send_message_batch, QueueUrl=url, Entries=[
            {"Id": "a", "MessageBody": "1"}, {"Id": "a", "MessageBody": "2"}]),
        "group on a standard queue": refusal(sqs.send_message, QueueUrl=url, MessageBody="x",
                                             MessageDeduplicationId="1"),
        "dead letters to none": refusal(sqs.set_queue_attributes, QueueUrl=url, Attributes={
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{HOME}:nothing",
                                         "maxReceiveCount": 1})}),
    }


@question
def dead_letters(side: Side) -> Facts:
    """A message received too often, and a FIFO queue's order and deduplication."""
    sqs = side.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    url = sqs.create_queue(QueueName="alive", Attributes={"VisibilityTimeout": "0", "RedrivePolicy": json.dumps({
        "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{HOME}:dead", "maxReceiveCount": 2})})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    received = []
    for _ in range(3):
        received.append(len(sqs.receive_message(QueueUrl=url).get("Messages", [])))
        time.sleep(0.05)
    buried = await_true(lambda: sqs.receive_message(QueueUrl=dead).get("Messages"), "dead letter", 5)
    fifo = sqs.create_queue(QueueName="ordered.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for body, group, once in (("1", "a", "x"), ("2", "a", "y"), ("1 again", "a", "x"), ("3", "b", "z")):
        sqs.send_message(QueueUrl=fifo, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=once)
    got = sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10)["Messages"]
    return {"received": received, "buried": [each["Body"] for each in buried],
            "ordered": sorted(each["Body"] for each in got),
            "no group": refusal(sqs.send_message, QueueUrl=fifo, MessageBody="x"),
            "no deduplication": refusal(sqs.send_message, QueueUrl=fifo, MessageBody="x", MessageGroupId="a")}


@question
def topics(side: Side) -> Facts:
    """Topics that aren't there, subscriptions that are none."""
    sns = side.client("sns")
    arn = sns.create_topic(Name="asked")["TopicArn"]
    queue = f"arn:aws:sqs:us-east-1:{HOME}:asked-topic"

    def subscribed(**attributes: str) -> str:
        return refusal(sns.subscribe, TopicArn=arn, Protocol="sqs", Endpoint=queue, Attributes=attributes)

    return {
        "arn": arn, "again": sns.create_topic(Name="asked")["TopicArn"] == arn,
        "publish to none": refusal(sns.publish, TopicArn=arn.replace("asked", "none"), Message="x"),
        "attributes of none": refusal(sns.get_topic_attributes, TopicArn=arn.replace("asked", "none")),
        "subscribe to none": refusal(sns.subscribe, TopicArn=arn.replace("asked", "none"), Protocol="sqs",
                                     Endpoint=queue),
        "delete of none": refusal(sns.delete_topic, TopicArn=arn.replace("asked", "none")),
        "protocol": refusal(sns.subscribe, TopicArn=arn, Protocol="pigeon", Endpoint="x"),
        "endpoint": refusal(sns.subscribe, TopicArn=arn, Protocol="sqs", Endpoint="x"),
        "filter that is no JSON": subscribed(FilterPolicy="{"),
        "filter of no list": subscribed(FilterPolicy='{"a": "b"}'),
        "filter with an unknown operator": subscribed(FilterPolicy='{"a": [{"like": "b"}]}'),
        "unknown attribute": subscribed(Colour="blue"),
        "scope": subscribed(FilterPolicy='{"a": ["b"]}', FilterPolicyScope="Everything"),
        "empty message": refusal(sns.publish, TopicArn=arn, Message=""),
        "bad name": refusal(sns.create_topic, Name="a b"),
        "bad structure": refusal(sns.publish, TopicArn=arn, Message="x", MessageStructure="json"),
        "structure without default": refusal(sns.publish, TopicArn=arn, Message='{"sqs": "x"}',
                                             MessageStructure="json"),
        "unsubscribe from none": refusal(sns.unsubscribe,
                                         SubscriptionArn=f"{arn}:11111111-2222-3333-4444-555555555555"),
    }


FILTERS: dict[str, tuple[dict[str, Any], str]] = {
    "exact": ({"kind": ["order", "bill"]}, "MessageAttributes"),
    "prefix": ({"kind": [{"prefix": "or"}]}, "MessageAttributes"),
    "suffix": ({"kind": [{"suffix": "er"}]}, "MessageAttributes"),
    "anything-but": ({"kind": [{"anything-but": ["order"]}]}, "MessageAttributes"),
    "anything-but prefix": ({"kind": [{"anything-but": {"prefix": "or"}}]}, "MessageAttributes"),
    "exists": ({"urgent": [{"exists": True}]}, "MessageAttributes"),
    "exists not": ({"urgent": [{"exists": False}]}, "MessageAttributes"),
    "numeric": ({"price": [{"numeric": [">", 10, "<=", 20]}]}, "MessageAttributes"),
    "number": ({"price": [15]}, "MessageAttributes"),
    "equals ignoring case": ({"kind": [{"equals-ignore-case": "ORDER"}]}, "MessageAttributes"),
    "both": ({"kind": ["order"], "price": [{"numeric": [">", 10]}]}, "MessageAttributes"),
    "or": ({"$or": [{"kind": ["bill"]}, {"urgent": ["yes"]}]}, "MessageAttributes"),
    "string array": ({"tags": ["b"]}, "MessageAttributes"),
    "body": ({"order": {"size": ["large"]}}, "MessageBody"),
    "body list": ({"order": {"colours": ["red"]}}, "MessageBody"),
    "body numeric": ({"order": {"n": [{"numeric": ["=", 3]}]}}, "MessageBody"),
    "body null": ({"order": {"note": [None]}}, "MessageBody"),
}
MESSAGES: list[tuple[dict[str, Any], Any]] = [
    ({"kind": "order", "price": 5}, {"order": {"size": "large", "colours": ["red", "blue"], "n": 3}}),
    ({"kind": "order", "price": 15, "urgent": "yes"}, {"order": {"size": "small", "note": None}}),
    ({"kind": "bill", "price": 20}, {"order": {"n": 3.0, "colours": ["green"]}}),
    ({"kind": "Order", "tags": ["a", "b"]}, "plain text"),
    ({}, {"order": [{"size": "large"}, {"size": "small"}]}),
]


@question
def filters(side: Side) -> Facts:
    """Seventeen filter policies, five messages: which arrive where."""
    sns, sqs = side.client("sns"), side.client("sqs")
    topic = sns.create_topic(Name="filtered")["TopicArn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": "*"}})
    urls = {}
    for number, (what, (wanted, scope)) in enumerate(FILTERS.items()):
        made = sqs.create_queue(QueueName=f"filtered-{number}", Attributes={"Policy": policy})
        urls[what] = made["QueueUrl"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{HOME}:filtered-{number}",
                      Attributes={"FilterPolicy": json.dumps(wanted), "FilterPolicyScope": scope,
                                  "RawMessageDelivery": "true"})
    last = sqs.create_queue(QueueName="filtered-last", Attributes={"Policy": policy})["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{HOME}:filtered-last")
    for number, (attributes, body) in enumerate(MESSAGES):
        text = json.dumps(body | {"at": number}) if isinstance(body, dict) else body
        sns.publish(TopicArn=topic, Message=text, MessageAttributes={
            name: {"DataType": _kind(value), "StringValue": value if isinstance(value, str) else json.dumps(value)}
            for name, value in attributes.items()})
    whole: list[str] = []

    def drained() -> bool:
        whole.extend(each["Body"] for each in sqs.receive_message(
            QueueUrl=last, MaxNumberOfMessages=10).get("Messages", []))
        return len(whole) == len(MESSAGES)

    await_true(drained, "all messages in the queue without a filter", 10)
    told: Facts = {"envelope": sorted(json.loads(whole[0]))}
    for what, url in urls.items():
        time.sleep(0.01)
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        told[what] = sorted(_number(each["Body"]) for each in found)
    return told


def _kind(value: Any) -> str:
    return "Number" if isinstance(value, int) else "String.Array" if isinstance(value, list) else "String"


def _number(body: str) -> int:
    """Which of MESSAGES it is."""
    return int(json.loads(body)["at"]) if body.startswith("{") else 3


@question
def a_queue_that_does_not_let_the_topic(side: Side) -> Facts:
    """A queue without a policy gets nothing from a topic; one with a policy for that topic does."""
    sns, sqs = side.client("sns"), side.client("sqs")
    topic = sns.create_topic(Name="unwelcome")["TopicArn"]
    urls = {}
    for name, allowed in (("unwelcome-shut", "other"), ("unwelcome-open", "unwelcome")):
        policy = {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": f"arn:aws:sqs:us-east-1:{HOME}:{name}",
            "Condition": {"ArnEquals": {"aws:SourceArn": topic.replace("unwelcome", allowed)}}}}
        urls[name] = sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{HOME}:{name}")
    sns.publish(TopicArn=topic, Message="hello", Subject="s")
    got = await_true(lambda: sqs.receive_message(QueueUrl=urls["unwelcome-open"]).get("Messages"), "message", 5)
    body = json.loads(got[0]["Body"])
    return {"open": {name: body[name] for name in ("Type", "TopicArn", "Message", "Subject")},
            "shut": len(sqs.receive_message(QueueUrl=urls["unwelcome-shut"]).get("Messages", []))}
