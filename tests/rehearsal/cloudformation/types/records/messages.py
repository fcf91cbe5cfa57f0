"""AWS::SNS, AWS::SQS, AWS::Events, AWS::Scheduler."""

from __future__ import annotations

import json
from typing import Any

from tests.rehearsal.cloudformation.policies import allow, policy
from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import (
    KEY,
    QUEUE,
    ROOT,
    TOPIC,
    get,
    pick,
    ref,
    resource,
    role,
    tags,
)

_QUEUE = ("VisibilityTimeout DelaySeconds MessageRetentionPeriod KmsMasterKeyId ReceiveMessageWaitTimeSeconds "
          "MaximumMessageSize")
BUS = resource("AWS::Events::EventBus", Name="a-bus")


def _queue(account: Account, url: str) -> Props:
    sqs = account.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {**pick(found, _QUEUE), "RedrivePolicy": json.loads(found.get("RedrivePolicy") or "null"),
            "Tags": [{"Key": k, "Value": v} for k, v in sqs.list_queue_tags(QueueUrl=url).get("Tags", {}).items()]}


def _queue_policy(account: Account, id_: str) -> Props:
    _current(account, id_)
    sqs, held = account.client("sqs"), {}
    for url in sqs.list_queues()["QueueUrls"]:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {})
        if found.get("Policy"):
            held[url] = json.loads(found["Policy"])
    return {"Queues": list(held), "PolicyDocument": next(iter(held.values()))}


def _current(account: Account, id_: str) -> None:
    """A physical id that no service knows counts only as the one that the stack has now."""
    if account.physical("X") != id_:
        raise KeyError(id_)


def _topic(account: Account, arn: str) -> Props:
    sns = account.client("sns")
    found = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    told = [{"Protocol": s["Protocol"], "Endpoint": s["Endpoint"]}
            for s in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]]
    return {**pick(found, "DisplayName KmsMasterKeyId"), "Subscription": told,
            "Tags": sns.list_tags_for_resource(ResourceArn=arn)["Tags"]}


def _subscription(account: Account, arn: str) -> Props:
    found = account.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    policies = {name: json.loads(found[name]) for name in ("FilterPolicy", "RedrivePolicy") if found.get(name)}
    return {"FilterPolicy": None, "RedrivePolicy": None,
            **pick(found, "TopicArn Protocol Endpoint RawMessageDelivery"), **policies}


def _topic_policy(account: Account, id_: str) -> Props:
    _current(account, id_)
    sns = account.client("sns")
    held = {topic["TopicArn"]: json.loads(sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]["Policy"])
            for topic in sns.list_topics()["Topics"]}
    found = {arn: document for arn, document in held.items() if document.get("Id") != "__default_policy_ID"}
    return {"Topics": list(found), "PolicyDocument": next(iter(found.values()))}


def _rule(account: Account, rule: str) -> Props:
    events = account.client("events")
    bus, _, name = rule.rpartition("|")
    more = {"EventBusName": bus} if bus else {}
    found = events.describe_rule(Name=name, **more)
    targets = events.list_targets_by_rule(Rule=name, **more)["Targets"]
    return {**pick(found, "State Description ScheduleExpression"),
            "EventPattern": json.loads(found.get("EventPattern", "null")), "Targets": targets,
            "Tags": events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]}


def _bus(account: Account, name: str) -> Props:
    events = account.client("events")
    found = events.describe_event_bus(Name=name)
    return {**pick(found, "Name Description"), "Tags": events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]}


def _bus_policy(account: Account, id_: str) -> Props:
    for bus in ("a-bus", "default"):
        document = account.client("events").describe_event_bus(Name=bus).get("Policy")
        for found in json.loads(document)["Statement"] if document else ():
            if found["Sid"] == id_:
                return {"EventBusName": bus, "Statement": {key: found[key] for key in found if key != "Sid"}}
    raise KeyError(id_)


def _puts(account: str, name: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "events:PutEvents",
            "Resource": f"arn:aws:events:us-east-1:222222222222:event-bus/{name}"}


def _schedule(account: Account, name: str) -> Props:
    scheduler = account.client("scheduler")
    for group in scheduler.list_schedule_groups()["ScheduleGroups"]:
        for one in scheduler.list_schedules(GroupName=group["Name"])["Schedules"]:
            if one["Name"] == name:
                found = scheduler.get_schedule(Name=name, GroupName=group["Name"])
                target = {key: found["Target"][key] for key in ("Arn", "RoleArn", "Input") if key in found["Target"]}
                return {"GroupName": group["Name"], "Target": target, **pick(
                    found, "ScheduleExpression State Description FlexibleTimeWindow ScheduleExpressionTimezone")}
    raise KeyError(name)


def _schedules(account: Account, name: str) -> Props:
    scheduler = account.client("scheduler")
    found = scheduler.get_schedule_group(Name=name)
    return {"Tags": scheduler.list_tags_for_resource(ResourceArn=found["Arn"])["Tags"]}


def _connection(account: Account, name: str) -> Props:
    found = account.client("events").describe_connection(Name=name)
    if found["ConnectionState"] == "DELETING":
        raise KeyError(name)
    return pick(found, "AuthorizationType Description")


def _destination(account: Account, name: str) -> Props:
    found = account.client("events").describe_api_destination(Name=name)
    return pick(found, "ConnectionArn InvocationEndpoint HttpMethod Description InvocationRateLimitPerSecond")


