"""The events that CodePipeline puts on the bus (CodePipeline User Guide, monitoring pipeline events)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.pipelines.state import ActionRun, Artifact, Execution, Pipeline

if TYPE_CHECKING:
    from crossdock.local.world import World


def pipeline_changed(
    world: World, pipeline: Pipeline, execution: Execution, state: str, more: Mapping[str, Any] | None = None
) -> None:
    _emit(world, pipeline, execution, "Pipeline", {"state": state, **(more or {})})


def stage_changed(world: World, pipeline: Pipeline, execution: Execution, stage: str, state: str) -> None:
    _emit(world, pipeline, execution, "Stage", {"stage": stage, "state": state})


def action_changed(world: World, pipeline: Pipeline, execution: Execution, run: ActionRun, state: str) -> None:
    kind = run.declaration["actionTypeId"]
    detail: dict[str, Any] = {
        "stage": run.stage,
        "action": run.action,
        "state": state,
        "region": run.declaration.get("region", pipeline.region),
        "type": {key: kind[key] for key in ("owner", "category", "provider", "version")},
        "input-artifacts": [_located(a) for a in run.inputs],
        "output-artifacts": [_located(a) for a in run.outputs],
    }
    result = {
        "external-execution-url": run.external_url,
        "external-execution-summary": run.error_message or run.summary,
        "external-execution-id": run.external_id,
        "error-code": run.error_code,
    }
    if state != "STARTED":
        detail["execution-result"] = {key: value for key, value in result.items() if value}
    _emit(world, pipeline, execution, "Action", detail)


def _located(artifact: Artifact) -> dict[str, Any]:
    return {"name": artifact.name, "s3location": {"bucket": artifact.bucket, "key": artifact.key}}


def _emit(world: World, pipeline: Pipeline, execution: Execution, what: str, detail: Mapping[str, Any]) -> None:
    world.emit(
        account=pipeline.account, region=pipeline.region, source="aws.codepipeline",
        detail_type=f"CodePipeline {what} Execution State Change", resources=[pipeline.arn],
        detail={
            "pipeline": pipeline.name, "execution-id": execution.id, "version": float(execution.version), **detail,
        },
    )
