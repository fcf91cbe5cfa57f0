"""CodePipeline: an execution found by its commit, started, retried, approved (`aws.follow` sees it to its end)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.aws.cloud import Account
from crossdock.aws.pace import Pace
from crossdock.errors import DeliveryFailed, UsageError
from crossdock.model.assembly import Delivery

PATIENCE = 180.0
"""Seconds after a push in which the event rule must have started the pipeline."""



@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approval that an execution waits for."""

    pipeline: str
    stage: str
    action: str
    token: str


def executions(account: Account, pipeline: str, *, region: str | None = None) -> list[Mapping[str, Any]]:
    """Summaries of a pipeline's executions, newest first, up to a hundred."""
    pages = account.client("codepipeline", region).get_paginator("list_pipeline_executions")
    found: list[Mapping[str, Any]] = []
    for page in pages.paginate(pipelineName=pipeline, PaginationConfig={"MaxItems": 100}):
        found += page["pipelineExecutionSummaries"]
    return found


def started_by(
    found: Sequence[Mapping[str, Any]], commit_: str, *, known: Collection[str] | None = None
) -> Mapping[str, Any] | None:
    """The newest execution whose source is this commit, among those not `known` before a push.

    Given those, an execution that ended before its source action could name a commit counts too: it is the push's.
    """
    fresh = [execution for execution in found if execution["pipelineExecutionId"] not in (known or ())]
    for execution in fresh:
        if any(revision.get("revisionId") == commit_ for revision in execution.get("sourceRevisions", ())):
            return execution
    for execution in fresh:
        if known is not None and not execution.get("sourceRevisions") and execution["status"] in ("Failed", "Stopped"):
            return execution
    return None


def newest(account: Account, pipeline: str, *, region: str | None = None) -> Mapping[str, Any] | None:
    """The newest execution's summary, or None where the pipeline never ran."""
    client = account.client("codepipeline", region)
    found = client.list_pipeline_executions(pipelineName=pipeline, maxResults=1)["pipelineExecutionSummaries"]
    latest: Mapping[str, Any] | None = found[0] if found else None
    return latest


def await_execution(
    account: Account, delivery: Delivery, commit_: str, *, known: Collection[str], patience: float = PATIENCE
) -> str:
    """The execution that a push of this commit started; `known` are those before it.

    Raises DeliveryFailed when none starts in time.
    """
    pace = Pace(slowest=2.0)
    while True:
        found = executions(account, delivery.pipeline, region=delivery.region)
        if (execution := started_by(found, commit_, known=known)) is not None:
            return str(execution["pipelineExecutionId"])
        pace.wait()
        if pace.waited > patience:
            raise DeliveryFailed(
                service=delivery.service, environment=delivery.environment,
                why=f"no execution of {delivery.pipeline} started for commit {commit_[:12]}",
                details=[f"waited {patience:.0f} s since the push to {delivery.repository}, branch {delivery.branch}"],
                hint="look at the event rule of the pipeline: its pattern, its target's role",
            )


def start(account: Account, pipeline: str, *, region: str | None = None) -> str:
    """Start an execution with the branch's tip; its id."""
    started = account.client("codepipeline", region).start_pipeline_execution(name=pipeline)
    return str(started["pipelineExecutionId"])


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedStage:
    """A stage that failed, and the execution that is in it."""

    execution: str
    stage: str


def failed_execution(account: Account, pipeline: str, *, region: str | None = None) -> FailedStage:
    """The stage that a retry would take up. Raises UsageError when no stage has failed."""
    for stage in account.client("codepipeline", region).get_pipeline_state(name=pipeline)["stageStates"]:
        latest = stage.get("latestExecution", {})
        if latest.get("status") == "Failed":
            return FailedStage(execution=latest["pipelineExecutionId"], stage=stage["stageName"])
    raise UsageError(message=f"nothing to retry: no stage of {pipeline} has failed", hint="push a commit instead")


def retry(account: Account, pipeline: str, failed: FailedStage, *, region: str | None = None) -> None:
    """Run a stage again from its first action, in the same execution.

    Not its failed actions alone: a change set that failed to execute is gone, so what prepared it must run again too
    (CloudFormation API reference, ExecuteChangeSet).
    """
    account.client("codepipeline", region).retry_stage_execution(
        pipelineName=pipeline, stageName=failed.stage, pipelineExecutionId=failed.execution, retryMode="ALL_ACTIONS"
    )


def commit(account: Account, pipeline: str, execution: str, *, region: str | None = None) -> str:
    """The commit that an execution delivers; empty before its source action has run."""
    found = account.client("codepipeline", region).get_pipeline_execution(
        pipelineName=pipeline, pipelineExecutionId=execution
    )["pipelineExecution"]
    revisions = found.get("artifactRevisions", ())
    return str(revisions[0].get("revisionId", "")) if revisions else ""


def answer(
    account: Account, approval: Approval, *, approved: bool, summary: str, region: str | None = None
) -> None:
    """Approve or reject what an execution waits for, as this account's caller."""
    account.client("codepipeline", region).put_approval_result(
        pipelineName=approval.pipeline, stageName=approval.stage, actionName=approval.action, token=approval.token,
        result={"summary": summary, "status": "Approved" if approved else "Rejected"},
    )


def actions(account: Account, pipeline: str, execution: str, *, region: str | None = None) -> list[Mapping[str, Any]]:
    """Every action execution of an execution, oldest first, those of earlier attempts included."""
    pages = account.client("codepipeline", region).get_paginator("list_action_executions")
    found: list[Mapping[str, Any]] = []
    for page in pages.paginate(pipelineName=pipeline, filter={"pipelineExecutionId": execution}):
        found += page["actionExecutionDetails"]
    return found[::-1]


def result(action: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the action's provider reported: externalExecutionId, ...Summary, ...Url, errorDetails."""
    reported: Mapping[str, Any] = action.get("output", {}).get("executionResult", {})
    return reported
