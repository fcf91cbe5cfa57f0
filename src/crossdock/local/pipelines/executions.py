"""Operations on executions: start, stop, retry, approve, report a job, hold and open transitions, look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.local.pipelines import answers, happenings, lanes, rollbacks
from crossdock.local.pipelines.actions.approval import Verdict
from crossdock.local.pipelines.actions.awslambda import JobResult
from crossdock.local.pipelines.conductor import Conductor
from crossdock.local.pipelines.state import ActionRun, Execution, Lane, Pipeline, Transition, now
from crossdock.local.pipelines.structure import actions

_MAX_VARIABLES = 122_880


class Executions(Conductor):
    """The API of running pipelines."""

    def start_pipeline_execution(self, call: Call) -> Mapping[str, Any]:
        pipeline = self.pipeline(call, "name")
        token = call.params.get("clientRequestToken", "")
        with self.lock:
            if token and token in pipeline.requests:
                return {"pipelineExecutionId": pipeline.requests[token]}
            execution = self.begin(
                pipeline, *_trigger(call), variables=_variables(pipeline, call), overrides=_overrides(pipeline, call)
            )
            if token:
                pipeline.requests[token] = execution.id
        return {"pipelineExecutionId": execution.id}

    def stop_pipeline_execution(self, call: Call) -> Mapping[str, Any]:
        """Rule E7: wait for running actions, or abandon them."""
        pipeline = self.pipeline(call, "pipelineName")
        abandon = call.params.get("abandon", False)
        with self.lock:
            execution = self._execution(pipeline, call)
            if execution.is_over():
                raise AwsError(
                    "PipelineExecutionNotStoppableException",
                    f"Execution {execution.id} can't be stopped: it is {execution.status}",
                )
            if execution.status == "Stopping" and not abandon:
                raise AwsError("DuplicatedStopRequestException", f"Execution {execution.id} is already stopping")
            execution.stop_reason, execution.updated = call.params.get("reason", ""), now()
            if execution.status != "Stopping":
                execution.status = "Stopping"
                comment = {"stop-execution-comments": execution.stop_reason}
                happenings.pipeline_changed(self.world, pipeline, execution, "STOPPING", comment)
            if lanes.withdraw(pipeline, execution):
                self.end(pipeline, execution, "Stopped")
            elif abandon:
                self.halt(execution)
        return {"pipelineExecutionId": execution.id}

    def retry_stage_execution(self, call: Call) -> Mapping[str, Any]:
        """Rule E8: run a stage's failed actions (or all) again, in the same execution."""
        pipeline, stage = self.pipeline(call, "pipelineName"), call.params["stageName"]
        with self.lock:
            _lane(pipeline, stage)
            execution = self._execution(pipeline, call)
            run = execution.stages.get(stage)
            if execution.version != pipeline.version:
                raise _not_retryable(stage, "the pipeline was changed after this execution began")
            if run is None or run.status not in ("Failed", "Stopped"):
                raise _not_retryable(stage, f"it is {run.status if run else 'not reached'} in execution {execution.id}")
            if lanes.newer_has_entered(pipeline, execution, stage):
                raise AwsError(
                    "NotLatestPipelineExecutionException",
                    f"Execution {execution.id} is not the latest one in stage {stage}",
                )
            if pipeline.lane(stage).holder or execution in lanes.within(pipeline, stage):
                raise AwsError("ConflictException", f"Stage {stage} is in progress")
            names = [a["name"] for s, a in actions(execution.declaration) if s["name"] == stage]
            if call.params["retryMode"] == "FAILED_ACTIONS":
                names = [n for n in names if n not in run.actions or run.actions[n].status != "Succeeded"]
            self.resume(pipeline, execution, stage, names)
        return {"pipelineExecutionId": execution.id}

    def rollback_stage(self, call: Call) -> Mapping[str, Any]:
        """Rule E9: a new execution runs the stage with what an earlier one had."""
        pipeline, stage = self.pipeline(call, "pipelineName"), call.params["stageName"]
        with self.lock:
            _lane(pipeline, stage)
            id_ = call.params["targetPipelineExecutionId"]
            if id_ not in pipeline.executions:
                raise _no_execution(id_)
            target = pipeline.executions[id_]
            rollbacks.check(pipeline, stage, target)
            execution = self.roll_back(pipeline, stage, target, "ManualRollback", call.caller.arn)
        return {"pipelineExecutionId": execution.id}

    def put_approval_result(self, call: Call) -> Mapping[str, Any]:
        pipeline = self.pipeline(call, "pipelineName")
        stage, action = call.params["stageName"], call.params["actionName"]
        with self.lock:
            _lane(pipeline, stage)
            names = [a["name"] for s, a in actions(pipeline.declaration) if s["name"] == stage]
            if action not in names:
                raise AwsError("ActionNotFoundException", f"Stage {stage} has no action {action}")
            runs = [execution.stages[stage].actions.get(action) for execution in lanes.within(pipeline, stage)]
            waiting = [run for run in runs if run is not None and run.status == "InProgress"]
            if not waiting:
                raise AwsError("ApprovalAlreadyCompletedException", f"Action {action} waits for no approval")
            run = next((one for one in waiting if one.token and one.token == call.params["token"]), None)
            if run is None:
                raise AwsError("InvalidApprovalTokenException", "The approval token is not the current one")
            result = call.params["result"]
            run.token = ""
            self.mail[run.id].put(
                Verdict(approved=result["status"] == "Approved", summary=result["summary"], by=call.caller.arn)
            )
        return {"approvedAt": now()}

    def put_job_success_result(self, call: Call) -> None:
        variables = call.params.get("outputVariables") or {}
        if sum(len(k.encode()) + len(v.encode()) for k, v in variables.items()) > _MAX_VARIABLES:
            raise AwsError("OutputVariablesSizeExceededException", f"Output variables exceed {_MAX_VARIABLES} bytes")
        details = call.params.get("executionDetails") or {}
        self._report(call, JobResult(
            succeeded=True, summary=details.get("summary", ""), external_id=details.get("externalExecutionId", ""),
            continuation=call.params.get("continuationToken", ""), variables=variables,
        ))

    def put_job_failure_result(self, call: Call) -> None:
        details = call.params["failureDetails"]
        self._report(call, JobResult(
            succeeded=False, code=details["type"], summary=details["message"],
            external_id=details.get("externalExecutionId", ""),
        ))

    def _report(self, call: Call, result: JobResult) -> None:
        with self.lock:
            run = self._lambda_run(call.params["jobId"])
            if run is None:
                raise AwsError("JobNotFoundException", f"Job {call.params['jobId']} does not exist")
            if run.id not in self.mail:
                raise AwsError("InvalidJobStateException", f"Job {run.id} is {run.status}")
            self.mail[run.id].put(result)

    def _lambda_run(self, id_: str) -> ActionRun | None:
        runs = (
            run for pipeline in self.state.pipelines.values() for execution in pipeline.executions.values()
            for run in execution.history
        )
        return next((r for r in runs if r.id == id_ and r.declaration["actionTypeId"]["provider"] == "Lambda"), None)

    def disable_stage_transition(self, call: Call) -> None:
        self._transition(call, Transition(
            enabled=False, reason=call.params["reason"], by=call.caller.arn, at=now(),
        ))

    def enable_stage_transition(self, call: Call) -> None:
        self._transition(call, Transition(by=call.caller.arn, at=now()))

    def _transition(self, call: Call, transition: Transition) -> None:
        """Rule E5: on enabling, the latest waiting execution passes."""
        pipeline, stage = self.pipeline(call, "pipelineName"), call.params["stageName"]
        with self.lock:
            lane = _lane(pipeline, stage)
            if call.params["transitionType"] == "Inbound":
                lane.inbound = transition
                self.admit(pipeline, stage)
                return
            lane.outbound = transition
            held = pipeline.executions.get(lane.left)
            if transition.enabled and held is not None:
                lane.left = ""
                following = lanes.following(held, stage)
                if following is not None:
                    self.enter(pipeline, held, following)

    def get_pipeline_state(self, call: Call) -> Mapping[str, Any]:
        pipeline = self.pipeline(call, "name")
        with self.lock:
            return answers.pipeline_state(pipeline)

    def get_pipeline_execution(self, call: Call) -> Mapping[str, Any]:
        pipeline = self.pipeline(call, "pipelineName")
        with self.lock:
            return {"pipelineExecution": answers.execution_detail(pipeline, self._execution(pipeline, call))}

    def list_pipeline_executions(self, call: Call) -> Mapping[str, Any]:
        """Newest first."""
        pipeline = self.pipeline(call, "pipelineName")
        stage = ((call.params.get("filter") or {}).get("succeededInStage") or {}).get("stageName")
        with self.lock:
            found = [
                answers.execution_summary(pipeline, e) for e in reversed(pipeline.executions.values())
                if not stage or (stage in e.stages and e.stages[stage].status == "Succeeded")
            ]
        shown, more = answers.page(found, call)
        return {"pipelineExecutionSummaries": list(shown), **more}

    def list_action_executions(self, call: Call) -> Mapping[str, Any]:
        """Newest first."""
        pipeline, wanted = self.pipeline(call, "pipelineName"), call.params.get("filter") or {}
        latest = wanted.get("latestInPipelineExecution") or {}
        if latest.get("startTimeRange") == "Latest":
            raise NotEmulated("codepipeline:ListActionExecutions with startTimeRange Latest")
        id_ = wanted.get("pipelineExecutionId") or latest.get("pipelineExecutionId")
        with self.lock:
            if id_ and id_ not in pipeline.executions:
                raise _no_execution(id_)
            chosen = [pipeline.executions[id_]] if id_ else list(reversed(pipeline.executions.values()))
            found = [
                answers.action_execution(pipeline, execution, run)
                for execution in chosen for run in reversed(execution.history)
                if not latest or execution.stages[run.stage].actions[run.action] is run
            ]
        shown, more = answers.page(found, call)
        return {"actionExecutionDetails": list(shown), **more}

    def pipeline(self, call: Call, member: str) -> Pipeline:
        """The pipeline that a call names. Raises PipelineNotFoundException."""
        name = call.params[member]
        found = self.state.pipelines.get(call.arn(name))
        if found is None:
            raise AwsError(
                "PipelineNotFoundException", f"Account '{call.account}' does not have a pipeline with name '{name}'"
            )
        return found

    def _execution(self, pipeline: Pipeline, call: Call) -> Execution:
        id_ = call.params["pipelineExecutionId"]
        if id_ not in pipeline.executions:
            raise _no_execution(id_)
        return pipeline.executions[id_]


