"""AWS::Batch: compute environments, queues, job definitions. Kept and shown; no job runs here."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props, pick, role_arn

_TAGGING = Tagging(put=("TagResource", "resourceArn", "tags"), drop=("UntagResource", "resourceArn", "tagKeys"),
                   create="tags", map=True)
_JOB = ("ContainerProperties NodeProperties Parameters PlatformCapabilities PropagateTags RetryStrategy "
        "SchedulingPriority Timeout Type")


def _register(ctx: Context, props: Props) -> str:
    name = str(props.get("JobDefinitionName") or ctx.name(128))
    given = {"jobDefinitionName": name, **pick(props, f"{_JOB} Tags")}
    return str(ctx.call("batch", "RegisterJobDefinition", given)["jobDefinitionArn"])


def _again(ctx: Context, _: str, _old: Props, new: Props) -> Any:
    """A change is a new revision under the same name."""
    return _register(ctx, new)


_ENVIRONMENT = "ComputeResources State Type UnmanagedvCpus"


def _environment(ctx: Context, props: Props) -> str:
    name = str(props.get("ComputeEnvironmentName") or ctx.name(128))
    given = {"computeEnvironmentName": name, "state": "ENABLED", **pick(props, f"{_ENVIRONMENT} Tags")}
    if "ServiceRole" in props:
        given["serviceRole"] = role_arn(ctx, str(props["ServiceRole"]))
    return str(ctx.call("batch", "CreateComputeEnvironment", given)["computeEnvironmentArn"])


def _disable(operation: str, member: str) -> Any:
    def who(ctx: Context, arn: str, _: Props) -> dict[str, Any]:
        """What is to be deleted must be disabled first."""
        ctx.drop("batch", operation, {member: arn, "state": "DISABLED"})
        return {member: arn}

    return who


TYPES = handlers(
    Kind(
        type="AWS::Batch::ComputeEnvironment", service="batch", make=_environment,
        who="computeEnvironment", create="CreateComputeEnvironment",
        delete="DeleteComputeEnvironment", delete_who=_disable("UpdateComputeEnvironment", "computeEnvironment"),
        takes=f"ComputeEnvironmentName {_ENVIRONMENT}",
        steps=(Step(operation="UpdateComputeEnvironment", of="ComputeResources ServiceRole State UnmanagedvCpus"),),
        found={"ComputeEnvironmentArn": "={id}"}, tagging=_TAGGING, tags="map", arn="{id}",
        accepted="ReplaceComputeEnvironment UpdatePolicy",
    ),
    Kind(
        type="AWS::Batch::JobQueue", service="batch", name="JobQueueName", limit=128, id="jobQueueArn",
        fixed={"state": "ENABLED"},
        who="jobQueue", create="CreateJobQueue", delete="DeleteJobQueue",
        delete_who=_disable("UpdateJobQueue", "jobQueue"),
        takes="ComputeEnvironmentOrder Priority SchedulingPolicyArn State", tagging=_TAGGING, tags="map", arn="{id}",
        steps=(Step(operation="UpdateJobQueue", of="ComputeEnvironmentOrder Priority SchedulingPolicyArn State"),),
        found={"JobQueueArn": "={id}"},
    ),
    Kind(
        type="AWS::Batch::JobDefinition", service="batch", who="jobDefinition", create="RegisterJobDefinition",
        delete="DeregisterJobDefinition", takes="JobDefinitionName", make=_register,
        steps=(Own(of=_JOB, settle=_again, replaces=True),), found={"JobDefinitionArn": "={id}"}, tagging=_TAGGING,
        tags="map", arn="{id}",
    ),
)  # fmt: skip
