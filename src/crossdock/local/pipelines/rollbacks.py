"""What a stage may be rolled back to (rule E9; CodePipeline User Guide, "Configure stage rollback"). Pure."""

from __future__ import annotations

from crossdock.local.engine import AwsError
from crossdock.local.pipelines.state import Execution, Pipeline


def latest(pipeline: Pipeline, stage: str) -> Execution | None:
    """The last execution that succeeded in a stage and that it could be rolled back to."""
    return next((one for one in reversed(pipeline.executions.values()) if not _problem(pipeline, stage, one)), None)


def check(pipeline: Pipeline, stage: str, target: Execution) -> None:
    """Raises UnableToRollbackStageException."""
    if stage == pipeline.declaration["stages"][0]["name"]:
        raise _unable(f"The source stage {stage} can't be rolled back")
    if pipeline.declaration["executionMode"] == "PARALLEL":
        raise _unable("Stages of pipelines in the execution mode PARALLEL can't be rolled back")
    problem = _problem(pipeline, stage, target)
    if problem:
        raise _unable(f"Stage {stage} can't be rolled back to execution {target.id}: {problem}")


def _problem(pipeline: Pipeline, stage: str, target: Execution) -> str:
    if target.target:
        return "it is a rollback itself"
    if target.version != pipeline.version:
        return "the pipeline was changed after it"
    if stage not in target.stages or target.stages[stage].status != "Succeeded":
        return "the stage did not succeed in it"
    return ""


def _unable(message: str) -> AwsError:
    return AwsError("UnableToRollbackStageException", message)
