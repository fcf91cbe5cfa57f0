"""AWS::WAFv2: web ACLs, IP sets, rule groups, and what they are put on. Kept and shown; no request is inspected."""

from __future__ import annotations

import base64
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Handler, Props, pick, tag_list, tags_of, words

_ACL = ("DefaultAction Description Rules VisibilityConfig CustomResponseBodies CaptchaConfig ChallengeConfig "
        "TokenDomains")
_TAGGING = Tagging(put=("TagResource", "ResourceARN", "Tags"), drop=("UntagResource", "ResourceARN", "TagKeys"))


def _bytes(value: Any) -> Any:
    """Search strings are blobs of the API: text, or base64 under another name."""
    if isinstance(value, list):
        return [_bytes(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: _bytes(item) for key, item in value.items() if key != "SearchStringBase64"}
    if "SearchStringBase64" in value:
        made["SearchString"] = base64.b64decode(str(value["SearchStringBase64"]))
    return made


def _parts(id_: str) -> dict[str, str]:
    """The physical id of all three is `Name|Id|Scope`."""
    name, own, scope = id_.split("|")
    return {"Name": name, "Id": own, "Scope": scope}


def _kind(noun: str, settings: str, more: str = "") -> Kind:
    def create(ctx: Context, props: Props) -> str:
        name = str(props.get("Name") or ctx.name(128))
        given = {"Name": name, **_bytes(pick(props, f"Scope {settings} {more}"))}
        if tags := tags_of(props):
            given["Tags"] = tag_list(tags)
        made = ctx.call("wafv2", f"Create{noun}", given)["Summary"]
        return f"{name}|{made['Id']}|{props['Scope']}"

    def update(ctx: Context, id_: str, _old: Props, new: Props) -> None:
        lock = ctx.call("wafv2", f"Get{noun}", _parts(id_))["LockToken"]
        given = {**_parts(id_), "LockToken": lock, **_bytes(pick(new, settings))}
        ctx.call("wafv2", f"Update{noun}", given)

    def locked(ctx: Context, id_: str, _: Props) -> dict[str, Any]:
        return {**_parts(id_), "LockToken": ctx.call("wafv2", f"Get{noun}", _parts(id_))["LockToken"]}

    return Kind(
        type=f"AWS::WAFv2::{noun}", service="wafv2", who=locked, create=f"Create{noun}", delete=f"Delete{noun}",
        takes=f"Name Scope {more}", make=create, steps=(Own(of=settings, settle=update),),
        read=(f"Get{noun}", noun), read_who=lambda _ctx, id_, _props: _parts(id_), found={"Arn": "ARN", "Id": "Id"},
        tagging=_TAGGING, arn="@Arn",
    )  # fmt: skip


def _associate(ctx: Context, props: Props) -> str:
    ctx.call("wafv2", "AssociateWebACL", pick(props, "WebACLArn ResourceArn"))
    return f"{props['WebACLArn']}|{props['ResourceArn']}"


TYPES = (
    *handlers(
        _kind("WebACL", _ACL),
        _kind("IPSet", "Addresses Description", "IPAddressVersion"),
        _kind("RuleGroup", "Description Rules VisibilityConfig CustomResponseBodies", "Capacity"),
    ),
    Handler(
        type="AWS::WAFv2::WebACLAssociation",
        emulated=words("WebACLArn ResourceArn"), create=_associate,
        delete=lambda ctx, _, props: ctx.drop("wafv2", "DisassociateWebACL", pick(props, "ResourceArn")),
    ),
)  # fmt: skip
