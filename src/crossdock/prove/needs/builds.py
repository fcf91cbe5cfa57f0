"""What builds need: CodeBuild's own doings (CodeBuild User Guide, setting-up-service-role, how-to-create-pipeline-add,
test-permissions, S3 logs) and what docs/services.md promises a buildspec."""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.model.proof import Need, Step
from crossdock.prove.needs.asking import Actor, assumed_by
from crossdock.prove.needs.pipelines import artifact_key
from crossdock.prove.resources import Resource
from crossdock.prove.scene import Action, Line, Scene, environment

_REPORTS = ("CreateReportGroup", "CreateReport", "UpdateReport", "BatchPutTestCases", "BatchPutCodeCoverages")


def needs(scene: Scene, line: Line) -> Iterator[Need]:
    """Everything that the builds of one pipeline need."""
    for action in line.actions:
        if action.provider == "CodeBuild":
            yield from _build(scene, line, action, line.project(action))


def _build(scene: Scene, line: Line, action: Action, project: Resource) -> Iterator[Need]:
    step = Step(environment=line.home.environment, service=line.home.service, action=action.title)
    role = str(project.properties["ServiceRole"])
    yield assumed_by("codebuild.amazonaws.com", role, step, "CodeBuild runs the build as its role", project.arn)
    actor = Actor(scene=scene, who=role, step=step, region=line.home.region)
    yield from actor.finds(line.bucket, "the build looks at the artifact store", "s3:GetBucketAcl",
                           "s3:GetBucketLocation")
    own = str(project.properties.get("EncryptionKey", ""))
    for name in action.inputs:
        yield from actor.reads(line.bucket, line.artifact(name), artifact_key(line, name), f"the build reads {name}")
    for name in action.outputs:
        yield from actor.writes(line.bucket, line.artifact(name), own, f"the build hands on {name}")
    for right in ("kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo") if own else ():
        yield actor.through("s3.amazonaws.com").does(
            right, own, "a build's role may use the key of its artifacts (CodePipeline User Guide)")
    yield from _logs(actor, project)
    yield from _contract(actor, project)


def _logs(actor: Actor, project: Resource) -> Iterator[Need]:
    config = project.properties.get("LogsConfig") or {}
    group = (config.get("CloudWatchLogs") or {}).get("GroupName", f"/aws/codebuild/{project.names.name}")
    stream = {"logGroupName": group, "logStreamName": "*"}
    why = "the build writes its log"
    yield from actor.calls("logs", "CreateLogGroup", {"logGroupName": group}, why)
    yield from actor.calls("logs", "CreateLogStream", stream, why)
    yield from actor.calls("logs", "PutLogEvents", stream, why)
    kept = config.get("S3Logs") or {}
    if kept.get("Status") == "ENABLED":
        bucket, _, prefix = str(kept["Location"]).partition("/")
        why = "the build's log is kept in the log bucket"
        yield from actor.finds(bucket, why, "s3:GetBucketAcl", "s3:GetBucketLocation")
        yield from actor.finds(f"{bucket}/{prefix}/*", why, "s3:PutObject")


def _contract(actor: Actor, project: Resource) -> Iterator[Need]:
    """What the environment of a build tells it that it may do (docs/services.md, The build)."""
    told = environment(project)
    bucket, key = told.get("ARTIFACT_BUCKET_NAME"), told.get("ARTIFACT_KEY_ARN", "")
    for name in ("PACKAGE_PREFIX", "CONFIGURATION_PREFIX") if bucket else ():
        path, why = f"{told[name]}/*", f"the build reads and writes below {name}"
        yield from actor.reads(str(bucket), path, key, why, versions=False)
        yield from actor.writes(str(bucket), path, key, why)
    arn = f"arn:{project.home.partition}:codebuild:{actor.region}:{actor.account}:report-group/{project.names.name}-*"
    for right in _REPORTS:
        yield actor.does(f"codebuild:{right}", arn, "the build reports its tests")
