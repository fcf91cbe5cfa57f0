"""Names that are taken: a creation fails on them, also where the service's own call would accept the name again.

Source: CloudFormation CLI User Guide, "Resource type handler contract", create handlers (AlreadyExists for a resource
that existed before the request); the words are those of CloudFormation's events.
"""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import ClientError

from crossdock.local.cloudformation.resources.handler import Context, Failed, code
from crossdock.local.cloudformation.run import handler_code
from crossdock.local.cloudformation.state import Resource
from crossdock.local.engine import AwsError
from crossdock.template import schema

_HERE = "arn:{partition}:%s:{region}:{account}:%s"
_PLACES: Mapping[str, tuple[str, str]] = {
    "AWS::CloudWatch::Alarm": ("AlarmName", _HERE % ("cloudwatch", "alarm:{name}")),
    "AWS::CloudWatch::Dashboard": ("DashboardName", "arn:{partition}:cloudwatch::{account}:dashboard/{name}"),
    "AWS::ECS::Cluster": ("ClusterName", _HERE % ("ecs", "cluster/{name}")),
    "AWS::Events::Rule": ("Name", _HERE % ("events", "rule/{bus}{name}")),
    "AWS::Logs::LogGroup": ("LogGroupName", _HERE % ("logs", "log-group:{name}")),
    "AWS::S3::Bucket": ("BucketName", "arn:{partition}:s3:::{name}"),
    "AWS::SNS::Topic": ("TopicName", _HERE % ("sns", "{name}")),
    "AWS::SQS::Queue": ("QueueName", _HERE % ("sqs", "{name}")),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", _HERE % ("states", "stateMachine:{name}")),
}
"""Type -> the property that names it, and the ARN that it has then. Beside log groups, these are the types whose
services take a second creation for the first one."""

_WORDS: Mapping[str, str] = {
    "AWS::Logs::LogGroup": "Resource of type '{type}' with identifier '{{\"/properties/LogGroupName\":\"{name}\"}}' "
                           "already exists.",
    "AWS::S3::Bucket": "{name} already exists (Service: S3, Status Code: 0, Request ID: null)",
    "AWS::SNS::Topic": "{name} already exists",
}
_ELSE = "Resource of type '{type}' with identifier '{name}' already exists."


def check(ctx: Context, resource: Resource) -> None:
    """Raises Failed or AwsError when the name that a template gives a resource is taken and its service would not say
    so. Whoever asks, no rights are needed to be told: that something is in the way is all that the answer says."""
    world, kind, name = ctx.engine.world, resource.type, name_of(resource)
    bucket = resource.properties.get("Bucket") if kind == "AWS::S3::BucketPolicy" else None
    if bucket and world.resource_policy(f"arn:{ctx.partition}:s3:::{bucket}") is not None:
        raise AwsError("AlreadyExists", f"The bucket policy already exists on bucket {bucket}.")
    if not name or kind not in _PLACES:
        return
    bus = resource.properties.get("EventBusName", "default")
    arn = _PLACES[kind][1].format(
        partition=ctx.partition, region=ctx.region, account=ctx.account, name=name,
        bus="" if bus == "default" else f"{bus}/",
    )  # fmt: skip
    if world.holds(arn):
        raise _held_by_a_stack(ctx, resource, name) or AwsError(
            "AlreadyExists", _WORDS.get(kind, _ELSE).format(type=kind, name=name))


def told(ctx: Context, resource: Resource, error: Exception) -> Exception:
    """What a failed creation is told with: where its service says that the name is taken, by the stack that has it."""
    name = name_of(resource)
    if isinstance(error, ClientError) and name and handler_code(code(error)) == "AlreadyExists":
        return _held_by_a_stack(ctx, resource, name) or error
    return error


def name_of(resource: Resource) -> str:
    """The name that the template gives the resource, where it identifies it; empty for all others."""
    if resource.type in _PLACES:
        return str(resource.properties.get(_PLACES[resource.type][0], ""))
    facts = schema.of(resource.type)
    keys = facts.primary_identifier if facts else ()
    return str(resource.properties.get(keys[0], "")) if len(keys) == 1 and keys[0].endswith("Name") else ""


def _held_by_a_stack(ctx: Context, resource: Resource, name: str) -> Failed | None:
    for stack in ctx.engine.of(ctx.account, ctx.region):
        if stack.status == "DELETE_COMPLETE":
            continue
        for held in [*stack.resources.copy().values(), *stack.garbage]:
            same = held.type == resource.type and held.physical_id and held.status not in _GONE
            if same and held is not resource and name_of(held) == name and _bus(held) == _bus(resource):
                return Failed(f"{name} already exists in stack {stack.id}")
    return None


_GONE = ("DELETE_COMPLETE", "DELETE_SKIPPED")


def _bus(resource: Resource) -> str:
    """Rules have names of their own on each bus."""
    return str(resource.properties.get("EventBusName", "default")) if resource.type == "AWS::Events::Rule" else ""
