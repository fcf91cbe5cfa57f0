# ruff: noqa: N803  the API's own parameter names
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.unit.aws.fakes import Account, CloudFormation, Pages, now
from tests.unit.deploy.assemblies import DELIVERY

from crossdock.aws import pipelines, reasons
from crossdock.aws.follow import Follower
from crossdock.errors import CloudError, UsageError
from crossdock.model.events import Event, Kind

DENIED = (
    "User: arn:aws:sts::111111111111:assumed-role/hello-build/x is not authorized to perform: kms:Decrypt on resource: "
    "arn:aws:kms:us-east-1:111111111111:key/1 because no resource-based policy allows the kms:Decrypt action"
)


def action(stage: str, name: str, status: str, provider: str, **result: Any) -> dict[str, Any]:
    at = now()
    return {
        "actionExecutionId": f"{stage}-{name}", "stageName": stage, "actionName": name, "status": status,
        "startTime": at, "lastUpdateTime": now(), "output": {"executionResult": result},
        "input": {"actionTypeId": {"provider": provider}, "configuration": {}},
    }


class CodePipeline:
    """An execution that goes through the given looks, one a poll: (status, actions, stage states)."""

    def __init__(self, *looks: tuple[str, list[dict[str, Any]], list[dict[str, Any]]]) -> None:
        self.looks, self.at, self.answered = looks, -1, list[Mapping[str, Any]]()

    def get_paginator(self, name: str) -> Pages:
        return Pages(getattr(self, name))

    def get_pipeline_execution(self, pipelineName: str, pipelineExecutionId: str) -> Mapping[str, Any]:
        self.at = min(self.at + 1, len(self.looks) - 1)
        return {"pipelineExecution": {"status": self.looks[self.at][0]}}

    def list_action_executions(self, pipelineName: str, filter: Any) -> Mapping[str, Any]:  # noqa: A002
        return {"actionExecutionDetails": self.looks[max(self.at, 0)][1][::-1]}

    def get_pipeline_state(self, name: str) -> Mapping[str, Any]:
        return {"stageStates": self.looks[max(self.at, 0)][2]}

    def put_approval_result(self, **params: Any) -> None:
        self.answered.append(params)

    def list_pipeline_executions(self, pipelineName: str, **_: Any) -> Mapping[str, Any]:
        return {"pipelineExecutionSummaries": [
            {"pipelineExecutionId": "e2", "sourceRevisions": [{"revisionId": "c2"}]},
            {"pipelineExecutionId": "e1", "sourceRevisions": [{"revisionId": "c1"}]},
            {"pipelineExecutionId": "e0", "status": "Failed"},
        ]}


class CodeBuild:
    def batch_get_builds(self, ids: list[str]) -> Mapping[str, Any]:
        return {"builds": [{"id": ids[0], "logs": {"groupName": "g", "streamName": "s"}}]}


