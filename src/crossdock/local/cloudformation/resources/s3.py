"""AWS::S3: buckets and their policies. Bucket properties are the API's bucket sub-resources under other names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from crossdock.local.cloudformation.resources.handler import (
    Context,
    Handler,
    Props,
    pick,
    tag_list,
    tags_of,
    words,
)  # fmt: skip
from crossdock.local.cloudformation.resources.shapes import text
from crossdock.local.engine import NotEmulated


@dataclass(frozen=True, slots=True)
class _Part:
    """One property that is a sub-resource of its own: how to put it, how to take it away."""

    put: str
    member: str
    shape: Callable[[Any], Any]
    drop: str = ""
    empty: Any = None


def _encryption(value: Props) -> dict[str, Any]:
    return {"Rules": [
        {"ApplyServerSideEncryptionByDefault" if key == "ServerSideEncryptionByDefault" else key: item
         for key, item in rule.items()} for rule in value["ServerSideEncryptionConfiguration"]]}  # fmt: skip


def _lifecycle_rule(rule: Props) -> dict[str, Any]:
    made: dict[str, Any] = {"Status": rule["Status"]}
    tags = rule.get("TagFilters", [])
    and_ = {"Prefix": rule["Prefix"]} if rule.get("Prefix") else {}
    made["Filter"] = {"And": {**and_, "Tags": tags}} if tags else {"Prefix": rule.get("Prefix", "")}
    spelled = {"ExpirationInDays": "Days", "ExpirationDate": "Date"}
    given = pick(rule, "ExpirationInDays ExpirationDate ExpiredObjectDeleteMarker")
    if expiration := {spelled.get(key, key): item for key, item in given.items()}:
        made["Expiration"] = expiration
    old_versions = dict(rule.get("NoncurrentVersionExpiration", {}))
    if "NoncurrentVersionExpirationInDays" in rule:
        old_versions = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    if old_versions:
        made["NoncurrentVersionExpiration"] = old_versions
    moves = [*rule.get("Transitions", []), *([rule["Transition"]] if "Transition" in rule else [])]
    if moves:
        made["Transitions"] = [
            {("Days" if key == "TransitionInDays" else "Date" if key == "TransitionDate" else key): item
             for key, item in move.items()} for move in moves]  # fmt: skip
    if "NoncurrentVersionTransitions" in rule:
        made["NoncurrentVersionTransitions"] = [
            {("NoncurrentDays" if key == "TransitionInDays" else key): item for key, item in move.items()}
            for move in rule["NoncurrentVersionTransitions"]]  # fmt: skip
    made.update(pick(rule, "Id AbortIncompleteMultipartUpload"))
    known = words(
        "Status Prefix TagFilters ExpirationInDays ExpirationDate ExpiredObjectDeleteMarker Id Transition Transitions "
        "NoncurrentVersionExpiration NoncurrentVersionExpirationInDays NoncurrentVersionTransitions "
        "AbortIncompleteMultipartUpload"
    )
    for name in rule.keys() - known:
        raise NotEmulated(f"AWS::S3::Bucket.LifecycleConfiguration.Rules.{name}")
    return made


def _cors(value: Props) -> dict[str, Any]:
    spelled = {"MaxAge": "MaxAgeSeconds", "ExposedHeaders": "ExposeHeaders"}
    return {"CORSRules": [{spelled.get(key, key): item for key, item in rule.items()} for rule in value["CorsRules"]]}


def _logging(value: Props) -> dict[str, Any]:
    if "DestinationBucketName" not in value:
        raise NotEmulated("AWS::S3::Bucket.LoggingConfiguration without DestinationBucketName")
    return {"LoggingEnabled": {
        "TargetBucket": value["DestinationBucketName"], "TargetPrefix": value.get("LogFilePrefix", ""),
        **({"TargetObjectKeyFormat": value["TargetObjectKeyFormat"]} if "TargetObjectKeyFormat" in value else {}),
    }}  # fmt: skip


_TARGETS = {
    "LambdaConfigurations": ("LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
    "QueueConfigurations": ("QueueConfigurations", "Queue", "QueueArn"),
    "TopicConfigurations": ("TopicConfigurations", "Topic", "TopicArn"),
}


def _notification(value: Props) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, item in value.items():
        if name == "EventBridgeConfiguration":
            made[name] = {}
            continue
        member, key, arn = _TARGETS[name]
        made[member] = [
            {arn: target[key], "Events": [target["Event"]],
             **({"Filter": {"Key": {"FilterRules": target["Filter"]["S3Key"]["Rules"]}}} if "Filter" in target else {})}
            for target in item
        ]  # fmt: skip
    return made


def _website(value: Props) -> dict[str, Any]:
    """A website's documents are structures of the API; no website is served here."""
    made: dict[str, Any] = {}
    if "IndexDocument" in value:
        made["IndexDocument"] = {"Suffix": value["IndexDocument"]}
    if "ErrorDocument" in value:
        made["ErrorDocument"] = {"Key": value["ErrorDocument"]}
    if "RedirectAllRequestsTo" in value:
        made["RedirectAllRequestsTo"] = value["RedirectAllRequestsTo"]
    if "RoutingRules" in value:
        made["RoutingRules"] = [
            {("Redirect" if key == "RedirectRule" else "Condition" if key == "RoutingRuleCondition" else key): item
             for key, item in rule.items()} for rule in value["RoutingRules"]]  # fmt: skip
    return made


