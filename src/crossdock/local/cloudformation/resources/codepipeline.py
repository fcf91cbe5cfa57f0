"""AWS::CodePipeline: pipelines and webhooks. A template keeps an action's provider and names in objects that the API
writes flat."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.handler import (
    Context,
    Failed,
    Handler,
    Props,
    pick,
    sync_tags,
    tag_list,
    tags_of,
    words,
)  # fmt: skip
from crossdock.local.cloudformation.resources.shapes import truth
from crossdock.local.engine import NotEmulated


def _structure(name: str, props: Props) -> dict[str, Any]:
    given = pick(props, "RoleArn ArtifactStore PipelineType ExecutionMode Variables Triggers")
    given["Name"] = name
    given["Stages"] = [_stage(stage) for stage in props["Stages"]]
    if "ArtifactStores" in props:
        given["ArtifactStores"] = {store["Region"]: store["ArtifactStore"] for store in props["ArtifactStores"]}
    return given


def _stage(stage: Props) -> dict[str, Any]:
    return {**stage, "Actions": [_action(action) for action in stage["Actions"]]}


def _action(action: Props) -> dict[str, Any]:
    return {**action, **({"Configuration": _text_map(action["Configuration"])} if "Configuration" in action else {})}


def _text_map(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotEmulated("AWS::CodePipeline::Pipeline action Configuration that is no object")
    return value


def _create(ctx: Context, props: Props) -> str:
    name = str(props.get("Name") or ctx.name(100))
    given = {"Pipeline": _structure(name, props), "Tags": tag_list(tags_of(props))}
    ctx.call("codepipeline", "CreatePipeline", given)
    ctx.made(name)
    _settle_transitions(ctx, name, {}, props)
    return name


def _update(ctx: Context, name: str, old: Props, new: Props) -> None:
    if _structure(name, old) != _structure(name, new):
        ctx.call("codepipeline", "UpdatePipeline", {"Pipeline": _structure(name, new)})
    _settle_transitions(ctx, name, old, new)
    arn = ctx.arn("codepipeline", name)
    sync_tags(
        old, new,
        lambda tags: ctx.call("codepipeline", "TagResource", {"ResourceArn": arn, "Tags": tag_list(tags)}),
        lambda names: ctx.call("codepipeline", "UntagResource", {"ResourceArn": arn, "TagKeys": names}),
    )  # fmt: skip


def _settle_transitions(ctx: Context, name: str, old: Props, new: Props) -> None:
    before = {t["StageName"]: t["Reason"] for t in old.get("DisableInboundStageTransitions", [])}
    after = {t["StageName"]: t["Reason"] for t in new.get("DisableInboundStageTransitions", [])}
    for stage in before.keys() - after.keys():
        given = {"PipelineName": name, "StageName": stage, "TransitionType": "Inbound"}
        ctx.call("codepipeline", "EnableStageTransition", given)
    for stage, reason in after.items():
        if before.get(stage) != reason:
            given = {"PipelineName": name, "StageName": stage, "TransitionType": "Inbound", "Reason": reason}
            ctx.call("codepipeline", "DisableStageTransition", given)


def _read(ctx: Context, name: str, _: Props) -> dict[str, Any]:
    return {"Version": str(ctx.call("codepipeline", "GetPipeline", {"Name": name})["pipeline"].get("version", 1))}


def _put_webhook(ctx: Context, name: str, props: Props) -> None:
    given = {"Name": name, **pick(props, "TargetPipeline TargetAction Filters Authentication "
                                         "AuthenticationConfiguration")}
    ctx.call("codepipeline", "PutWebhook", {"Webhook": given, "Tags": tag_list(tags_of(props))})


def _create_webhook(ctx: Context, props: Props) -> str:
    name = str(props.get("Name") or ctx.name(100))
    _put_webhook(ctx, name, props)
    ctx.made(name)
    if truth(props.get("RegisterWithThirdParty", False)):
        ctx.call("codepipeline", "RegisterWebhookWithThirdParty", {"WebhookName": name})
    return name


def _update_webhook(ctx: Context, name: str, old: Props, new: Props) -> None:
    _put_webhook(ctx, name, new)
    before, after = (truth(props.get("RegisterWithThirdParty", False)) for props in (old, new))
    if before != after:
        operation = f"{'Register' if after else 'Deregister'}WebhookWithThirdParty"
        ctx.call("codepipeline", operation, {"WebhookName": name})
    arn = ctx.arn("codepipeline", f"webhook:{name}")
    sync_tags(
        old, new,
        lambda tags: ctx.call("codepipeline", "TagResource", {"ResourceArn": arn, "Tags": tag_list(tags)}),
        lambda names: ctx.call("codepipeline", "UntagResource", {"ResourceArn": arn, "TagKeys": names}),
    )  # fmt: skip


def _delete_webhook(ctx: Context, name: str, props: Props) -> None:
    if truth(props.get("RegisterWithThirdParty", False)):
        ctx.drop("codepipeline", "DeregisterWebhookWithThirdParty", {"WebhookName": name})
    ctx.call("codepipeline", "DeleteWebhook", {"Name": name})


def _read_webhook(ctx: Context, name: str, _: Props) -> dict[str, Any]:
    pages = ctx.client("codepipeline").get_paginator("list_webhooks").paginate()
    held = {one["definition"]["name"]: one for page in pages for one in page["webhooks"]}
    if name not in held:
        raise Failed(f"The webhook {name} does not exist")
    return {"Url": held[name]["url"], "Id": name}


TYPES = (
    Handler(
        type="AWS::CodePipeline::Webhook",
        emulated=words("Name Authentication AuthenticationConfiguration Filters TargetPipeline TargetAction "
                       "RegisterWithThirdParty Tags"),
        accepted=words("TargetPipelineVersion"),
        tags="list", create=_create_webhook, update=_update_webhook, read=_read_webhook, delete=_delete_webhook,
    ),
    Handler(
        type="AWS::CodePipeline::Pipeline",
        emulated=words("Name RoleArn ArtifactStore ArtifactStores Stages PipelineType ExecutionMode Variables Triggers "
                       "DisableInboundStageTransitions Tags"),
        accepted=words("RestartExecutionOnUpdate"),
        tags="list", create=_create, update=_update, read=_read,
        delete=lambda ctx, name, _: ctx.call("codepipeline", "DeletePipeline", {"Name": name}),
    ),
)  # fmt: skip
