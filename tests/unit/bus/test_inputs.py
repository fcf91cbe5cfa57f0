"""What targets are sent, and when schedules are due."""

import json
from datetime import UTC, datetime

import pytest

from crossdock.local.bus import inputs, schedules
from crossdock.local.engine import AwsError, NotEmulated

EVENT = {
    "id": "1", "source": "aws.ec2", "time": "2020-01-01T00:00:00Z", "resources": ["a", "b"],
    "detail": {"instance-id": "i-0123", "state": 'it is "RUNNING"', "count": 3, "tags": {"k": "v"}},
}
RULE = {"rule_arn": "arn:aws:events:eu-west-1:1:rule/r", "rule_name": "r"}


def made(**target: object) -> str:
    whole = {"Id": "t", **target}
    inputs.check(whole)
    return inputs.target_input(whole, EVENT, **RULE)


def test_a_target_receives_the_event_a_constant_or_a_part_of_it() -> None:
    assert json.loads(made()) == EVENT
    assert made(Input='{"a": 1}') == '{"a": 1}'
    assert json.loads(made(InputPath="$.detail")) == EVENT["detail"]
    assert made(InputPath="$.resources[1]") == '"b"'
    assert made(InputPath="$.detail['instance-id']") == '"i-0123"'


def test_a_template_takes_json_alone_and_text_inside_strings() -> None:
    paths = {"state": "$.detail.state", "count": "$.detail.count", "tags": "$.detail.tags", "none": "$.detail.absent"}
    text = made(InputTransformer={
        "InputPathsMap": paths,
        "InputTemplate": '{"state": <state>, "said": "now <state>, <count>", "n": <count>, "tags": <tags>, '
                         '"rule": "<aws.events.rule-name>", "none": "<none>"}',
    })
    assert json.loads(text) == {
        "state": 'it is "RUNNING"', "said": 'now it is "RUNNING", 3', "n": 3, "tags": {"k": "v"}, "rule": "r",
        "none": "",
    }
    whole = made(InputTransformer={"InputTemplate": '{"all": <aws.events.event.json>}'})
    assert json.loads(whole) == {"all": EVENT}


@pytest.mark.parametrize(
    "target",
    [
        {"Input": "{"}, {"InputPath": "detail"}, {"InputPath": "$.."}, {"Input": "1", "InputPath": "$.a"},
        {"InputTransformer": {"InputTemplate": "<unknown>"}},
    ],
)
def test_an_input_that_could_never_be_made_is_refused(target: dict[str, object]) -> None:
    with pytest.raises(inputs.TargetInputError):
        inputs.check({"Id": "t", **target})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_rates_run_when_their_period_has_passed() -> None:
    assert schedules.due("rate(5 minutes)", at("2024-01-01 00:05"), at("2024-01-01 00:00"))
    assert not schedules.due("rate(1 hour)", at("2024-01-01 00:59"), at("2024-01-01 00:00"))


@pytest.mark.parametrize(
    ("expression", "moment", "expected"),
    [
        ("cron(15 10 * * ? *)", "2024-05-05 10:15", True),
        ("cron(15 10 * * ? *)", "2024-05-05 10:16", False),
        ("cron(0 18 ? * MON-FRI *)", "2024-05-03 18:00", True),
        ("cron(0 18 ? * MON-FRI *)", "2024-05-05 18:00", False),
        ("cron(0/10 * ? * MON-FRI *)", "2024-05-03 18:50", True),
        ("cron(0/10 * ? * MON-FRI *)", "2024-05-03 18:55", False),
        ("cron(0 8 1 JAN,JUL ? 2024)", "2024-07-01 08:00", True),
        ("cron(0 8 1 JAN,JUL ? 2024)", "2025-07-01 08:00", False),
    ],
)
def test_cron_runs_at_the_minutes_it_names(expression: str, moment: str, expected: bool) -> None:
    assert schedules.due(expression, at(moment), at("2024-01-01 00:00")) is expected


@pytest.mark.parametrize("text", ["rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "every day", "cron(* * * *)",
                                  "cron(0 0 * * MON *)", "cron(61 0 * * ? *)", "cron(0 0 ? * FOO *)"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(AwsError, match="ScheduleExpression"):
        schedules.check(text)


@pytest.mark.parametrize("text", ["cron(0 0 L * ? *)", "cron(0 0 ? * 6#3 *)", "cron(0 0 3W * ? *)"])
def test_cron_signs_that_are_not_emulated_are_refused_by_name(text: str) -> None:
    with pytest.raises(NotEmulated, match="L, W and #"):
        schedules.check(text)
