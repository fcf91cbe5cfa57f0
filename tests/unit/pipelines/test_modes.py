"""Execution modes (rule E3), rollbacks and what a stage does on failure (rule E9), and time-outs (rule E11)."""

from __future__ import annotations

import queue
from datetime import timedelta
from typing import Any

import pytest

from crossdock.local.engine import AwsError
from crossdock.local.pipelines import conductor
from crossdock.local.pipelines.actions import ActionError, Job, approval, awslambda, codebuild, stack_follow


def code(pipelines: Any, operation: str, **params: Any) -> str:
    with pytest.raises(AwsError) as raised:
        pipelines(operation, **params)
    return raised.value.code


def inbound(pipelines: Any, stage: str) -> list[str]:
    return [one["pipelineExecutionId"] for one in pipelines.stage(stage).get("inboundExecutions", [])]


def test_e3_queued_executions_enter_one_by_one_in_their_order(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval()], pipelineType="V2", executionMode="QUEUED")
    pipelines.waiting("S2", execution=first)
    second = pipelines.begin()
    pipelines.until(lambda: inbound(pipelines, "S2") == [second])
    third = pipelines.begin()
    pipelines.until(lambda: inbound(pipelines, "S2") == [second, third])
    for execution in (first, second, third):
        pipelines.approve("S2", execution=execution)
        pipelines.ended(execution, "Succeeded")
    assert {one["executionMode"] for one in pipelines.executions()} == {"QUEUED"}


def test_e3_parallel_executions_are_in_a_stage_together_and_each_has_its_token(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval()], pipelineType="V2", executionMode="PARALLEL")
    pipelines.waiting("S2", execution=first)
    tokens = {first: pipelines.waiting("S2", execution=first)}
    second = pipelines.begin()
    tokens[second] = pipelines.until(lambda: pipelines.waiting("S2", execution=second))
    for execution, other in ((first, second), (second, first)):
        pipelines("PutApprovalResult", pipelineName="p", stageName="S2", actionName="Gate", token=tokens[execution],
                  result={"status": "Approved", "summary": ""})
        pipelines.ended(execution, "Succeeded")
        assert pipelines.status(other) in ("InProgress", "Succeeded")


def test_e3_modes_other_than_superseded_need_v2(pipelines: Any) -> None:
    for mode in ("QUEUED", "PARALLEL"):
        declaration = pipelines.declaration([pipelines.approval()], executionMode=mode)
        assert code(pipelines, "CreatePipeline", pipeline=declaration) == "InvalidStructureException"


def test_e3_too_many_executions_under_way_are_refused(pipelines: Any) -> None:
    pipelines.create([pipelines.approval()], pipelineType="V2", executionMode="QUEUED")
    for _ in range(conductor.CONCURRENT - 1):
        pipelines.begin()
    assert code(pipelines, "StartPipelineExecution", name="p") == "ConcurrentPipelineExecutionsLimitExceededException"


def test_e3_a_parallel_execution_that_waits_before_a_disabled_transition_can_be_stopped(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval()], pipelineType="V2", executionMode="PARALLEL")
    pipelines.waiting("S2", execution=first)
    pipelines("DisableStageTransition", pipelineName="p", stageName="S2", transitionType="Inbound", reason="no")
    second = pipelines.begin()
    pipelines.until(lambda: inbound(pipelines, "S2") == [second])
    pipelines("StopPipelineExecution", pipelineName="p", pipelineExecutionId=second)
    assert pipelines.status(second) == "Stopped"
    assert inbound(pipelines, "S2") == []


def two(pipelines: Any, **stage: Any) -> tuple[str, str]:
    """Two executions of a V2 pipeline whose stages S2 and S3 are approvals: the first succeeded, the second is in S2.
    Their ids."""
    pipelines.world.branches["hello", "develop"] = "c1"
    declaration = pipelines.declaration([pipelines.approval(namespace="Gate")], [pipelines.approval()],
                                        pipelineType="V2")
    declaration["stages"][1] |= stage
    pipelines("CreatePipeline", pipeline=declaration)
    first = pipelines.executions()[-1]["pipelineExecutionId"]
    for name in ("S2", "S3"):
        pipelines.approve(name, execution=first)
    pipelines.ended(first, "Succeeded")
    pipelines.world.branches["hello", "develop"] = "c2"
    return first, pipelines.begin()


def test_e9_a_rollback_runs_one_stage_with_the_target_s_revisions_in_a_new_execution(pipelines: Any) -> None:
    first, second = two(pipelines)
    pipelines.approve("S2", status="Rejected", execution=second)
    pipelines.ended(second, "Failed")
    made = pipelines("RollbackStage", pipelineName="p", stageName="S2", targetPipelineExecutionId=first)
    execution = made["pipelineExecutionId"]
    assert execution not in (first, second)
    pipelines.approve("S2", execution=execution)
    pipelines.ended(execution, "Succeeded")
    shown = pipelines.executions()[0]
    assert (shown["executionType"], shown["trigger"]["triggerType"]) == ("ROLLBACK", "ManualRollback")
    assert shown["rollbackMetadata"] == {"rollbackTargetPipelineExecutionId": first}
    assert [one["revisionId"] for one in shown["sourceRevisions"]] == ["c1"]
    assert pipelines.stage("S2")["latestExecution"]["type"] == "ROLLBACK"
    assert pipelines.stage("S3")["latestExecution"]["pipelineExecutionId"] == first


