"""The state of pipelines in the API's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.local.engine import AwsError, Call
from crossdock.local.pipelines.state import ActionRun, Artifact, Execution, Lane, Pipeline


def _some(**values: Any) -> dict[str, Any]:
    """The values that are there."""
    return {key: value for key, value in values.items() if value not in ("", None, {}, [])}


def page(
    items: Sequence[Any], call: Call, default: int = 100, *, marker: str = "nextToken", limit: str = "maxResults"
) -> tuple[Sequence[Any], dict[str, str]]:
    """One page of a list, and the token for the next to answer with. Tokens are offsets; `marker` and `limit`
    are the members' names."""
    given = call.params.get(marker, "0")
    if not str(given).isdecimal():
        raise AwsError("InvalidNextTokenException", "The next token is not valid")
    begin, most = int(given), int(call.params.get(limit, default))
    more = {marker: str(begin + most)} if begin + most < len(items) else {}
    return items[begin : begin + most], more


def pipeline_state(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "pipelineName": pipeline.name,
        "pipelineVersion": pipeline.version,
        "stageStates": [_stage_state(pipeline, stage) for stage in pipeline.declaration["stages"]],
        "created": pipeline.created,
        "updated": pipeline.updated,
    }


def _stage_state(pipeline: Pipeline, stage: Mapping[str, Any]) -> dict[str, Any]:
    name = stage["name"]
    lane = pipeline.lanes.get(name, Lane())
    state: dict[str, Any] = {
        "stageName": name,
        "inboundTransitionState": {
            "enabled": lane.inbound.enabled,
            **_some(lastChangedBy=lane.inbound.by, lastChangedAt=lane.inbound.at, disabledReason=lane.inbound.reason),
        },
        "actionStates": [_action_state(pipeline, name, action["name"]) for action in stage["actions"]],
    }
    waiting = [
        {"pipelineExecutionId": id_, "status": "InProgress", "type": pipeline.executions[id_].type}
        for id_ in (lane.waiting, *lane.queue) if id_
    ]
    if waiting:
        state |= {"inboundExecution": waiting[0], "inboundExecutions": waiting}
    latest = pipeline.executions.get(lane.latest)
    if latest is not None and name in latest.stages:
        status = latest.stages[name].status
        shown = "Stopping" if latest.status == "Stopping" and status == "InProgress" else status
        state["latestExecution"] = {"pipelineExecutionId": latest.id, "status": shown, "type": latest.type}
        run = latest.stages[name]
        if run.attempt > 1:
            by_hand = run.attempt - 1 - run.automatic
            state["retryStageMetadata"] = {
                **_some(manualStageRetryAttempt=by_hand or None, autoStageRetryAttempt=run.automatic or None),
                "latestRetryTrigger": "ManualStageRetry" if by_hand else "AutomatedStageRetry",
            }
    return state


def _action_state(pipeline: Pipeline, stage: str, action: str) -> dict[str, Any]:
    state: dict[str, Any] = {"actionName": action}
    runs = (
        execution.stages[stage].actions[action]
        for execution in reversed(pipeline.executions.values())
        if stage in execution.stages and action in execution.stages[stage].actions
    )
    run = next(runs, None)
    if run is None:
        return state
    state["latestExecution"] = {
        "actionExecutionId": run.id,
        "status": run.status,
        "lastStatusChange": run.updated,
        **_some(
            summary=run.summary, token=run.token, lastUpdatedBy=run.updated_by, externalExecutionId=run.external_id,
            externalExecutionUrl=run.external_url, errorDetails=_error(run),
        ),
    }
    if run.revision is not None:
        state["currentRevision"] = {
            "revisionId": run.revision.id, "revisionChangeId": run.revision.id, "created": run.revision.created,
        }
        state |= _some(revisionUrl=run.revision.url)
    return state


def _error(run: ActionRun) -> dict[str, str]:
    return _some(code=run.error_code, message=run.error_message)


def _sources(pipeline: Pipeline, execution: Execution) -> list[ActionRun]:
    """The runs of source actions whose revisions an execution uses: a rollback's are its target's."""
    of = pipeline.executions.get(execution.target, execution)
    return [run for run in of.history if run.revision is not None]


def _kind(execution: Execution) -> dict[str, Any]:
    return {
        "executionMode": execution.mode, "executionType": execution.type,
        **({"rollbackMetadata": {"rollbackTargetPipelineExecutionId": execution.target}} if execution.target else {}),
    }


def execution_summary(pipeline: Pipeline, execution: Execution) -> dict[str, Any]:
    return {
        "pipelineExecutionId": execution.id,
        "status": execution.status,
        "startTime": execution.started,
        "lastUpdateTime": execution.updated,
        "sourceRevisions": [
            {"actionName": run.action, "revisionId": run.revision.id,
             **_some(revisionSummary=run.revision.summary, revisionUrl=run.revision.url)}
            for run in _sources(pipeline, execution) if run.revision is not None
        ],
        "trigger": {"triggerType": execution.trigger, "triggerDetail": execution.trigger_detail},
        **_kind(execution),
        **_some(
            statusSummary=execution.summary,
            stopTrigger={"reason": execution.stop_reason} if execution.stop_reason else None,
        ),
    }


def execution_detail(pipeline: Pipeline, execution: Execution) -> dict[str, Any]:
    return {
        "pipelineName": pipeline.name,
        "pipelineVersion": execution.version,
        "pipelineExecutionId": execution.id,
        "status": execution.status,
        "artifactRevisions": [
            {"name": run.outputs[0].name, "revisionId": run.revision.id, "created": run.revision.created,
             **_some(revisionSummary=run.revision.summary, revisionUrl=run.revision.url)}
            for run in _sources(pipeline, execution) if run.revision is not None and run.outputs
        ],
        "variables": [{"name": k, "resolvedValue": v} for k, v in execution.variables.get("variables", {}).items()],
        "trigger": {"triggerType": execution.trigger, "triggerDetail": execution.trigger_detail},
        **_kind(execution),
        **_some(statusSummary=execution.summary),
    }


def action_execution(pipeline: Pipeline, execution: Execution, run: ActionRun) -> dict[str, Any]:
    declaration = run.declaration
    return {
        "pipelineExecutionId": execution.id,
        "actionExecutionId": run.id,
        "pipelineVersion": execution.version,
        "stageName": run.stage,
        "actionName": run.action,
        "startTime": run.started,
        "lastUpdateTime": run.updated,
        "status": run.status,
        "input": {
            "actionTypeId": declaration["actionTypeId"],
            "configuration": declaration.get("configuration") or {},
            "resolvedConfiguration": run.configuration,
            "region": declaration.get("region", pipeline.region),
            "inputArtifacts": [_located(artifact) for artifact in run.inputs],
            **_some(roleArn=declaration.get("roleArn"), namespace=declaration.get("namespace")),
        },
        "output": {
            "outputArtifacts": [_located(artifact) for artifact in run.outputs],
            "executionResult": _some(
                externalExecutionId=run.external_id, externalExecutionSummary=run.summary,
                externalExecutionUrl=run.external_url, errorDetails=_error(run),
            ),
            "outputVariables": run.variables,
        },
        **_some(updatedBy=run.updated_by),
    }


def _located(artifact: Artifact) -> dict[str, Any]:
    return {"name": artifact.name, "s3location": {"bucket": artifact.bucket, "key": artifact.key}}
