"""AWS::CloudFront: distributions, origin access, functions. Kept and shown; nothing is served here."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, handlers
from crossdock.local.cloudformation.resources.handler import Context, Handler, Props, tag_list, tags_of, words
from crossdock.local.cloudformation.resources.shapes import truth

_LISTS = {
    "Aliases", "Origins", "OriginGroups", "CacheBehaviors", "CustomErrorResponses", "CustomHeaders", "AllowedMethods",
    "CachedMethods", "TrustedSigners", "TrustedKeyGroups", "LambdaFunctionAssociations", "FunctionAssociations",
    "Headers", "QueryStringCacheKeys", "WhitelistedNames", "OriginSslProtocols",
}
"""What the API writes as `{Quantity, Items}` and CloudFormation as a list."""
_SPELLED = {
    "OriginCustomHeaders": "CustomHeaders", "OriginSSLProtocols": "OriginSslProtocols", "Locations": "Items",
    "AcmCertificateArn": "ACMCertificateArn", "IamCertificateId": "IAMCertificateId",
    "SslSupportMethod": "SSLSupportMethod", "IPV6Enabled": "IsIPV6Enabled",
}


def _wrapped(value: Any, name: str = "") -> Any:
    """A configuration as the API writes it."""
    if isinstance(value, list):
        items = [_wrapped(item) for item in value]
        return {"Quantity": len(items), "Items": items} if name in _LISTS else items
    if not isinstance(value, dict):
        return value
    spelled = {str(_SPELLED.get(key, key)): item for key, item in value.items()}
    return {key: _wrapped(item, key) for key, item in spelled.items()}


def _behaviour(value: Any) -> Any:
    """Cached methods stand below the allowed ones in the API; cookies have names below `Forward`."""
    if not isinstance(value, dict):
        return value
    made = dict(value)
    if "ForwardedValues" in made:
        # CloudFormation reference, ForwardedValues: cookies are optional there, and not in the API.
        made["ForwardedValues"] = {"Cookies": {"Forward": "none"}, **made["ForwardedValues"]}
    cached = made.pop("CachedMethods", None)
    if cached is not None:
        allowed = made.get("AllowedMethods", {"Quantity": 2, "Items": ["GET", "HEAD"]})
        made["AllowedMethods"] = {**allowed, "CachedMethods": cached}
    return made


def _config(props: Props, reference: str) -> dict[str, Any]:
    given = props["DistributionConfig"]
    made: dict[str, Any] = _wrapped(given)
    made["DefaultCacheBehavior"] = _behaviour(made.get("DefaultCacheBehavior"))
    for origin in (made.get("Origins") or {}).get("Items", ()):
        # CloudFormation reference, CustomOriginConfig: the ports have defaults, which the API has not.
        if "CustomOriginConfig" in origin:
            origin["CustomOriginConfig"] = {"HTTPPort": 80, "HTTPSPort": 443, **origin["CustomOriginConfig"]}
    if "CacheBehaviors" in made:
        made["CacheBehaviors"]["Items"] = [_behaviour(one) for one in made["CacheBehaviors"]["Items"]]
    if "Restrictions" in made:
        limits = made["Restrictions"].get("GeoRestriction", {})
        limits["Quantity"] = len(limits.get("Items", []))
    made["Enabled"] = truth(made.get("Enabled", True))
    return {"Comment": "", **made, "CallerReference": reference}


def _create(ctx: Context, props: Props) -> str:
    given = {"DistributionConfig": _config(props, secrets.token_hex(12))}
    answer = ctx.call("cloudfront", "CreateDistribution", given)
    distribution = answer["Distribution"]
    ctx.made(str(distribution["Id"]))
    _tag(ctx, str(distribution["Id"]), {}, props)
    return str(distribution["Id"])


def _arn(ctx: Context, id_: str) -> str:
    return f"arn:{ctx.partition}:cloudfront::{ctx.account}:distribution/{id_}"


def _tag(ctx: Context, id_: str, old: Props, new: Props) -> None:
    if gone := sorted(tags_of(old).keys() - tags_of(new).keys()):
        ctx.call("cloudfront", "UntagResource", {"Resource": _arn(ctx, id_), "TagKeys": {"Items": gone}})
    if after := tags_of(new):
        ctx.call("cloudfront", "TagResource", {"Resource": _arn(ctx, id_), "Tags": {"Items": tag_list(after)}})


def _update(ctx: Context, id_: str, old: Props, new: Props) -> None:
    held = ctx.call("cloudfront", "GetDistributionConfig", {"Id": id_})
    reference = held["DistributionConfig"]["CallerReference"]
    given = {"Id": id_, "IfMatch": held["ETag"], "DistributionConfig": _config(new, reference)}
    ctx.call("cloudfront", "UpdateDistribution", given)
    _tag(ctx, id_, old, new)


def _delete(ctx: Context, id_: str, props: Props) -> None:
    """A distribution must be disabled before it can go."""
    held = ctx.call("cloudfront", "GetDistributionConfig", {"Id": id_})
    config = {**_config(props, held["DistributionConfig"]["CallerReference"]), "Enabled": False}
    answer = ctx.call("cloudfront", "UpdateDistribution", {
        "Id": id_, "IfMatch": held["ETag"], "DistributionConfig": config})
    ctx.call("cloudfront", "DeleteDistribution", {"Id": id_, "IfMatch": answer["ETag"]})


def _control(ctx: Context, id_: str, _old: Props, new: Props) -> None:
    tag = ctx.call("cloudfront", "GetOriginAccessControl", {"Id": id_})["ETag"]
    ctx.call("cloudfront", "UpdateOriginAccessControl", {
        "Id": id_, "IfMatch": tag, "OriginAccessControlConfig": new["OriginAccessControlConfig"]})


def _matched(ctx: Context, id_: str, _: Props) -> dict[str, Any]:
    return {"Id": id_, "IfMatch": ctx.call("cloudfront", "GetOriginAccessControl", {"Id": id_})["ETag"]}


def _policy(value: Any) -> Any:
    """A policy's configuration as the API writes it: lists with the number of what is in them."""
    match value:
        case {"Items": list(items), **rest} if not rest:
            return {"Quantity": len(items), "Items": [_policy(one) for one in items]}
        case list():
            return {"Quantity": len(value), "Items": [_policy(one) for one in value]}
        case dict():
            return {key: _policy(item) for key, item in value.items()}
        case _:
            return value