def _no_execution(id_: str) -> AwsError:
    return AwsError("PipelineExecutionNotFoundException", f"Execution {id_} does not exist")


def _not_retryable(stage: str, why: str) -> AwsError:
    return AwsError("StageNotRetryableException", f"Stage {stage} can't be retried: {why}")


def _lane(pipeline: Pipeline, stage: str) -> Lane:
    if stage not in (s["name"] for s in pipeline.declaration["stages"]):
        raise AwsError("StageNotFoundException", f"Pipeline {pipeline.name} has no stage {stage}")
    return pipeline.lane(stage)


def _trigger(call: Call) -> tuple[str, str]:
    """What started it: a rule of EventBridge, for which its role acts, or a person."""
    by_rule = ":events:" in call.caller.source_arn
    return ("CloudWatchEvent", call.caller.source_arn) if by_rule else ("StartPipelineExecution", call.caller.arn)


def _variables(pipeline: Pipeline, call: Call) -> dict[str, str]:
    """Rule E10: given values over defaults; each declared variable needs one, none may be empty."""
    declared = {v["name"]: v.get("defaultValue", "") for v in pipeline.declaration.get("variables") or []}
    given = {v["name"]: v["value"] for v in call.params.get("variables") or []}
    unknown = set(given) - set(declared)
    if unknown:
        raise AwsError("ValidationException", f"Pipeline {pipeline.name} has no variable {min(unknown)}")
    values = declared | given
    empty = [name for name, value in values.items() if not value]
    if empty:
        raise AwsError("ValidationException", f"Variable {empty[0]} of pipeline {pipeline.name} has no value")
    return values


def _overrides(pipeline: Pipeline, call: Call) -> dict[str, str]:
    sources = {
        a["name"]: a["actionTypeId"]["provider"] for _, a in actions(pipeline.declaration)
        if a["actionTypeId"]["category"] == "Source"
    }
    kinds = {"COMMIT_ID": ("CodeCommit", "GitHub", "CodeStarSourceConnection"), "S3_OBJECT_VERSION_ID": ("S3",),
             "IMAGE_DIGEST": ("ECR",)}
    made: dict[str, str] = {}
    for revision in call.params.get("sourceRevisions") or []:
        name, kind = revision["actionName"], revision["revisionType"]
        if name not in sources:
            raise AwsError("ValidationException", f"Pipeline {pipeline.name} has no source action {name}")
        if kind not in kinds:
            raise NotEmulated(f"source revisions of type {kind}")
        if sources[name] not in kinds[kind]:
            raise AwsError("ValidationException", f"Source action {name} takes no revision of type {kind}")
        made[name] = revision["revisionValue"]
    return made