def test_e9_what_can_not_be_rolled_back_to_is_refused(pipelines: Any) -> None:
    first, second = two(pipelines)
    pipelines.approve("S2", status="Rejected", execution=second)
    pipelines.ended(second, "Failed")
    back = {"pipelineName": "p", "stageName": "S2", "targetPipelineExecutionId": first}
    assert code(pipelines, "RollbackStage", **back | {"stageName": "Source"}) == "UnableToRollbackStageException"
    assert code(pipelines, "RollbackStage", **back | {"targetPipelineExecutionId": second}) == (
        "UnableToRollbackStageException")
    assert code(pipelines, "RollbackStage", **back | {"targetPipelineExecutionId": "x"}) == (
        "PipelineExecutionNotFoundException")
    rolled = pipelines("RollbackStage", **back)["pipelineExecutionId"]
    pipelines.approve("S2", execution=rolled)
    pipelines.ended(rolled, "Succeeded")
    assert code(pipelines, "RollbackStage", **back | {"targetPipelineExecutionId": rolled}) == (
        "UnableToRollbackStageException")
    pipelines("UpdatePipeline", pipeline=pipelines.declaration([pipelines.approval()], pipelineType="V2"))
    assert code(pipelines, "RollbackStage", **back) == "UnableToRollbackStageException"


def test_e9_on_failure_rolls_back_to_the_last_execution_that_succeeded_in_the_stage(pipelines: Any) -> None:
    first, second = two(pipelines, onFailure={"result": "ROLLBACK"})
    pipelines.approve("S2", status="Rejected", execution=second)
    pipelines.ended(second, "Failed")
    shown = pipelines.until(lambda: next((e for e in pipelines.executions() if e["executionType"] == "ROLLBACK"), None))
    assert shown["trigger"] == {"triggerType": "AutomatedRollback", "triggerDetail": second}
    assert shown["rollbackMetadata"] == {"rollbackTargetPipelineExecutionId": first}
    pipelines.approve("S2", status="Rejected", execution=shown["pipelineExecutionId"])
    pipelines.ended(shown["pipelineExecutionId"], "Failed")
    assert len(pipelines.executions()) == 3


def test_e9_a_first_execution_has_nothing_to_be_rolled_back_to(pipelines: Any) -> None:
    declaration = pipelines.declaration([pipelines.approval()], pipelineType="V2")
    declaration["stages"][1]["onFailure"] = {"result": "ROLLBACK"}
    pipelines("CreatePipeline", pipeline=declaration)
    first = pipelines.executions()[0]["pipelineExecutionId"]
    pipelines.approve("S2", status="Rejected")
    pipelines.ended(first, "Failed")
    assert len(pipelines.executions()) == 1


def test_e9_on_failure_retries_the_stage_once_in_the_same_execution(pipelines: Any) -> None:
    retry = {"result": "RETRY", "retryConfiguration": {"retryMode": "FAILED_ACTIONS"}}
    declaration = pipelines.declaration([pipelines.approval("A"), pipelines.approval("B")], pipelineType="V2")
    declaration["stages"][1]["onFailure"] = retry
    pipelines("CreatePipeline", pipeline=declaration)
    first = pipelines.executions()[0]["pipelineExecutionId"]
    rejected = pipelines.waiting("S2", "B")
    pipelines.approve("S2", "A")
    pipelines.approve("S2", "B", status="Rejected")
    pipelines.until(lambda: pipelines.latest("S2", "B").get("token") not in (None, rejected))
    assert pipelines.stage("S2")["retryStageMetadata"] == {
        "autoStageRetryAttempt": 1, "latestRetryTrigger": "AutomatedStageRetry"}
    assert pipelines.latest("S2", "A")["status"] == "Succeeded"
    pipelines.approve("S2", "B", status="Rejected")
    pipelines.ended(first, "Failed")


def test_e9_on_failure_needs_v2_and_a_stage_that_can_be_rolled_back(pipelines: Any) -> None:
    for more, number, result in (
        ({}, 1, "ROLLBACK"), ({"pipelineType": "V2"}, 0, "ROLLBACK"), ({"pipelineType": "V2"}, 1, "SKIP"),
        ({"pipelineType": "V2", "executionMode": "PARALLEL"}, 1, "ROLLBACK"),
    ):
        declaration = pipelines.declaration([pipelines.approval()], **more)
        declaration["stages"][number]["onFailure"] = {"result": result}
        assert code(pipelines, "CreatePipeline", pipeline=declaration) in (
            "InvalidStructureException", "InvalidStageDeclarationException")


def test_e11_an_action_has_the_time_that_its_provider_gives_it() -> None:
    assert timedelta(days=7) == approval.TIMEOUT
    assert awslambda.REPLY_TIMEOUT == 20 * 60
    assert awslambda.TOTAL_TIMEOUT == 24 * 3600
    assert codebuild.TIMEOUT == 8 * 3600
    assert stack_follow.TIMEOUT == 3 * 24 * 3600


def test_e11_an_action_that_does_not_end_in_its_time_fails() -> None:
    job = Job(world=None, run=None, pipeline="p", pipeline_arn="", execution="", account="", region="",  # type: ignore[arg-type]
              caller=None, configuration={}, inputs=(), outputs=(), encryption_key="", override="",  # type: ignore[arg-type]
              mailbox=queue.SimpleQueue())
    with pytest.raises(ActionError, match="did not end within"):
        job.poll(lambda: None, limit=0.01, first=0.005)
