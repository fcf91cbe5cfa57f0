"""EventBridge: patterns, and what a rule delivers."""

from __future__ import annotations

import json
from typing import Any

from witnessing.asking import HOME, Facts, Side, await_true, question, refusal

EVENT: dict[str, Any] = {
    "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "State Change", "source": "aws.ec2",
    "account": HOME, "time": "2020-12-22T18:43:48Z", "region": "us-east-1",
    "resources": ["arn:aws:ec2:x:y:i-1", "arn:2"],
    "detail": {"state": "running", "n": 5, "price": 10.5, "empty": "", "null": None, "flag": True, "file": "a/b.PNG",
               "ip": "10.0.0.7", "list": ["x", "y"], "deep": {"a": {"b": "c"}}, "objects": [{"k": 1}, {"k": 2}]},
}
PATTERNS: dict[str, Any] = {
    "source": {"source": ["aws.ec2"]}, "other source": {"source": ["aws.s3"]},
    "two": {"source": ["aws.ec2"], "detail": {"state": ["stopped", "running"]}},
    "resource": {"resources": ["arn:2"]}, "missing": {"detail": {"absent": ["x"]}},
    "prefix": {"detail": {"state": [{"prefix": "run"}]}}, "suffix": {"detail": {"file": [{"suffix": ".PNG"}]}},
    "suffix of other case": {"detail": {"file": [{"suffix": ".png"}]}},
    "suffix ignoring case": {"detail": {"file": [{"suffix": {"equals-ignore-case": ".png"}}]}},
    "prefix ignoring case": {"detail": {"state": [{"prefix": {"equals-ignore-case": "RUN"}}]}},
    "ignoring case": {"detail": {"state": [{"equals-ignore-case": "RUNNING"}]}},
    "wildcard": {"detail": {"file": [{"wildcard": "a/*.PNG"}]}},
    "wildcard not": {"detail": {"file": [{"wildcard": "b/*"}]}},
    "anything-but": {"detail": {"state": [{"anything-but": "running"}]}},
    "anything-but list": {"detail": {"state": [{"anything-but": ["stopped", "gone"]}]}},
    "anything-but number": {"detail": {"n": [{"anything-but": [4, 6]}]}},
    "anything-but prefix": {"detail": {"state": [{"anything-but": {"prefix": "st"}}]}},
    "anything-but suffix": {"detail": {"file": [{"anything-but": {"suffix": ".PNG"}}]}},
    "anything-but wildcard": {"detail": {"file": [{"anything-but": {"wildcard": "*.gif"}}]}},
    "anything-but ignoring case": {"detail": {"state": [{"anything-but": {"equals-ignore-case": "RUNNING"}}]}},
    "anything-but of what is not there": {"detail": {"absent": [{"anything-but": "x"}]}},
    "numeric": {"detail": {"n": [{"numeric": [">", 0, "<=", 5]}]}},
    "numeric equal": {"detail": {"price": [{"numeric": ["=", 10.5]}]}},
    "numeric of text": {"detail": {"state": [{"numeric": [">", 0]}]}},
    "number": {"detail": {"n": [5]}}, "number as fraction": {"detail": {"n": [5.0]}},
    "number as text": {"detail": {"n": ["5"]}},
    "exists": {"detail": {"state": [{"exists": True}]}}, "exists not": {"detail": {"absent": [{"exists": False}]}},
    "exists of null": {"detail": {"null": [{"exists": True}]}},
    "exists of an object": {"detail": {"deep": [{"exists": True}]}},
    "exists not of an object": {"detail": {"deep": [{"exists": False}]}},
    "empty": {"detail": {"empty": [""]}}, "null": {"detail": {"null": [None]}},
    "null as empty": {"detail": {"null": [""]}},
    "true": {"detail": {"flag": [True]}}, "true as text": {"detail": {"flag": ["true"]}},
    "cidr": {"detail": {"ip": [{"cidr": "10.0.0.0/24"}]}}, "cidr not": {"detail": {"ip": [{"cidr": "10.0.1.0/24"}]}},
    "in a list": {"detail": {"list": ["y"]}}, "anything-but in a list": {"detail": {"list": [{"anything-but": "x"}]}},
    "deep": {"detail": {"deep": {"a": {"b": ["c"]}}}}, "in objects": {"detail": {"objects": {"k": [2]}}},
    "or": {"$or": [{"source": ["aws.s3"]}, {"detail": {"n": [5]}}]},
    "or within": {"detail": {"$or": [{"n": [1]}, {"state": ["running"]}]}},
    "or of none": {"detail": {"$or": [{"n": [1]}, {"state": ["gone"]}]}},
    "account": {"account": [HOME]}, "no list": {"source": "aws.ec2"}, "empty list": {"source": []},
    "empty pattern": {}, "unknown operator": {"source": [{"like": "aws"}]},
    "bad numeric": {"detail": {"n": [{"numeric": [">"]}]}},
    "bad cidr": {"detail": {"ip": [{"cidr": "10.0.0.0"}]}}, "prefix of a number": {"detail": {"n": [{"prefix": 5}]}},
    "two wildcards": {"detail": {"file": [{"wildcard": "a**b"}]}},
    "exists of a word": {"detail": {"n": [{"exists": "yes"}]}},
}


