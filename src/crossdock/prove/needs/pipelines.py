"""What pipelines need, action by action.

Sources: CodePipeline User Guide, how-to-custom-role (the base rights of a service role), pipelines-create-cross-account
(actions with a role of their own), the action references of the providers, approvals-service-role-permissions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from crossdock.errors import UsageError
from crossdock.model.proof import Need, Step
from crossdock.prove.needs.asking import Actor, assumed_by
from crossdock.prove.resources import Resource, of_type, partition
from crossdock.prove.scene import Action, Line, Scene

_BASE = ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning")
_BASE_KEY = ("kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo")


def needs(scene: Scene, line: Line) -> Iterator[Need]:
    """Everything that one pipeline's own role, and the roles of its actions, need."""
    pipeline = line.pipeline
    role = str(pipeline.properties["RoleArn"])
    yield assumed_by("codepipeline.amazonaws.com", role, _step(line, "start"),
                     "CodePipeline runs the pipeline as its role", pipeline.arn)
    base = Actor(scene=scene, who=role, step=_step(line, "start"), region=line.home.region)
    yield from base.finds(line.bucket, "the pipeline looks at its artifact store", *_BASE)
    yield from base.reads(line.bucket, f"{line.folder}/*", line.key, "the pipeline reads what its actions hand on")
    yield from base.writes(line.bucket, f"{line.folder}/*", line.key, "the pipeline keeps what its actions hand on")
    for action in _BASE_KEY if line.key else ():
        yield base.through("s3.amazonaws.com").does(
            action, line.key, "a pipeline's role may use the key of its artifact store (CodePipeline User Guide)")
    for one in line.actions:
        actor = Actor(scene=scene, who=one.role or role, step=_step(line, one.title), region=line.home.region)
        if one.role:
            pipeline_actor = Actor(scene=scene, who=role, step=actor.step, region=line.home.region)
            yield from pipeline_actor.calls(
                "sts", "AssumeRole", {"RoleArn": one.role, "RoleSessionName": "session"},
                "the pipeline becomes the role that runs this",
            )
        provider = _PROVIDERS.get((one.category, one.provider))
        if provider is None:
            raise UsageError(message=f"what the action {one.title} of {pipeline.names.name} needs is not known: it is"
                                     f" {one.category} by {one.provider}")
        yield from provider(line, one, actor)


def _step(line: Line, action: str) -> Step:
    return Step(environment=line.home.environment, service=line.home.service, action=action)


def artifact_key(line: Line, artifact: str) -> str:
    """The key under which an artifact is encrypted: a build's by the project's key, or else S3's own; every other
    action's by that of the artifact store."""
    producer = line.producer(artifact)
    if producer.provider == "CodeBuild":
        return str(line.project(producer).properties.get("EncryptionKey", ""))
    return line.key


def _inputs(line: Line, action: Action, actor: Actor) -> Iterator[Need]:
    for name in action.inputs:
        why = f"the action reads the artifact {name}"
        yield from actor.finds(line.bucket, why, "s3:GetBucketLocation", "s3:GetBucketVersioning")
        yield from actor.reads(line.bucket, line.artifact(name), artifact_key(line, name), why)


def _outputs(line: Line, action: Action, actor: Actor) -> Iterator[Need]:
    for name in action.outputs:
        yield from actor.writes(line.bucket, line.artifact(name), line.key, f"the action hands on {name}")


def _code_commit(line: Line, action: Action, actor: Actor) -> Iterator[Need]:
    name = action.configuration["RepositoryName"]
    arn = f"arn:{line.home.partition}:codecommit:{actor.region}:{actor.account}:{name}"
    for right in ("GetBranch", "GetCommit", "GetRepository", "UploadArchive", "GetUploadArchiveStatus",
                  "CancelUploadArchive"):
        yield actor.does(f"codecommit:{right}", arn, "the action fetches the branch")
    yield from _outputs(line, action, actor)


def _code_build(line: Line, action: Action, actor: Actor) -> Iterator[Need]:
    name = line.project(action).names.name
    why = "the action starts the build and follows it"
    yield from actor.calls("codebuild", "StartBuild", {"projectName": name}, why)
    yield from actor.calls("codebuild", "BatchGetBuilds", {"ids": [f"{name}:*"]}, why)


def _approval(line: Line, action: Action, actor: Actor) -> Iterator[Need]:  # noqa: ARG001  one signature for all
    if topic := action.configuration.get("NotificationArn"):
        yield actor.does("sns:Publish", topic, "the action tells the approvers")


def _lambda(line: Line, action: Action, actor: Actor) -> Iterator[Need]:
    arn = f"arn:{line.home.partition}:lambda:{actor.region}:{actor.account}:function:"
    yield actor.does("lambda:InvokeFunction", arn + action.configuration["FunctionName"], "the action invokes it")
    yield from _inputs(line, action, actor)


def _s3_source(line: Line, action: Action, actor: Actor) -> Iterator[Need]:
    bucket, why = action.configuration["S3Bucket"], "the action fetches the object"
    yield from actor.finds(bucket, why, "s3:GetBucketVersioning")
    yield from actor.reads(bucket, action.configuration["S3ObjectKey"], "", why)
    yield from _outputs(line, action, actor)


