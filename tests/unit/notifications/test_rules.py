# ruff: noqa: N803  (the fakes take the members of the API by their names)
"""Notification rules: which events they send on, what the message holds (rule V4), and to whom."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.local.identity import Caller, Kind
from crossdock.local.notifications import CodeStarNotifications, kinds

ACCOUNT, REGION = "111111111111", "eu-west-1"
ALICE = Caller(kind=Kind.USER, arn=f"arn:aws:iam::{ACCOUNT}:user/alice", account=ACCOUNT)
PIPELINE = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:shop"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:told"
FAILED = "codepipeline-pipeline-pipeline-execution-failed"


class World:
    """A topic that takes or refuses what it is sent, and one execution of a pipeline."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any, Caller]] = []
        self.said: list[str] = []
        self.closed = False
        runs = {
            "Take": SimpleNamespace(action="Take", stage="Source", status="Succeeded", error_message="", revision="c1",
                                    variables={"CommitId": "c1"},
                                    declaration={"actionTypeId": {"provider": "CodeCommit"}}),
            "Build": SimpleNamespace(action="Build", stage="S2", status="Failed", error_message="exit 1", revision=None,
                                     variables={}, declaration={"actionTypeId": {"provider": "CodeBuild"}}),
        }
        execution = SimpleNamespace(stages={"all": SimpleNamespace(actions=runs)})
        self.state = SimpleNamespace(pipelines={PIPELINE: SimpleNamespace(executions={"e1": execution})})

    def engine(self, _: str) -> Any:
        return self

    def client(self, service: str, caller: Caller, region: str) -> Any:
        assert (service, region) == ("sns", REGION)

        def publish(*, TopicArn: str, Message: str) -> None:
            if self.closed:
                raise ClientError({"Error": {"Code": "AuthorizationError", "Message": "no"}}, "Publish")
            self.sent.append((TopicArn, json.loads(Message), caller))
        return SimpleNamespace(publish=publish)

    def substitution(self, what: str) -> None:
        self.said.append(what)


class Rules:
    def __init__(self) -> None:
        self.world = World()
        self.engine = CodeStarNotifications(self.world)  # type: ignore[arg-type]

    def __call__(self, operation: str, **params: Any) -> Any:
        return self.engine.handle(Call(service="codestar-notifications", operation=operation, params=params,
                                       caller=ALICE, account=ACCOUNT, region=REGION, request_id="1"))

    def create(self, *events: str, **more: Any) -> str:
        given = {"Name": "told", "Resource": PIPELINE, "DetailType": "FULL", "EventTypeIds": list(events or [FAILED]),
                 "Targets": [{"TargetType": "SNS", "TargetAddress": TOPIC}], **more}
        return str(self("CreateNotificationRule", **given)["Arn"])


def event(kind: str = "Pipeline Execution", arn: str = PIPELINE, source: str = "aws.codepipeline",
          **detail: Any) -> dict[str, Any]:
    return {"detail-type": f"CodePipeline {kind} State Change", "source": source, "account": ACCOUNT, "region": REGION,
            "time": "2026-01-01T00:00:00Z", "resources": [arn],
            "detail": {"pipeline": "shop", "execution-id": "e1", "state": "FAILED", **detail}}


@pytest.fixture
def rules() -> Rules:
    return Rules()


def test_v4_a_message_tells_the_event_and_what_failed_where(rules: Rules) -> None:
    arn = rules.create()
    rules.engine.send(event())
    [(topic, message, caller)] = rules.world.sent
    assert (topic, message["detailType"]) == (TOPIC, "CodePipeline Pipeline Execution State Change")
    assert (message["notificationRuleArn"], message["resources"]) == (arn, [PIPELINE])
    assert message["additionalAttributes"] == {
        "failedActionCount": 1, "failedStage": "S2",
        "failedActions": [{"action": "Build", "additionalInformation": "exit 1"}],
        "sourceActions": [{"sourceActionName": "Take", "sourceActionProvider": "CodeCommit",
                           "sourceActionVariables": {"CommitId": "c1"}}]}
    assert (caller.principal_arn or caller.arn, caller.source_arn) == ("codestar-notifications.amazonaws.com", arn)


def test_a_basic_message_has_no_more_than_the_event(rules: Rules) -> None:
    rules.create(DetailType="BASIC")
    rules.engine.send(event())
    assert rules.world.sent[0][1]["additionalAttributes"] == {}