class Logs:
    """One stream whose lines are given two a page."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines

    def get_log_events(self, nextToken: str = "0", **_: Any) -> Mapping[str, Any]:
        at = int(nextToken)
        page = self.lines[at : at + 2]
        return {"events": [{"message": line} for line in page], "nextForwardToken": str(at + len(page))}


def shared(pipeline: CodePipeline, *lines: str) -> Account:
    formation = CloudFormation()
    formation.stacks["arn"] = {"StackName": "hello-artifacts", "holds": {"1": "ArtifactKey"}}
    return Account(
        "111111111111", codepipeline=pipeline, codebuild=CodeBuild(), logs=Logs(*lines), cloudformation=formation
    )


def follower(account: Account, **facts: Any) -> Follower:
    target = Account("222222222222", cloudformation=CloudFormation())
    return Follower(account, target, DELIVERY, "e1", lambda: 0.0, **facts)  # type: ignore[arg-type]


def told(events: list[Event], kind: Kind) -> list[tuple[Any, ...]]:
    fact = "line" if kind is Kind.LOG else "status"
    return [(event.subject, event.facts[fact]) for event in events if event.kind is kind]


def state(stage: str, status: str, *actions: Mapping[str, Any]) -> dict[str, Any]:
    return {"stageName": stage, "latestExecution": {"pipelineExecutionId": "e1", "status": status},
            "actionStates": list(actions)}


def test_an_execution_is_followed_to_its_end_with_the_builds_log() -> None:
    build = action("Build", "Build", "InProgress", "CodeBuild", externalExecutionId="p:1")
    pipeline = CodePipeline(
        ("InProgress", [build], [state("Build", "InProgress")]),
        ("Succeeded", [{**build, "status": "Succeeded"}], [state("Build", "Succeeded")]),
    )
    following = follower(shared(pipeline, "one", "two", "three"))
    events = list(following.follow())
    assert following.status == "Succeeded"
    assert told(events, Kind.LOG) == [("Build", "one"), ("Build", "two"), ("Build", "three")]
    assert told(events, Kind.ACTION) == [("Build", "InProgress"), ("Build", "Succeeded")]
    assert told(events, Kind.STAGE) == [("Build", "InProgress"), ("Build", "Succeeded")]
    assert told(events, Kind.EXECUTION)[-1] == (DELIVERY.pipeline, "Succeeded")


def test_an_action_of_an_earlier_attempt_is_not_told_again() -> None:
    old = action("Build", "Build", "Failed", "CodeBuild")
    events = list(follower(shared(CodePipeline(("Succeeded", [old], []))), earlier=frozenset({"Build-Build"})).follow())
    assert told(events, Kind.ACTION) == []


def test_an_approval_is_answered_once_and_said_so() -> None:
    waiting = {"actionName": "Approve", "latestExecution": {"status": "InProgress", "token": "t"}}
    pipeline = CodePipeline(
        ("InProgress", [], [state("Approve", "InProgress", waiting)]),
        ("InProgress", [], [state("Approve", "InProgress", waiting)]),
        ("Succeeded", [], [state("Approve", "Succeeded")]),
    )
    asked: list[pipelines.Approval] = []

    def approve(approval: pipelines.Approval) -> str:
        asked.append(approval)
        return "approved"

    events = list(follower(shared(pipeline), approve=approve).follow())
    assert [(a.stage, a.action, a.token) for a in asked] == [("Approve", "Approve", "t")]
    assert told(events, Kind.LOG) == [("Approve", "approved")]


def test_an_execution_is_found_by_its_commit() -> None:
    found = pipelines.executions(shared(CodePipeline(("Succeeded", [], []))), "p")  # type: ignore[arg-type]
    execution = pipelines.started_by(found, "c1", known=("e0",))
    assert execution is not None
    assert execution["pipelineExecutionId"] == "e1"
    assert pipelines.started_by(found, "c9", known=("e0",)) is None


def test_an_execution_that_failed_before_it_knew_its_commit_is_the_pushs() -> None:
    failed = {"pipelineExecutionId": "e1", "status": "Failed", "sourceRevisions": []}
    before = {"pipelineExecutionId": "e0", "status": "Failed", "sourceRevisions": []}
    assert pipelines.started_by([failed, before], "c1", known=("e0",)) is failed
    assert pipelines.started_by([before], "c1", known=("e0",)) is None


def test_nothing_failed_is_nothing_to_retry() -> None:
    account = shared(CodePipeline(("Succeeded", [], [state("Build", "Succeeded")])))
    with pytest.raises(UsageError, match="nothing to retry"):
        pipelines.failed_execution(account, "p")  # type: ignore[arg-type]


def test_a_failed_build_tells_the_action_its_log_and_the_denial() -> None:
    build = action("Build", "Build", "Failed", "CodeBuild", externalExecutionId="p:1",
                   errorDetails={"message": "Build terminated with state: FAILED"})
    account = shared(CodePipeline(("Failed", [build], [])), "running tests", DENIED)
    target = Account("222222222222", cloudformation=CloudFormation())
    error = reasons.failure(account, target, DELIVERY, "e1", "Failed")  # type: ignore[arg-type]
    text = "\n".join(error.details)
    assert "Build/Build failed" in str(error)
    assert "action Build/Build Failed: Build terminated with state: FAILED" in text
    assert "running tests" in text
    assert "action     kms:Decrypt" in text
    assert "policy     because no resource-based policy allows the kms:Decrypt action" in text
    assert "written in ArtifactKey (AWS::KMS::Key) of stack hello-artifacts" in text
    assert "crossdock retry greeter development" in error.advice


def test_a_stack_that_is_not_there_has_no_events_to_tell() -> None:
    deploy = action("Deploy", "Change", "Failed", "CloudFormation", errorDetails={"message": "no change set"})
    deploy["input"]["configuration"] = {"StackName": "absent"}
    error = reasons.failure(
        shared(CodePipeline(("Failed", [deploy], []))), Account("2", cloudformation=CloudFormation()),  # type: ignore[arg-type]
        DELIVERY, "e1", "Failed",
    )
    assert error.details == ["action Deploy/Change Failed: no change set"]
    assert isinstance(error, Exception)
    assert not isinstance(error, CloudError)