_CHANGES: Mapping[str, tuple[str, ...]] = {
    "CREATE_UPDATE": ("CreateStack", "UpdateStack"),
    "REPLACE_ON_FAILURE": ("CreateStack", "UpdateStack", "DeleteStack"),
    "DELETE_ONLY": ("DeleteStack",),
    "CHANGE_SET_REPLACE": ("CreateChangeSet", "DeleteChangeSet", "DescribeChangeSet"),
    "CHANGE_SET_EXECUTE": ("DescribeChangeSet", "ExecuteChangeSet"),
}
_FOLLOWS = ("DescribeStackEvents", "DescribeStackResources", "GetTemplate")


def _cloud_formation(line: Line, action: Action, actor: Actor) -> Iterator[Need]:
    settings = action.configuration
    mode, role = settings["ActionMode"], settings.get("RoleArn", "")
    params = {"StackName": settings["StackName"], "ChangeSetName": settings.get("ChangeSetName")}
    yield from _inputs(line, action, actor)
    for operation in ("DescribeStacks", *_CHANGES[mode]):
        passes = {"RoleARN": role} if role and operation[:6] in ("Create", "Update") else {}
        yield from actor.calls("cloudformation", operation, params | passes, "the action changes the stack")
    if mode != "CHANGE_SET_REPLACE":
        for operation in _FOLLOWS:
            yield from actor.calls("cloudformation", operation, {"StackName": settings["StackName"]},
                                   "the action follows the stack and tells why it failed")
    if "TemplatePath" in settings:
        for macro in line.transforms:
            yield transforms(actor, macro, "the action has the template transformed")
    if action.outputs:
        yield from _outputs(line, action, actor)
    if role:
        yield assumed_by("cloudformation.amazonaws.com", role, actor.step,
                         "CloudFormation acts with the execution role", stack_arn(actor, settings["StackName"]))


def stack_arn(actor: Actor, name: str) -> str:
    return f"arn:{partition(actor.region)}:cloudformation:{actor.region}:{actor.account}:stack/{name}/*"


def transforms(actor: Actor, macro: str, why: str) -> Need:
    """A macro of AWS is a resource of AWS's (CloudFormation User Guide, the SAM transform in change sets)."""
    name = macro.removeprefix("AWS::")
    arn = f"arn:{partition(actor.region)}:cloudformation:{actor.region}:aws:transform/{name}"
    return actor.does("cloudformation:CreateChangeSet", arn, why, owner=actor.account)


_PROVIDERS: Mapping[tuple[str, str], Callable[[Line, Action, Actor], Iterator[Need]]] = {
    ("Source", "CodeCommit"): _code_commit,
    ("Source", "S3"): _s3_source,
    ("Build", "CodeBuild"): _code_build,
    ("Test", "CodeBuild"): _code_build,
    ("Approval", "Manual"): _approval,
    ("Invoke", "Lambda"): _lambda,
    ("Deploy", "CloudFormation"): _cloud_formation,
}


_TARGETS: Mapping[str, tuple[str, str]] = {
    "codepipeline": ("codepipeline:StartPipelineExecution", "a push starts the pipeline"),
    "events": ("events:PutEvents", "the event travels to that bus"),
    "sns": ("sns:Publish", "people are told of deliveries"),
}
"""Service of a rule's target -> what EventBridge does there, and why."""


def triggers(scene: Scene, rule: Resource) -> Iterator[Need]:
    """An event rule starts pipelines, tells people, or hands events to a bus of another account (EventBridge User
    Guide, eb-cross-account and eb-use-resource-based; CodePipeline User Guide, create-cwe-pipeline)."""
    for target in rule.properties.get("Targets") or ():
        arn, role = str(target["Arn"]), str(target.get("RoleArn", ""))
        step = Step(environment=rule.home.environment, service=rule.home.service, action="start")
        action, why = _TARGETS.get(arn.split(":")[2], ("", ""))
        if not action:
            raise UsageError(message=f"what the rule {rule.names.name} needs for its target {arn} is not known")
        actor = Actor(scene=scene, who=role or "events.amazonaws.com", step=step, region=rule.home.region)
        if role:
            yield assumed_by("events.amazonaws.com", role, step, "EventBridge acts with the rule's role",
                             rule.arn)
            yield actor.does(action, arn, why)
        else:
            source = {"aws__SourceArn": rule.arn, "aws__SourceAccount": rule.home.account}
            yield actor.does(action, arn, why, **source)
            for topic in of_type(scene.platform, "AWS::SNS::Topic"):
                if topic.arn == arn and (key := str(topic.properties.get("KmsMasterKeyId", ""))):
                    # SNS Developer Guide, sns-key-management: who publishes to an encrypted topic uses its key.
                    for needed in ("kms:GenerateDataKey", "kms:Decrypt"):
                        yield actor.does(needed, key, f"{why}, encrypted", **source)
