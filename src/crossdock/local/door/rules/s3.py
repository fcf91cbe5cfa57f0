"""Buckets: public access is blocked, ACLs are off, and who may not list learns nothing of missing keys.

Rules 20, 99, 100. Sources: S3 User Guide, access-control-block-public-access, about-object-ownership; S3 API, GetObject
("Permissions": 404 with s3:ListBucket, 403 without).
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from crossdock.local.door.denials import denied
from crossdock.local.door.rules.asked import Asked
from crossdock.local.door.rules.public import is_public
from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.identity import Kind
from crossdock.local.store.buckets import OWNER, blocks, ownership

_READS = frozenset({"GetObject", "HeadObject", "GetObjectTagging", "GetObjectAcl", "GetObjectAttributes",
                    "GetObjectRetention", "GetObjectLegalHold", "GetObjectTorrent"})
_WRITES = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload"})
_NAME = re.compile(r"(?!xn--|sthree-|.*(-s3alias|--ol-s3)$|\d+(\.\d+){3}$)[a-z0-9](?!.*\.\.)[a-z0-9.-]{1,61}[a-z0-9]")
"""S3 User Guide, bucketnamingrules."""
_GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")


def check(asked: Asked) -> None:
    """Raises AwsError AccessDenied, AccessControlListNotSupported, InvalidBucketAclWithObjectOwnership,
    InvalidBucketName, InvalidArgument, MethodNotAllowed."""
    bucket = asked.text("Bucket")
    if asked.operation == "PutBucketAbac":
        raise NotEmulated("s3:PutBucketAbac: tags of buckets bear on no decision here")
    if asked.operation == "CreateBucket":
        _new_bucket(asked)
        return
    if not asked.store.objects.owner(bucket):
        return
    _expected(asked, bucket)
    _restricted(asked, bucket)
    if asked.operation == "ListObjectsV2" and not asked.store.objects.is_token(bucket, asked.text("ContinuationToken")):
        raise AwsError("InvalidArgument", "The continuation token provided is incorrect")
    if asked.operation == "PutBucketPolicy":
        _block_public_policy(asked, bucket)
    elif asked.operation in _WRITES or asked.operation in ("PutBucketAcl", "PutObjectAcl"):
        _acls(asked, bucket)
    if asked.operation in _READS:
        _missing(asked, bucket, asked.text("Key"), asked.text("VersionId"))
    elif asked.operation in ("CopyObject", "UploadPartCopy"):
        path, _, version = asked.text("CopySource").partition("?versionId=")
        source, _, key = unquote(path).lstrip("/").partition("/")
        if asked.store.objects.owner(source):
            _restricted(asked, source)
            _missing(asked, source, key, version)


def _expected(asked: Asked, bucket: str) -> None:
    """The bucket is whose the caller thinks (S3 User Guide, bucket-owner-condition)."""
    expected = asked.text("ExpectedBucketOwner")
    if expected and expected != asked.store.objects.owner(bucket):
        raise AwsError("AccessDenied", "Access Denied", 403)


def _restricted(asked: Asked, bucket: str) -> None:
    """RestrictPublicBuckets: a public policy lets in the owner's account and AWS services, nobody else."""
    owner, policy = asked.store.objects.owner(bucket), asked.store.objects.policy(bucket)
    caller = asked.caller
    if caller.account == owner or caller.kind is Kind.SERVICE or policy is None:
        return
    if blocks(asked.store.objects.bucket(bucket), "restrict_public_buckets") and is_public(policy):
        raise denied(f"{_who(asked, bucket)} because public policies are restricted by the RestrictPublicBuckets "
                     "setting in S3 Block Public Access", "rest-xml")


def _block_public_policy(asked: Asked, bucket: str) -> None:
    document = asked.params["Policy"]
    text = document.decode() if isinstance(document, bytes) else str(document)
    if blocks(asked.store.objects.bucket(bucket), "block_public_policy") and is_public(text):
        raise denied(f"{_who(asked, bucket)} because public policies are prevented by the BlockPublicPolicy setting in "
                     "S3 Block Public Access", "rest-xml")


def _who(asked: Asked, bucket: str) -> str:
    resource = asked.asks[0].resource if asked.asks else f"arn:aws:s3:::{bucket}"
    action = asked.asks[0].action if asked.asks else f"s3:{asked.operation}"
    return f'User: {asked.caller.arn} is not authorized to perform: {action} on resource: "{resource}"'


def _new_bucket(asked: Asked) -> None:
    if not _NAME.fullmatch(asked.text("Bucket")):
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.")
    kept = asked.text("ObjectOwnership") or OWNER
    if kept == OWNER and _has_acl(asked) and asked.text("ACL") != "private":
        raise AwsError("InvalidBucketAclWithObjectOwnership",
                       "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")


def _acls(asked: Asked, bucket: str) -> None:
    """Where the bucket's owner owns every object, no ACL is taken but the one that says so."""
    given = _has_acl(asked) or asked.operation in ("PutBucketAcl", "PutObjectAcl")
    if given and asked.text("ACL") != "bucket-owner-full-control" and \
            ownership(asked.store.objects.bucket(bucket)) == OWNER:
        raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs")
    if asked.text("ACL").startswith(("public-", "authenticated-")) and \
            blocks(asked.store.objects.bucket(bucket), "block_public_acls"):
        raise denied(f"{_who(asked, bucket)} because public ACLs are prevented by the BlockPublicAcls setting in S3 "
                     "Block Public Access", "rest-xml")


def _has_acl(asked: Asked) -> bool:
    return any(asked.params.get(member) for member in ("ACL", "AccessControlPolicy", *_GRANTS))


def _missing(asked: Asked, bucket: str, key: str, version: str) -> None:
    if version and asked.operation in ("GetObject", "HeadObject") and \
            asked.store.objects.is_delete_marker(bucket, key, version):
        raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    if key and asked.store.objects.object_encryption(bucket, key, version or None) is None:
        asked.require("s3:ListBucket", f"arn:aws:s3:::{bucket}", asked.store.objects.owner(bucket),
                      why="the object is not there")
