"""AWS::Logs: log groups."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.handler import Context, Handler, Props, changed, sync_tags, tags_of, words


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


TYPES = (
    Handler(
        type="AWS::Logs::LogGroup",
        emulated=words("LogGroupName RetentionInDays KmsKeyId Tags"),
        accepted=words("LogGroupClass"),
        tags="list", create=_create, update=_update,
        delete=lambda ctx, name, _: ctx.call("logs", "DeleteLogGroup", {"logGroupName": name}),
        read=lambda ctx, name, _: {"Arn": ctx.arn("logs", f"log-group:{name}:*")},
    ),
)  # fmt: skip