def _same(value: Any) -> Any:
    return value


PARTS: Mapping[str, _Part] = {
    "BucketEncryption": _Part(
        "PutBucketEncryption", "ServerSideEncryptionConfiguration", _encryption, "DeleteBucketEncryption"),
    "VersioningConfiguration": _Part(
        "PutBucketVersioning", "VersioningConfiguration", _same, "", {"Status": "Suspended"}),
    "LifecycleConfiguration": _Part(
        "PutBucketLifecycleConfiguration", "LifecycleConfiguration",
        lambda value: {"Rules": [_lifecycle_rule(rule) for rule in value["Rules"]]}, "DeleteBucketLifecycle"),
    "PublicAccessBlockConfiguration": _Part(
        "PutPublicAccessBlock", "PublicAccessBlockConfiguration", _same, "DeletePublicAccessBlock"),
    "OwnershipControls": _Part(
        "PutBucketOwnershipControls", "OwnershipControls", _same, "DeleteBucketOwnershipControls"),
    "LoggingConfiguration": _Part("PutBucketLogging", "BucketLoggingStatus", _logging, "", {}),
    "NotificationConfiguration": _Part(
        "PutBucketNotificationConfiguration", "NotificationConfiguration", _notification, "", {}),
    "WebsiteConfiguration": _Part("PutBucketWebsite", "WebsiteConfiguration", _website, "DeleteBucketWebsite"),
    "AccelerateConfiguration": _Part(
        "PutBucketAccelerateConfiguration", "AccelerateConfiguration",
        lambda value: {"Status": value["AccelerationStatus"]}, "", {"Status": "Suspended"}),
    "ObjectLockConfiguration": _Part(
        "PutObjectLockConfiguration", "ObjectLockConfiguration", _same, "", {"ObjectLockEnabled": "Enabled"}),
    "CorsConfiguration": _Part("PutBucketCors", "CORSConfiguration", _cors, "DeleteBucketCors"),
}  # fmt: skip


def _acl(canned: str) -> str:
    """`LogDeliveryWrite` -> `log-delivery-write`, as the API spells canned ACLs."""
    return str(xform_name(canned, "-"))


def _create(ctx: Context, props: Props) -> str:
    name = str(props.get("BucketName") or ctx.name(63, lower=True))
    more: dict[str, Any] = {}
    if ctx.region != "us-east-1":
        more["CreateBucketConfiguration"] = {"LocationConstraint": ctx.region}
    if str(props.get("ObjectLockEnabled", "false")).lower() == "true":
        more["ObjectLockEnabledForBucket"] = True
    if "AccessControl" in props:
        more["ACL"] = _acl(props["AccessControl"])
    ctx.call("s3", "CreateBucket", {"Bucket": name}, **more)
    ctx.made(name)
    _update(ctx, name, {}, props)
    return name


def _update(ctx: Context, bucket: str, old: Props, new: Props) -> None:
    for name, part in PARTS.items():
        if old.get(name) == new.get(name):
            continue
        if name in new:
            ctx.call("s3", part.put, {"Bucket": bucket, part.member: part.shape(new[name])})
        elif part.drop:
            ctx.call("s3", part.drop, {"Bucket": bucket})
        else:
            ctx.call("s3", part.put, {"Bucket": bucket, part.member: part.empty})
    if old and old.get("AccessControl") != new.get("AccessControl"):
        ctx.call("s3", "PutBucketAcl", {"Bucket": bucket}, ACL=_acl(new.get("AccessControl", "Private")))
    if tags_of(old) != tags_of(new):
        if tags := tags_of(new):
            ctx.call("s3", "PutBucketTagging", {"Bucket": bucket, "Tagging": {"TagSet": tag_list(tags)}})
        else:
            ctx.call("s3", "DeleteBucketTagging", {"Bucket": bucket})


def _read(ctx: Context, bucket: str, _: Props) -> dict[str, Any]:
    website = f"{bucket}.s3-website-{ctx.region}.amazonaws.com"
    return {
        "Arn": f"arn:{ctx.partition}:s3:::{bucket}", "DomainName": f"{bucket}.s3.amazonaws.com",
        "RegionalDomainName": f"{bucket}.s3.{ctx.region}.amazonaws.com", "WebsiteURL": f"http://{website}",
        "DualStackDomainName": f"{bucket}.s3.dualstack.{ctx.region}.amazonaws.com",
    }  # fmt: skip


def _put_policy(ctx: Context, bucket: str, props: Props) -> str:
    ctx.call("s3", "PutBucketPolicy", {"Bucket": bucket, "Policy": text(props["PolicyDocument"])})
    return bucket


TYPES = (
    Handler(
        type="AWS::S3::Bucket",
        emulated=words("BucketName Tags ObjectLockEnabled AccessControl") | PARTS.keys(),
        tags="list", create=_create, update=_update, read=_read,
        delete=lambda ctx, bucket, _: ctx.call("s3", "DeleteBucket", {"Bucket": bucket}),
    ),
    Handler(
        type="AWS::S3::BucketPolicy",
        emulated=words("Bucket PolicyDocument"),
        create=lambda ctx, props: _put_policy(ctx, str(props["Bucket"]), props),
        update=lambda ctx, bucket, _old, new: _put_policy(ctx, bucket, new),
        delete=lambda ctx, bucket, _: ctx.call("s3", "DeleteBucketPolicy", {"Bucket": bucket}),
    ),
)  # fmt: skip
