"""What tells people: keys, topics, logs, alarms, dashboards, rules; made, changed, deleted, and told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.library.lifecycle import failures, lives

from crossdock import library

NAMES = {"Platform": "shop", "Environment": "staging"}


def made(account: Any, template: str, name: str, **parameters: str) -> dict[str, str]:
    """The outputs of a template's stack."""
    assert account.create(library.load(template), name, parameters=parameters) == "CREATE_COMPLETE", (
        failures(account, name))
    return dict(account.outputs(name))


@pytest.fixture
def key(account):
    yield made(account, "security/notice-key", "key", **NAMES)["NoticeKeyArn"]
    assert account.delete("key") == "DELETE_COMPLETE"


@pytest.fixture
def topic(account, key):
    given = NAMES | {"NoticeEmails": "ada@example.test", "NoticeKeyArn": key}
    yield made(account, "observability/notices", "notices", **given)["NoticeTopicArn"]
    assert account.delete("notices") == "DELETE_COMPLETE"


def test_the_key_of_notices_is_made_changed_and_deleted(account):
    lives(account, "security/notice-key", NAMES, {"Environment": "production"})


def test_people_are_added_to_notices_and_taken_out(account, key):
    given = NAMES | {"NoticeEmails": "ada@example.test", "NoticeKeyArn": key}
    lives(account, "observability/notices", given, {"NoticeEmails": "ada@example.test,grace@example.test"})


def test_nobody_of_another_account_tells_people_of_this_one(account, topic, enter):
    account.client("sns").publish(TopicArn=topic, Message="here")
    other = enter("111111111111")
    other.region = account.region
    with pytest.raises(ClientError, match="is not authorized to perform: sns:Publish"):
        other.client("sns").publish(TopicArn=topic, Message="from elsewhere")


def test_a_log_is_kept_changed_and_deleted(account, topic):
    log_key = made(account, "environment/log-key", "log-key", **NAMES)["LogKeyArn"]
    lives(account, "observability/log-group",
          NAMES | {"LogName": "collector", "NoticeTopicArn": topic, "LogKeyArn": log_key},
          {"LogRetentionDays": "365", "ErrorsInFiveMinutes": "5", "ErrorPattern": "FATAL"})
    assert account.delete("log-key") == "DELETE_COMPLETE"


def test_alarms_of_a_service_are_made_changed_and_deleted(account, topic):
    lives(account, "observability/service-alarms", NAMES | {"Service": "survey", "NoticeTopicArn": topic},
          {"ErrorsInFiveMinutes": "3", "SlowestMilliseconds": "500", "FailedRequestPercent": "0"})


def test_a_dashboard_is_made_and_is_json_that_names_the_environment(account):
    name = made(account, "observability/dashboard", "dashboard", **NAMES)["DashboardName"]
    body = json.loads(account.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    searches = [metric[0]["expression"] for widget in body["widgets"] for metric in widget["properties"]["metrics"]]
    assert searches[0] == "SEARCH('{AWS/ApiGateway,ApiName} MetricName=\"Count\" \"shop-staging\"', 'Sum', 300)"
    assert len(searches) == 5
    assert account.delete("dashboard") == "DELETE_COMPLETE"
    lives(account, "observability/dashboard", NAMES, {"Environment": "production"})


def test_rules_about_pipelines_are_made_changed_and_deleted(account, topic):
    lives(account, "observability/pipeline-notices", {"Platform": "shop", "NoticeTopicArn": topic},
          {"Platform": "store"})