@pytest.mark.parametrize("other", [
    event(state="SUCCEEDED"), event(arn=f"{PIPELINE}2"), event("Stage Execution"),
])
def test_what_a_rule_does_not_name_is_not_sent(rules: Rules, other: dict[str, Any]) -> None:
    rules.create()
    rules.engine.send(other)
    assert rules.world.sent == []


def test_a_disabled_rule_is_silent_until_it_is_enabled(rules: Rules) -> None:
    arn = rules.create(Status="DISABLED")
    rules.engine.send(event())
    rules("UpdateNotificationRule", Arn=arn, Status="ENABLED", Name="other")
    rules.engine.send(event())
    assert len(rules.world.sent) == 1
    assert rules("DescribeNotificationRule", Arn=arn)["Name"] == "other"


@pytest.mark.parametrize(("seen", "kind"), [
    (event("Action Execution", state="STARTED", type={"category": "Approval"}),
     "codepipeline-pipeline-manual-approval-needed"),
    (event("Action Execution", state="STARTED", type={"category": "Build"}),
     "codepipeline-pipeline-action-execution-started"),
    ({"detail-type": "CodeBuild Build State Change", "detail": {"build-status": "IN_PROGRESS"},
      "resources": [f"arn:aws:codebuild:{REGION}:{ACCOUNT}:build/shop:1"]},
     "codebuild-project-build-state-in-progress"),
    ({"detail-type": "CodeCommit Repository State Change", "detail": {"event": "referenceUpdated"}, "resources": ["r"]},
     "codecommit-repository-branches-and-tags-updated"),
    ({"detail-type": "Other", "detail": {}, "resources": []}, ""),
])
def test_events_have_their_types(seen: dict[str, Any], kind: str) -> None:
    assert kinds.of(seen)[0] == kind
    assert not kind or kind in kinds.TYPES


def test_a_builds_event_is_about_its_project() -> None:
    seen = {"detail-type": "CodeBuild Build State Change", "detail": {"build-status": "FAILED"},
            "resources": [f"arn:aws:codebuild:{REGION}:{ACCOUNT}:build/shop:1"]}
    assert kinds.of(seen)[1] == f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/shop"


def test_a_topic_that_lets_nobody_in_is_shown_as_unreachable(rules: Rules) -> None:
    arn = rules.create()
    rules.world.closed = True
    rules.engine.send(event())
    assert rules("DescribeNotificationRule", Arn=arn)["Targets"] == [
        {"TargetAddress": TOPIC, "TargetType": "SNS", "TargetStatus": "UNREACHABLE"}]


def test_chats_are_told_nothing_and_the_report_says_so(rules: Rules) -> None:
    rules.create(Targets=[{"TargetType": "AWSChatbotSlack", "TargetAddress": "arn:chat"}])
    rules.engine.send(event())
    assert rules.world.sent == []
    assert "would have told arn:chat" in rules.world.said[0]


def test_events_are_sent_from_a_thread_that_ends_with_the_engine(rules: Rules) -> None:
    rules.create()
    rules.engine.start()
    rules.engine.hear(event())
    rules.engine.stop()
    assert len(rules.world.sent) == 1


def test_rules_are_named_once_listed_subscribed_and_deleted(rules: Rules) -> None:
    arn = rules.create(Tags={"a": "b"})
    with pytest.raises(AwsError, match="exists"):
        rules.create()
    rules("Subscribe", Arn=arn, Target={"TargetType": "SNS", "TargetAddress": f"{TOPIC}2"})
    with pytest.raises(AwsError, match="is a target"):
        rules("DeleteTarget", TargetAddress=TOPIC)
    rules("DeleteTarget", TargetAddress=TOPIC, ForceUnsubscribeAll=True)
    assert [one["TargetAddress"] for one in rules("DescribeNotificationRule", Arn=arn)["Targets"]] == [f"{TOPIC}2"]
    rules("TagResource", Arn=arn, Tags={"c": "d"})
    rules("UntagResource", Arn=arn, TagKeys=["a"])
    assert rules.engine.tags(arn) == {"c": "d"}
    assert [one["Arn"] for one in rules("ListNotificationRules")["NotificationRules"]] == [arn]
    rules("DeleteNotificationRule", Arn=arn)
    with pytest.raises(AwsError, match="does not exist"):
        rules("DescribeNotificationRule", Arn=arn)


def test_types_that_nothing_here_brings_about_are_refused_by_name(rules: Rules) -> None:
    with pytest.raises(NotEmulated, match="comments-on-commits"):
        rules.create("codecommit-repository-comments-on-commits")
    with pytest.raises(AwsError, match="is not valid"):
        rules.create("codepipeline-whatever")
