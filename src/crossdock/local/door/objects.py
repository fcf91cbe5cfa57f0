"""What S3 asks of KMS on behalf of its caller (rules 91, 97): an SSE-KMS object needs the key as well as the bucket.

S3 User Guide, "Using server-side encryption with AWS KMS keys": GetObject needs kms:Decrypt, PutObject
kms:GenerateDataKey, multipart upload both, as forward access sessions with kms:ViaService and the encryption context
`aws:s3:arn` (the object's ARN, or the bucket's with Bucket Keys).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from crossdock.iam.calls import Ask
from crossdock.local.door.wire import Wire
from crossdock.local.engine import AwsError
from crossdock.local.store import Store
from crossdock.local.store.s3 import Encryption

MANAGED = "alias/aws/s3"


def key_asks(store: Store, operation: str, params: Mapping[str, Any], *, account: str, region: str) -> Iterator[Ask]:
    """The kms asks of one S3 operation. Raises AwsError when the key doesn't exist or can't be used."""
    bucket = str(params.get("Bucket", ""))
    if not store.objects.owner(bucket):
        return
    here = f"arn:aws:s3:::{bucket}/{params.get('Key', '')}"
    match operation:
        case "GetObject" | "GetObjectTorrent":
            found = store.objects.object_encryption(bucket, str(params["Key"]), params.get("VersionId"))
            yield from _asks(store, found, ("kms:Decrypt",), bucket, here, account, region)
        case "PutObject":
            yield from _asks(store, _wanted(store, params), ("kms:GenerateDataKey",), bucket, here, account, region)
        case "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload" | "UploadPartCopy":
            both = ("kms:GenerateDataKey", "kms:Decrypt")
            yield from _asks(store, _wanted(store, params), both, bucket, here, account, region)
        case "CopyObject":
            source = unquote(str(params["CopySource"])).lstrip("/").partition("?versionId=")
            from_bucket, _, from_key = source[0].partition("/")
            found = store.objects.object_encryption(from_bucket, from_key, source[2] or None)
            yield from _asks(store, found, ("kms:Decrypt",), from_bucket, f"arn:aws:s3:::{from_bucket}/{from_key}",
                             account, region)
            yield from _asks(store, _wanted(store, params), ("kms:GenerateDataKey",), bucket, here, account, region)
        case _:
            return


def with_key(store: Store, wire: Wire, operation: str, params: Mapping[str, Any], *, account: str, region: str) -> Wire:
    """The request with the key that it encrypts with by ARN: names of keys are those of the writer's account, whoever
    reads later (S3 User Guide, UsingKMSEncryption; without a name it is aws/s3 of the writer's account)."""
    if operation not in ("PutObject", "CreateMultipartUpload", "CopyObject"):
        return wire
    found = _wanted(store, params)
    if not found.by_kms:
        return wire
    region = store.objects.region(str(params["Bucket"])) or region
    arn = store.keys.resolve(found.key or MANAGED, account=account, region=region)
    if arn is None:
        return wire
    named = {"x-amz-server-side-encryption": found.algorithm, "x-amz-server-side-encryption-aws-kms-key-id": arn}
    if found.bucket_key:
        named["x-amz-server-side-encryption-bucket-key-enabled"] = "true"
    return replace(wire, headers={**wire.headers, **named})


def _wanted(store: Store, params: Mapping[str, Any]) -> Encryption:
    """How an upload will be encrypted: by its headers, else by the bucket's default."""
    algorithm = params.get("ServerSideEncryption")
    default = store.objects.default_encryption(str(params["Bucket"]))
    if not algorithm:
        return default
    key = str(params.get("SSEKMSKeyId") or (default.key if default.by_kms else ""))
    asked = params.get("BucketKeyEnabled")
    return Encryption(str(algorithm), key, default.bucket_key if asked is None else str(asked).lower() == "true")


def _asks(
    store: Store, encryption: Encryption | None, actions: tuple[str, ...], bucket: str, object_arn: str, account: str,
    region: str,
) -> Iterator[Ask]:
    if encryption is None or not encryption.by_kms:
        return
    region = store.objects.region(bucket) or region
    arn = store.keys.resolve(encryption.key or MANAGED, account=account, region=region)
    if arn is None:
        named = encryption.key if encryption.key.startswith("arn:") else \
            f"arn:aws:kms:{region}:{account}:key/{encryption.key}"
        raise AwsError("KMS.NotFoundException", f"Key '{named}' does not exist", 400)
    if state := store.keys.usable(arn):
        raise AwsError("KMS.DisabledException" if state == "Disabled" else "KMS.KMSInvalidStateException",
                       f"{arn} is {'disabled' if state == 'Disabled' else 'pending deletion'}.", 400)
    context_arn = f"arn:aws:s3:::{bucket}" if encryption.bucket_key else object_arn
    for action in actions:
        context: dict[str, str | tuple[str, ...]] = {
            "kms:EncryptionContext:aws:s3:arn": context_arn, "kms:EncryptionContextKeys": ("aws:s3:arn",),
        }
        yield Ask(action=action, resource=arn, account=arn.split(":")[4], context=context)