def _kept(noun: str, shaped: Callable[[Any], Any]) -> Kind:
    """A type that is one configuration, changed and deleted by the tag of its latest version."""
    config = f"{noun}Config"

    def version(ctx: Context, id_: str) -> str:
        return str(ctx.call("cloudfront", f"Get{noun}", {"Id": id_})["ETag"])

    def create(ctx: Context, props: Props) -> str:
        given = shaped(props[config])
        if noun == "CloudFrontOriginAccessIdentity":
            given = {**given, "CallerReference": secrets.token_hex(12)}
        return str(ctx.call("cloudfront", f"Create{noun}", {config: given})[noun]["Id"])

    def settle(ctx: Context, id_: str, _old: Props, new: Props) -> None:
        given = shaped(new[config])
        if noun == "CloudFrontOriginAccessIdentity":
            held = ctx.call("cloudfront", f"Get{noun}", {"Id": id_})[noun][config]
            given = {**given, "CallerReference": held["CallerReference"]}
        ctx.call("cloudfront", f"Update{noun}", {"Id": id_, "IfMatch": version(ctx, id_), config: given})

    return Kind(
        type=f"AWS::CloudFront::{noun}", service="cloudfront", create=f"Create{noun}", delete=f"Delete{noun}", takes="",
        make=create, steps=(Own(of=config, settle=settle),), read=(f"Get{noun}", noun), read_who="Id",
        who=lambda ctx, id_, _: {"Id": id_, "IfMatch": version(ctx, id_)},
        found={"Id": "={id}", "S3CanonicalUserId": "S3CanonicalUserId"},
    )


def _create_function(ctx: Context, props: Props) -> str:
    name = str(props.get("Name") or ctx.name(64))
    arn = f"arn:{ctx.partition}:cloudfront::{ctx.account}:function/{name}"
    ctx.call("cloudfront", "CreateFunction", {"Name": name, "FunctionConfig": props["FunctionConfig"]},
             FunctionCode=str(props["FunctionCode"]).encode())
    ctx.made(arn)
    _publish(ctx, name, props)
    return arn


def _publish(ctx: Context, name: str, props: Props) -> None:
    if truth(props.get("AutoPublish", False)):
        tag = ctx.call("cloudfront", "DescribeFunction", {"Name": name})["ETag"]
        ctx.call("cloudfront", "PublishFunction", {"Name": name, "IfMatch": tag})


def _delete_function(ctx: Context, arn: str, _: Props) -> None:
    name = arn.rpartition("/")[2]
    tag = ctx.call("cloudfront", "DescribeFunction", {"Name": name})["ETag"]
    ctx.call("cloudfront", "DeleteFunction", {"Name": name, "IfMatch": tag})


TYPES = (
    Handler(
        type="AWS::CloudFront::Function", emulated=words("Name FunctionConfig FunctionCode AutoPublish"),
        create=_create_function, delete=_delete_function,
        read=lambda _ctx, arn, _props: {"FunctionARN": arn},
    ),
    Handler(
        type="AWS::CloudFront::Distribution",
        emulated=words("DistributionConfig Tags"), tags="list", create=_create, delete=_delete,
        update=_update,
        read=lambda ctx, id_, _: {"Id": id_, "DomainName": ctx.call(
            "cloudfront", "GetDistribution", {"Id": id_})["Distribution"]["DomainName"]},
    ),
    *handlers(
        *(_kept(noun, _policy) for noun in ("CachePolicy", "OriginRequestPolicy", "ResponseHeadersPolicy")),
        _kept("CloudFrontOriginAccessIdentity", dict),
        Kind(
            type="AWS::CloudFront::OriginAccessControl", service="cloudfront", id="OriginAccessControl.Id",
            who=_matched, create="CreateOriginAccessControl", delete="DeleteOriginAccessControl", takes="",
            make=lambda ctx, props: str(ctx.call("cloudfront", "CreateOriginAccessControl", {
                "OriginAccessControlConfig": props["OriginAccessControlConfig"]})["OriginAccessControl"]["Id"]),
            steps=(Own(of="OriginAccessControlConfig", settle=_control),), found={"Id": "={id}"},
        ),
    ),
)  # fmt: skip