def _by_key(value: str) -> dict[str, Any]:
    return {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": value}}


CONNECTION = resource("AWS::Events::Connection", AuthorizationType="API_KEY", AuthParameters=_by_key("a"))
PATTERN = {"source": ["x"]}
TARGET = {"Arn": get("Q"), "RoleArn": get("R")}
SENDS = policy(allow("sqs:SendMessage", Principal=ROOT))
RECEIVES = policy(allow("sqs:ReceiveMessage", Principal=ROOT))
PUBLISHES = policy(allow("sns:Publish", "*", Principal=ROOT, Sid="a"))
SUBSCRIBES = policy(allow("sns:Subscribe", "*", Principal=ROOT, Sid="a"))

RECORDS = (
    Record(type="AWS::SQS::Queue", made={"VisibilityTimeout": "60"}, read=_queue,
           changed={"VisibilityTimeout": 90, "DelaySeconds": "5", "MessageRetentionPeriod": 600,
                    "KmsMasterKeyId": ref("K"), "ReceiveMessageWaitTimeSeconds": 2,
                    "RedrivePolicy": {"deadLetterTargetArn": get("D"), "maxReceiveCount": 3}, "Tags": tags(a="b")},
           replaced={"QueueName": "named"},
           otherwise={"DelaySeconds": 0, "MessageRetentionPeriod": 345600, "ReceiveMessageWaitTimeSeconds": 0,
                      "MaximumMessageSize": 1048576},
           around={"K": KEY, "D": QUEUE}),
    Record(type="AWS::SQS::QueuePolicy", made={"Queues": [ref("Q")], "PolicyDocument": SENDS}, read=_queue_policy,
           changed={"Queues": [ref("P")], "PolicyDocument": RECEIVES}, why="its schema has nothing create-only",
           around={"Q": QUEUE, "P": QUEUE}),
    Record(type="AWS::SNS::Topic", made={"DisplayName": "a"}, read=_topic,
           changed={"DisplayName": "b", "KmsMasterKeyId": ref("K"), "Tags": tags(a="b"),
                    "Subscription": [{"Protocol": "sqs", "Endpoint": get("Q")}]},
           replaced={"TopicName": "named"}, around={"K": KEY, "Q": QUEUE}),
    Record(type="AWS::SNS::Subscription", read=_subscription,
           made={"TopicArn": ref("T"), "Protocol": "sqs", "Endpoint": get("Q")},
           changed={"RawMessageDelivery": True, "FilterPolicy": {"kind": ["a"]},
                    "RedrivePolicy": {"deadLetterTargetArn": get("P")}},
           replaced={"Endpoint": get("P")}, otherwise={"RawMessageDelivery": False},
           around={"T": TOPIC, "Q": QUEUE, "P": QUEUE}),
    Record(type="AWS::SNS::TopicPolicy", made={"Topics": [ref("T")], "PolicyDocument": PUBLISHES}, read=_topic_policy,
           changed={"Topics": [ref("U")], "PolicyDocument": SUBSCRIBES}, why="its schema has nothing create-only",
           around={"T": TOPIC, "U": TOPIC}),
    Record(type="AWS::Events::Rule", read=_rule,
           made={"EventPattern": PATTERN, "State": "DISABLED", "Targets": [{"Id": "q", "Arn": get("Q")}]},
           changed={"State": "ENABLED", "Description": "told", "EventPattern": {"source": ["y"]}, "Tags": tags(a="b"),
                    "Targets": [{"Id": "p", "Arn": get("Q"), "Input": '{"a": 1}'}]},
           replaced={"Name": "named"}, around={"Q": QUEUE}),
    Record(type="AWS::Events::EventBus", made={"Name": "one"}, read=_bus,
           changed={"Description": "told", "Tags": tags(a="b")}, replaced={"Name": "two"}),
    Record(type="AWS::Events::EventBusPolicy", read=_bus_policy,
           made={"EventBusName": ref("B"), "StatementId": "one", "Statement": _puts("111111111111", "a-bus")},
           changed={"Statement": _puts("333333333333", "a-bus")}, replaced={"StatementId": "two"},
           around={"B": BUS}),
    Record(type="AWS::Scheduler::Schedule", read=_schedule,
           made={"FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpression": "rate(1 hour)", "Target": TARGET},
           changed={"ScheduleExpression": "rate(2 hours)", "State": "DISABLED", "Description": "told",
                    "ScheduleExpressionTimezone": "Europe/Paris", "Target": {**TARGET, "Input": "{}"}},
           replaced={"Name": "named"},
           otherwise={"State": "ENABLED", "ScheduleExpressionTimezone": "UTC", "GroupName": "default"},
           around={"Q": QUEUE, "R": role("scheduler")}),
    Record(type="AWS::Scheduler::ScheduleGroup", made={}, read=_schedules, changed={"Tags": tags(a="b")},
           replaced={"Name": "named"}),
    Record(type="AWS::Events::Connection", made=CONNECTION["Properties"], read=_connection,
           changed={"Description": "told"}, replaced={"Name": "named"}),
    Record(type="AWS::Events::ApiDestination", read=_destination,
           made={"ConnectionArn": get("C"), "HttpMethod": "POST", "InvocationEndpoint": "https://example.com/a"},
           changed={"HttpMethod": "PUT", "InvocationEndpoint": "https://example.com/b", "Description": "told",
                    "InvocationRateLimitPerSecond": 5},
           replaced={"Name": "named"}, otherwise={"InvocationRateLimitPerSecond": 300}, around={"C": CONNECTION}),
)  # fmt: skip