@question
def patterns(side: Side) -> Facts:
    """Fifty-six patterns against one event."""
    client = side.client("events")

    def matched(pattern: Any) -> str:
        answer: Facts = {}

        def call() -> None:
            answer.update(client.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(EVENT)))

        refused = refusal(call)
        return str(answer.get("Result")) if refused == "accepted" else refused

    return {what: matched(pattern) for what, pattern in PATTERNS.items()} | {
        "event that is none": refusal(client.test_event_pattern, EventPattern='{"source":["a"]}', Event="{}"),
        "pattern that is no JSON": refusal(client.test_event_pattern, EventPattern="{", Event=json.dumps(EVENT)),
    }


@question
def rules(side: Side) -> Facts:
    """Rules that aren't there or are none; removing one that has targets."""
    client = side.client("events")
    client.put_rule(Name="asked", EventPattern='{"source":["a"]}')
    client.put_targets(Rule="asked", Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:us-east-1:{HOME}:x"}])
    made = client.describe_rule(Name="asked")
    told = {
        "state": made["State"], "arn": made["Arn"], "bus of it": made["EventBusName"],
        "described": refusal(client.describe_rule, Name="nothing"),
        "deleted": refusal(client.delete_rule, Name="nothing"),
        "targets of none": refusal(client.put_targets, Rule="nothing",
                                   Targets=[{"Id": "1", "Arn": "arn:aws:sqs:a:1:b"}]),
        "bus": refusal(client.put_rule, Name="x", EventBusName="nothing", EventPattern='{"source":["a"]}'),
        "neither": refusal(client.put_rule, Name="x"),
        "bad pattern": refusal(client.put_rule, Name="x", EventPattern='{"source":"a"}'),
        "bad schedule": refusal(client.put_rule, Name="x", ScheduleExpression="every day"),
        "rate of one minutes": refusal(client.put_rule, Name="x", ScheduleExpression="rate(1 minutes)"),
        "with targets": refusal(client.delete_rule, Name="asked"),
        "default bus": refusal(client.delete_event_bus, Name="default"),
        "bus again": refusal(client.create_event_bus, Name="default"),
    }
    put = client.put_events(Entries=[{"Source": "a", "DetailType": "b", "Detail": "{"},
                                     {"Source": "aws.mine", "DetailType": "b", "Detail": "{}"},
                                     {"Source": "a", "DetailType": "b", "Detail": "{}"}])
    return told | {"failed": put["FailedEntryCount"],
                   "entries": [[each.get("ErrorCode", ""), each.get("ErrorMessage", "")] for each in put["Entries"]]}


@question
def deliveries(side: Side) -> Facts:
    """An event through a rule to queues: as it is, transformed, a part of it, and constant."""
    client, sqs = side.client("events"), side.client("sqs")
    client.put_rule(Name="delivers", EventPattern='{"source":["witness.asks"]}')
    policy = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": "*"}})
    shapes: dict[str, dict[str, Any]] = {
        "whole": {}, "path": {"InputPath": "$.detail"}, "constant": {"Input": '{"always": 1}'},
        "transformed": {"InputTransformer": {"InputPathsMap": {
            "who": "$.detail.who", "n": "$.detail.n", "l": "$.detail.l", "none": "$.detail.none"},
            "InputTemplate": '{"to": <who>, "n": <n>, "l": <l>, "text": "is <who>"}'}},
        "text": {"InputTransformer": {"InputPathsMap": {"who": "$.detail.who"},
                                      "InputTemplate": '"hello <who> of <aws.events.rule-name>"'}},
    }
    urls = {}
    for what, shape in shapes.items():
        urls[what] = sqs.create_queue(QueueName=f"delivers-{what}", Attributes={"Policy": policy})["QueueUrl"]
        client.put_targets(Rule="delivers", Targets=[
            {"Id": what, "Arn": f"arn:aws:sqs:us-east-1:{HOME}:delivers-{what}", **shape}])
    client.put_events(Entries=[{"Source": "witness.asks", "DetailType": "asked", "Resources": ["r"],
                                "Detail": json.dumps({"who": "you", "n": 3, "l": [1, "a"]})}])
    told: Facts = {}
    for what, url in urls.items():
        def got(url: str = url) -> Any:
            return sqs.receive_message(QueueUrl=url).get("Messages")

        body = await_true(got, what, 5)[0]["Body"]
        told[what] = json.loads(body)
    return told
