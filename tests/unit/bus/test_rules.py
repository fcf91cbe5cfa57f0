"""Rules, targets and what is delivered to them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError, NotEmulated

ROLE = "arn:aws:iam::111111111111:role/starter"
PIPELINE = "arn:aws:codepipeline:eu-west-1:111111111111:hello"
PUSH = {"source": "aws.codecommit", "detail-type": "CodeCommit Repository State Change", "detail": {"a": 1}}
OTHER_BUS = "arn:aws:events:eu-west-1:222222222222:event-bus/default"


def code(events: Any, operation: str, **params: Any) -> str:
    with pytest.raises(AwsError) as raised:
        events(operation, **params)
    return raised.value.code


def test_s3_a_matching_event_starts_the_pipeline_as_the_target_s_role(events: Any) -> None:
    events.rule(PIPELINE, RoleArn=ROLE)
    events.happen(PUSH)
    events.happen({**PUSH, "source": "aws.s3"})
    [(service, operation, params, caller)] = events.world.calls
    assert (service, operation, params) == ("codepipeline", "start_pipeline_execution", {"name": "hello"})
    assert caller.principal_arn == ROLE
    assert caller.source_arn == "arn:aws:events:eu-west-1:111111111111:rule/r"


def test_emitted_events_have_the_envelope_that_rules_match(events: Any) -> None:
    events.rule("arn:aws:sqs:eu-west-1:111111111111:q", pattern=json.dumps({
        "source": ["aws.codecommit"], "detail-type": ["T"], "account": ["111111111111"], "region": ["eu-west-1"],
        "resources": ["arn:x"], "detail": {"event": ["referenceCreated"]}, "version": ["0"],
    }))
    events.engine.emit(account="111111111111", region="eu-west-1", source="aws.codecommit", detail_type="T",
                       detail={"event": "referenceCreated"}, resources=["arn:x"])
    events.engine._workers.shutdown()
    [(_, operation, params, caller)] = events.world.calls
    assert operation == "send_message"
    assert params["QueueUrl"] == "http://127.0.0.1:1/111111111111/q"
    assert set(json.loads(params["MessageBody"])) == {
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"
    }
    assert (caller.arn, caller.source_arn) == ("events.amazonaws.com", "arn:aws:events:eu-west-1:111111111111:rule/r")


@pytest.mark.parametrize(
    ("arn", "target", "call"),
    [
        ("arn:aws:codebuild:eu-west-1:111111111111:project/p", {"RoleArn": ROLE, "Input": '{"sourceVersion": "v"}'},
         ("codebuild", "start_build", {"projectName": "p", "sourceVersion": "v"})),
        ("arn:aws:lambda:eu-west-1:111111111111:function:f", {"Input": "{}"},
         ("lambda", "invoke", {"FunctionName": "arn:aws:lambda:eu-west-1:111111111111:function:f",
                               "InvocationType": "Event", "Payload": b"{}"})),
        ("arn:aws:sns:eu-west-1:111111111111:t", {"InputPath": "$.detail"},
         ("sns", "publish", {"TopicArn": "arn:aws:sns:eu-west-1:111111111111:t", "Message": '{"a": 1}'})),
        ("arn:aws:sqs:eu-west-1:111111111111:q.fifo", {"Input": "1", "SqsParameters": {"MessageGroupId": "g"}},
         ("sqs", "send_message", {"QueueUrl": "http://127.0.0.1:1/111111111111/q.fifo", "MessageBody": "1",
                                  "MessageGroupId": "g"})),
    ],
)
def test_each_kind_of_target_is_called_in_its_own_way(events: Any, arn: str, target: Any, call: Any) -> None:
    events.rule(arn, **target)
    events.happen(PUSH)
    assert [c[:3] for c in events.world.calls] == [call]


def test_a_log_group_receives_the_event_as_a_line(events: Any) -> None:
    events.rule("arn:aws:logs:eu-west-1:111111111111:log-group:/aws/events/all:*")
    events.happen(PUSH)
    [(group, [line])] = events.world.lines
    assert group == "/aws/events/all"
    assert json.loads(line)["detail"] == {"a": 1}


def test_other_targets_are_refused_by_name(events: Any) -> None:
    events("PutRule", Name="r", EventPattern='{"source": ["x"]}')
    here = "eu-west-1:111111111111"
    for arn in (f"arn:aws:redshift:{here}:cluster:c", f"arn:aws:logs:{here}:destination:d"):
        with pytest.raises(NotEmulated, match="as a target of rules"):
            events("PutTargets", Rule="r", Targets=[{"Id": "t", "Arn": arn}])
    assert code(events, "PutTargets", Rule="r", Targets=[{"Id": "t", "Arn": PIPELINE}]) == "ValidationException"
    assert events("ListTargetsByRule", Rule="r")["Targets"] == []


def test_a_denied_delivery_is_recorded_with_its_reason_and_not_retried(events: Any) -> None:
    events.rule(PIPELINE, RoleArn=ROLE)
    events.world.trusted.clear()
    events.happen(PUSH)
    [failure] = events.engine.state.failures
    assert (failure.target, failure.code) == (PIPELINE, "AccessDenied")
    assert failure.rule.endswith(":rule/r")
    assert "may not assume" in failure.message


def test_a_delivery_that_may_pass_is_retried(events: Any, throttled: ClientError) -> None:
    events.engine.pauses = (0.0, 0.0)
    events.rule(PIPELINE, RoleArn=ROLE)
    events.world.faults = [throttled, throttled]
    events.happen(PUSH)
    assert (len(events.world.calls), events.engine.state.failures) == (3, [])


def test_what_was_given_up_goes_to_the_dead_letter_queue(events: Any, throttled: ClientError) -> None:
    events.rule(PIPELINE, RoleArn=ROLE, DeadLetterConfig={"Arn": "arn:aws:sqs:eu-west-1:111111111111:dead"},
                RetryPolicy={"MaximumRetryAttempts": 0})
    events.world.faults = [throttled]
    events.happen(PUSH)
    service, operation, params, _ = events.world.calls[-1]
    assert (service, operation) == ("sqs", "send_message")
    assert params["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "ThrottlingException"
    assert json.loads(params["MessageBody"])["detail"] == {"a": 1}


def test_a_disabled_rule_delivers_nothing(events: Any) -> None:
    events.rule(PIPELINE, RoleArn=ROLE)
    events("DisableRule", Name="r")
    events.happen(PUSH)
    assert events.world.calls == []
    events("EnableRule", Name="r")
    events.happen(PUSH)
    assert len(events.world.calls) == 1


def test_put_events_reaches_rules_of_its_bus_only(events: Any) -> None:
    events("CreateEventBus", Name="orders")
    events("PutRule", Name="r", EventBusName="orders", EventPattern='{"source": ["shop"]}')
    events("PutTargets", Rule="r", EventBusName="orders",
           Targets=[{"Id": "t", "Arn": "arn:aws:sns:eu-west-1:111111111111:t"}])
    entry = {"Source": "shop", "DetailType": "Sold", "Detail": '{"n": 1}'}
    answer = events("PutEvents", Entries=[
        entry, {**entry, "EventBusName": "orders"}, {**entry, "Detail": "[1]"}, {**entry, "Source": "aws.s3"},
        {**entry, "EventBusName": "absent"}, {"Source": "shop"},
    ])
    events.engine._workers.shutdown()
    assert answer["FailedEntryCount"] == 4
    assert [e.get("ErrorCode") for e in answer["Entries"]] == [
        None, None, "MalformedDetail", "NotAuthorizedForSourceException", "ResourceNotFoundException",
        "InvalidArgument",
    ]
    assert len(events.world.calls) == 1


def test_a_bus_of_another_account_receives_what_its_policy_lets_in_and_forwards_no_further(events: Any) -> None:
    events.rule(OTHER_BUS)
    back = {"Id": "t", "Arn": "arn:aws:events:eu-west-1:111111111111:event-bus/default"}
    events("PutRule", account="222222222222", Name="r2", EventPattern='{"account": ["111111111111"]}')
    events("PutTargets", account="222222222222", Rule="r2", Targets=[
        back, {"Id": "u", "Arn": "arn:aws:sns:eu-west-1:222222222222:t"}])
    events.happen({**PUSH, "account": "111111111111"})
    events.engine._workers.shutdown()
    assert [call[0] for call in events.world.calls] == ["sns"]
    assert [failure.code for failure in events.engine.state.failures] == ["Loop"]
    events.world.denied.add("events:PutEvents")
    events.engine.stop()
    events.engine.start()
    events.happen(PUSH)
    assert events.engine.state.failures[-1].code == "AccessDeniedException"


def test_permissions_become_the_bus_s_policy(events: Any) -> None:
    events("PutPermission", Action="events:PutEvents", Principal="222222222222", StatementId="other",
           Condition={"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"})
    arn = "arn:aws:events:eu-west-1:111111111111:event-bus/default"
    [statement] = json.loads(events.engine.resource_policy(arn))["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::222222222222:root"}
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    assert code(events, "RemovePermission", StatementId="x") == "ResourceNotFoundException"
    events("RemovePermission", StatementId="other")
    assert events.engine.resource_policy(arn) is None


def test_a_scheduled_rule_runs_when_it_is_due(events: Any) -> None:
    events("PutRule", Name="r", ScheduleExpression="rate(5 minutes)")
    events("PutTargets", Rule="r", Targets=[{"Id": "t", "Arn": "arn:aws:sns:eu-west-1:111111111111:t"}])
    now = datetime.now(UTC)
    assert events.engine.tick(now + timedelta(minutes=1)) == []
    [future] = events.engine.tick(now + timedelta(minutes=6))
    future.result(timeout=10)
    sent = json.loads(events.world.calls[0][2]["Message"])
    assert (sent["source"], sent["detail-type"]) == ("aws.events", "Scheduled Event")
    assert events.engine.tick(now + timedelta(minutes=7)) == []


def test_rules_are_described_listed_and_deleted(events: Any) -> None:
    assert code(events, "PutRule", Name="r") == "ValidationException"
    assert code(events, "PutRule", Name="r", EventPattern='{"a": 1}') == "InvalidEventPatternException"
    assert code(events, "DescribeRule", Name="r") == "ResourceNotFoundException"
    events.rule(PIPELINE, RoleArn=ROLE)
    events("TagResource", ResourceARN="arn:aws:events:eu-west-1:111111111111:rule/r", Tags=[{"Key": "a", "Value": "b"}])
    events("PutRule", Name="r", EventPattern='{"source": ["x"]}', State="DISABLED")
    assert events("DescribeRule", Name="r")["State"] == "DISABLED"
    assert events("ListRuleNamesByTarget", TargetArn=PIPELINE)["RuleNames"] == ["r"]
    assert events("ListTagsForResource", ResourceARN="arn:aws:events:eu-west-1:111111111111:rule/r")["Tags"] == [
        {"Key": "a", "Value": "b"}]
    assert code(events, "DeleteRule", Name="r") == "ValidationException"
    events("RemoveTargets", Rule="r", Ids=["t"])
    events("DeleteRule", Name="r")
    events("DeleteRule", Name="r")
    assert events("ListRules")["Rules"] == []


def test_a_pattern_can_be_tried(events: Any) -> None:
    event = {"id": "1", "account": "1", "source": "x", "time": "t", "region": "r", "resources": [], "detail-type": "d"}
    pattern = '{"source": ["x"]}'
    assert events("TestEventPattern", EventPattern=pattern, Event=json.dumps(event))["Result"] is True
    assert code(events, "TestEventPattern", EventPattern=pattern, Event="{}") == "ValidationException"
