"""CodeBuild: a build with the action's artifacts (rule D6; CodePipeline User Guide, CodeBuild action reference)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.pipelines.actions.job import ActionError, Job, Result
from crossdock.local.pipelines.state import Artifact

TIMEOUT = 8 * 3600.0
BATCH = ("BatchEnabled", "CombineArtifacts")


def check(action: str, configuration: Mapping[str, str]) -> None:
    """EnvironmentVariables must be a JSON list of {name, value, type}. Batches are refused by name."""
    if any(configuration.get(name, "false").lower() != "false" for name in BATCH):
        raise NotEmulated(f"batch builds of pipelines (action {action})")
    if "EnvironmentVariables" in configuration:
        _environment(action, configuration["EnvironmentVariables"])


def _environment(action: str, text: str) -> tuple[Mapping[str, str], ...]:
    try:
        variables = json.loads(text)
    except ValueError:
        variables = None
    named = isinstance(variables, list) and all(isinstance(v, dict) and {"name", "value"} <= set(v) for v in variables)
    if not named:
        raise AwsError(
            "InvalidActionDeclarationException",
            f"EnvironmentVariables of action {action} must be a JSON list of objects with name, value and type",
        )
    return tuple({"type": "PLAINTEXT", **variable} for variable in variables)


def run(job: Job) -> Result:
    """Start the build as the action's caller, follow it to its end, hand on its exported variables.

    CodeBuild asks whether the caller may (codebuild:StartBuild).
    """
    from crossdock.local.builds import ArtifactLocation, PipelineBuild

    def located(artifact: Artifact) -> Any:
        return ArtifactLocation(name=artifact.name, bucket=artifact.bucket, key=artifact.key)

    engine: Any = job.world.engine("codebuild")
    build_id = engine.start_pipeline_build(
        PipelineBuild(
            project=job.configuration["ProjectName"], account=job.caller.account, region=job.region,
            caller=job.caller, pipeline=job.pipeline,
            inputs=tuple(located(artifact) for artifact in _primary_first(job)),
            outputs=tuple(located(artifact) for artifact in job.outputs),
            environment=_environment(job.run.action, job.configuration.get("EnvironmentVariables", "[]")),
            encryption_key=job.encryption_key, revision=job.revision,
        )
    )
    job.run.external_id = build_id
    builds = job.client("codebuild")
    build = job.poll(lambda: _ended(builds, build_id, job), limit=TIMEOUT)
    if build["buildStatus"] != "SUCCEEDED":
        raise ActionError("JobFailed", _reason(build))
    job.run.summary = f"Build {build_id} succeeded"
    return Result(variables={v["name"]: v["value"] for v in build.get("exportedEnvironmentVariables") or []})


def _primary_first(job: Job) -> list[Artifact]:
    if len(job.inputs) == 1:
        return list(job.inputs)
    primary = job.configuration.get("PrimarySource")
    if not primary:
        raise ActionError("InvalidActionConfiguration", "PrimarySource is required for a build with several inputs")
    first = job.input(primary)
    return [first, *(artifact for artifact in job.inputs if artifact != first)]


def _ended(builds: Any, build_id: str, job: Job) -> Any:
    answer = builds.batch_get_builds(ids=[build_id])["builds"]
    if not answer:
        raise ActionError("JobFailed", f"Build {build_id} does not exist")
    job.run.external_url = answer[0].get("logs", {}).get("deepLink", "")
    return answer[0] if answer[0]["buildStatus"] != "IN_PROGRESS" else None


def _reason(build: Mapping[str, Any]) -> str:
    """Why a build failed: the first phase that did, and what it said."""
    for phase in build.get("phases") or []:
        if phase.get("phaseStatus") in ("FAILED", "FAULT", "TIMED_OUT", "CLIENT_ERROR"):
            said = " ".join(
                str(c.get("message") or c.get("statusCode") or "") for c in phase.get("contexts") or []
            ).strip()
            return f"Build terminated with state: {build['buildStatus']}. Phase: {phase['phaseType']}. {said}".strip()
    return f"Build terminated with state: {build['buildStatus']}"
