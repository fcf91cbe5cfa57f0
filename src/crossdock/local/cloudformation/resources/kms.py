"""AWS::KMS: keys and aliases."""

from __future__ import annotations

from typing import Any

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
from crossdock.local.cloudformation.resources.shapes import text, truth


def _create_key(ctx: Context, props: Props) -> str:
    tags = [{"TagKey": key, "TagValue": value} for key, value in tags_of(props).items()]
    given = pick(props, "Description KeySpec KeyUsage MultiRegion Origin BypassPolicyLockoutSafetyCheck")
    if "KeyPolicy" in props:
        given["Policy"] = text(props["KeyPolicy"])
    key = str(ctx.call("kms", "CreateKey", given, **({"Tags": tags} if tags else {}))["KeyMetadata"]["KeyId"])
    ctx.made(key)
    _settle_key(ctx, key, {}, props)
    return key


def _settle_key(ctx: Context, key: str, old: Props, new: Props) -> None:
    if truth(new.get("EnableKeyRotation", False)) != truth(old.get("EnableKeyRotation", False)):
        wanted = truth(new.get("EnableKeyRotation", False))
        ctx.call("kms", "EnableKeyRotation" if wanted else "DisableKeyRotation", {"KeyId": key})
    if truth(new.get("Enabled", True)) != truth(old.get("Enabled", True)):
        ctx.call("kms", "EnableKey" if truth(new.get("Enabled", True)) else "DisableKey", {"KeyId": key})


def _update_key(ctx: Context, key: str, old: Props, new: Props) -> None:
    if changed(old, new, "KeyPolicy") and "KeyPolicy" in new:
        ctx.call("kms", "PutKeyPolicy", {"KeyId": key, "PolicyName": "default", "Policy": text(new["KeyPolicy"])})
    if changed(old, new, "Description"):
        ctx.call("kms", "UpdateKeyDescription", {"KeyId": key, "Description": new.get("Description", "")})
    _settle_key(ctx, key, old, new)
    sync_tags(
        old, new,
        lambda tags: ctx.call("kms", "TagResource", {
            "KeyId": key, "Tags": [{"TagKey": k, "TagValue": v} for k, v in tags.items()]}),
        lambda names: ctx.call("kms", "UntagResource", {"KeyId": key, "TagKeys": names}),
    )  # fmt: skip


def _delete_key(ctx: Context, key: str, props: Props) -> None:
    ctx.call("kms", "ScheduleKeyDeletion", {"KeyId": key, **pick(props, "PendingWindowInDays")})


def _read_key(ctx: Context, key: str, _: Props) -> dict[str, Any]:
    return {"Arn": ctx.arn("kms", f"key/{key}"), "KeyId": key}


def _create_alias(ctx: Context, props: Props) -> str:
    ctx.call("kms", "CreateAlias", pick(props, "AliasName TargetKeyId"))
    return str(props["AliasName"])


TYPES = (
    Handler(
        type="AWS::KMS::Key",
        emulated=words("KeyPolicy Description KeySpec KeyUsage MultiRegion Origin EnableKeyRotation Enabled "
                       "BypassPolicyLockoutSafetyCheck PendingWindowInDays Tags"),
        accepted=words("RotationPeriodInDays"),
        tags="list",
        create=_create_key, update=_update_key, delete=_delete_key, read=_read_key,
    ),
    Handler(
        type="AWS::KMS::Alias",
        emulated=words("AliasName TargetKeyId"),
        create=_create_alias,
        update=lambda ctx, alias, _old, new: ctx.call(
            "kms", "UpdateAlias", {"AliasName": alias, "TargetKeyId": new["TargetKeyId"]}),
        delete=lambda ctx, alias, _: ctx.call("kms", "DeleteAlias", {"AliasName": alias}),
    ),
)  # fmt: skip
