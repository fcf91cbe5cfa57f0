"""AWS::Logs: log groups, streams and filters. Filters are kept and shown; no line is matched against them here."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Step, handlers
from crossdock.local.cloudformation.resources.handler import (
    Context,
    Handler,
    Props,
    changed,
    pick,
    sync_tags,
    tags_of,
    words,
)  # fmt: skip


def _create(ctx: Context, props: Props) -> str:
    name = str(props.get("LogGroupName") or ctx.name(512))
    tags = tags_of(props)
    given = {"logGroupName": name, **({"kmsKeyId": props["KmsKeyId"]} if "KmsKeyId" in props else {})}
    ctx.call("logs", "CreateLogGroup", given, **({"tags": tags} if tags else {}))
    ctx.made(name)
    _settle(ctx, name, {}, props)
    return name


def _settle(ctx: Context, name: str, old: Props, new: Props) -> None:
    if not changed(old, new, "RetentionInDays"):
        return
    if "RetentionInDays" in new:
        ctx.call("logs", "PutRetentionPolicy", {"logGroupName": name, "retentionInDays": new["RetentionInDays"]})
    else:
        ctx.call("logs", "DeleteRetentionPolicy", {"logGroupName": name})


def _update(ctx: Context, name: str, old: Props, new: Props) -> None:
    _settle(ctx, name, old, new)
    if changed(old, new, "KmsKeyId"):
        if "KmsKeyId" in new:
            ctx.call("logs", "AssociateKmsKey", {"logGroupName": name, "kmsKeyId": new["KmsKeyId"]})
        else:
            ctx.call("logs", "DisassociateKmsKey", {"logGroupName": name})
    arn = ctx.arn("logs", f"log-group:{name}")
    sync_tags(
        old, new,
        lambda tags: ctx.call("logs", "TagResource", {"resourceArn": arn, "tags": tags}),
        lambda names: ctx.call("logs", "UntagResource", {"resourceArn": arn, "tagKeys": names}),
    )  # fmt: skip


def _stream(ctx: Context, props: Props) -> str:
    name = str(props.get("LogStreamName") or ctx.name(512))
    ctx.call("logs", "CreateLogStream", {"logGroupName": props["LogGroupName"], "logStreamName": name})
    return name


def _filter(_: Context, name: str, props: Props) -> dict[str, Any]:
    return {"filterName": name, **pick(props, "LogGroupName")}


_METRIC = "FilterPattern MetricTransformations"

TYPES = (
    *handlers(
        Kind(
            type="AWS::Logs::MetricFilter", service="logs", name="FilterName", limit=512, who=_filter,
            create="PutMetricFilter", delete="DeleteMetricFilter", takes=f"LogGroupName {_METRIC}",
            steps=(Step(operation="PutMetricFilter", whole=True, of=_METRIC),),
        ),
        Kind(
            type="AWS::Logs::ResourcePolicy", service="logs", name="PolicyName", limit=255, who="policyName",
            create="PutResourcePolicy", delete="DeleteResourcePolicy", takes="PolicyDocument",
            steps=(Step(operation="PutResourcePolicy", whole=True, of="PolicyDocument"),),
        ),
    ),
    Handler(
        type="AWS::Logs::LogStream",
        emulated=words("LogGroupName LogStreamName"), create=_stream,
        delete=lambda ctx, name, props: ctx.call(
            "logs", "DeleteLogStream", {"logGroupName": props["LogGroupName"], "logStreamName": name}),
    ),
    Handler(
        type="AWS::Logs::LogGroup",
        emulated=words("LogGroupName RetentionInDays KmsKeyId Tags"),
        accepted=words("LogGroupClass"),
        tags="list", create=_create, update=_update,
        delete=lambda ctx, name, _: ctx.call("logs", "DeleteLogGroup", {"logGroupName": name}),
        read=lambda ctx, name, _: {"Arn": ctx.arn("logs", f"log-group:{name}:*")},
    ),
)  # fmt: skip
