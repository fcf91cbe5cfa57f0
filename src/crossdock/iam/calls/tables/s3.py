"""S3, general purpose buckets. Source: Amazon S3 User Guide, using-with-s3-policy-actions (which API needs which
action); context keys: Service Authorization Reference, list_amazons3.

Not here, so refused: directory buckets (CreateSession, RenameObject), Object Lambda, S3 Select's successor calls.
"""

from __future__ import annotations

from urllib.parse import parse_qs, unquote

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

BUCKET = ("arn:${Partition}:s3:::{Bucket}",)
OBJECT = ("arn:${Partition}:s3:::{Bucket}/{Key}",)
SOURCE = ("arn:${Partition}:s3:::{SourceBucket}/{SourceKey}",)

ACL = {
    "s3:x-amz-acl": "ACL",
    "s3:x-amz-grant-full-control": "GrantFullControl",
    "s3:x-amz-grant-read": "GrantRead",
    "s3:x-amz-grant-read-acp": "GrantReadACP",
    "s3:x-amz-grant-write": "GrantWrite",
    "s3:x-amz-grant-write-acp": "GrantWriteACP",
}
LOCK = {
    "s3:object-lock-mode": "ObjectLockMode|Retention.Mode",
    "s3:object-lock-retain-until-date": "ObjectLockRetainUntilDate|Retention.RetainUntilDate",
    "s3:object-lock-legal-hold": "ObjectLockLegalHoldStatus|LegalHold.Status",
}
TAGS = {"s3:RequestObjectTag/*": "ObjectTags", "s3:RequestObjectTagKeys": "ObjectTags{}"}
WRITE = (
    ACL
    | LOCK
    | TAGS
    | {
        "s3:x-amz-server-side-encryption": "ServerSideEncryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
        "s3:x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
        "s3:x-amz-storage-class": "StorageClass",
        "s3:x-amz-website-redirect-location": "WebsiteRedirectLocation",
        "s3:x-amz-copy-source": "CopySourceText",
        "s3:x-amz-metadata-directive": "MetadataDirective",
        "s3:if-match": "IfMatch",
        "s3:if-none-match": "IfNoneMatch",
    }
)
LIST = {"s3:prefix": "Prefix", "s3:delimiter": "Delimiter", "s3:max-keys": "MaxKeys"}
GRANTS = "ACL|GrantFullControl|GrantRead|GrantReadACP|GrantWrite|GrantWriteACP"


def bucket(action: str, context: dict[str, str] | None = None) -> Rules:
    return (Rule(f"s3:{action}", BUCKET, context or {}, owner=""),)


def versioned(action: str, of_version: str, context: dict[str, str] | None = None) -> Rules:
    """One action for the current version, another where the request names a version."""
    return (
        Rule(f"s3:{action}", OBJECT, context or {}, ("!VersionId",), owner=""),
        Rule(f"s3:{of_version}", OBJECT, {"s3:VersionId": "VersionId", **(context or {})}, ("VersionId",), owner=""),
    )


def write(*more: Rule) -> Rules:
    """PutObject and what its headers need besides: ACLs, tags, locks."""
    return (
        Rule("s3:PutObject", OBJECT, WRITE, owner=""),
        *more,
        Rule("s3:PutObjectAcl", OBJECT, WRITE, (GRANTS,), owner=""),
        Rule("s3:PutObjectTagging", OBJECT, WRITE, ("ObjectTags",), owner=""),
        Rule("s3:PutObjectRetention", OBJECT, WRITE, ("ObjectLockMode",), owner=""),
        Rule("s3:PutObjectLegalHold", OBJECT, WRITE, ("ObjectLockLegalHoldStatus",), owner=""),
    )


SOURCE_READ = (
    Rule("s3:GetObject", SOURCE, {}, ("!SourceVersionId",), owner=""),
    Rule("s3:GetObjectVersion", SOURCE, {"s3:VersionId": "SourceVersionId"}, ("SourceVersionId",), owner=""),
)
READ = versioned("GetObject", "GetObjectVersion")

_BUCKET_ACTIONS = {
    "Accelerate": ("GetAccelerateConfiguration", "PutAccelerateConfiguration"),
    "Analytics": ("GetAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    "IntelligentTiering": ("GetIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"),
    "Inventory": ("GetInventoryConfiguration", "PutInventoryConfiguration"),
    "Metrics": ("GetMetricsConfiguration", "PutMetricsConfiguration"),
}
_NAMED = {
    # operation's noun -> action's noun; Delete is authorised as Put
    "BucketCors": "BucketCORS",
    "BucketEncryption": "EncryptionConfiguration",
    "BucketLifecycle": "LifecycleConfiguration",
    "BucketLifecycleConfiguration": "LifecycleConfiguration",
    "BucketOwnershipControls": "BucketOwnershipControls",
    "BucketReplication": "ReplicationConfiguration",
    "BucketTagging": "BucketTagging",
    "PublicAccessBlock": "BucketPublicAccessBlock",
}
_SAME = (
    "GetBucketAbac", "PutBucketAbac", "GetBucketLocation", "GetBucketLogging", "PutBucketLogging", "GetBucketPolicy",
    "PutBucketPolicy", "DeleteBucketPolicy", "GetBucketPolicyStatus", "GetBucketRequestPayment",
    "PutBucketRequestPayment", "GetBucketVersioning", "PutBucketVersioning", "GetBucketWebsite", "PutBucketWebsite",
    "DeleteBucketWebsite", "GetBucketAcl", "DeleteBucket",
)

RULES: dict[str, Rules] = {
    "ListBuckets": (Rule("s3:ListAllMyBuckets"),),
    "CreateBucket": (
        Rule("s3:CreateBucket", BUCKET, ACL | {
            "s3:locationconstraint": "CreateBucketConfiguration.LocationConstraint",
            "s3:x-amz-object-ownership": "ObjectOwnership",
            "aws:RequestTag/*": "CreateBucketConfiguration.Tags",
            "aws:TagKeys": "CreateBucketConfiguration.Tags{}",
        }),
        Rule("s3:PutBucketAcl", BUCKET, ACL, (GRANTS,)),
        Rule("s3:PutBucketObjectLockConfiguration", BUCKET, {}, ("ObjectLockEnabledForBucket",)),
        Rule("s3:PutBucketVersioning", BUCKET, {}, ("ObjectLockEnabledForBucket",)),
        Rule("s3:PutBucketOwnershipControls", BUCKET, {}, ("ObjectOwnership",)),
        Rule("s3:TagResource", BUCKET, {"aws:RequestTag/*": "CreateBucketConfiguration.Tags",
             "aws:TagKeys": "CreateBucketConfiguration.Tags{}"}, ("CreateBucketConfiguration.Tags",)),
    ),
    "HeadBucket": bucket("ListBucket"),
    "ListObjects": bucket("ListBucket", LIST),
    "ListObjectsV2": bucket("ListBucket", LIST),
    "ListObjectVersions": bucket("ListBucketVersions", LIST),
    "ListMultipartUploads": bucket("ListBucketMultipartUploads", {"s3:prefix": "Prefix", "s3:delimiter": "Delimiter"}),
    "PutBucketAcl": bucket("PutBucketAcl", ACL),
    "GetBucketNotification": bucket("GetBucketNotification"),
    "GetBucketNotificationConfiguration": bucket("GetBucketNotification"),
    "PutBucketNotification": bucket("PutBucketNotification"),
    "PutBucketNotificationConfiguration": bucket("PutBucketNotification"),
    "GetObjectLockConfiguration": bucket("GetBucketObjectLockConfiguration"),
    "PutObjectLockConfiguration": bucket("PutBucketObjectLockConfiguration"),
    "PutBucketReplication": (
        *bucket("PutReplicationConfiguration"),
        Rule("iam:PassRole", ("{role:ReplicationConfiguration.Role}",), {"iam:PassedToService": "=s3.amazonaws.com"},
             ("ReplicationConfiguration.Role",)),
    ),
    **{name: bucket(name) for name in _SAME},
    **{f"Get{noun}": bucket(f"Get{action}") for noun, action in _NAMED.items()},
    **{f"Put{noun}": bucket(f"Put{action}") for noun, action in _NAMED.items() if noun != "BucketReplication"},
    **{f"Delete{noun}": bucket(f"Put{action}") for noun, action in _NAMED.items() if noun[-13:] != "Configuration"},
    **{f"GetBucket{noun}Configuration": bucket(get) for noun, (get, _) in _BUCKET_ACTIONS.items()},
    **{f"PutBucket{noun}Configuration": bucket(put) for noun, (_, put) in _BUCKET_ACTIONS.items()},
    **{f"DeleteBucket{n}Configuration": bucket(put) for n, (_, put) in _BUCKET_ACTIONS.items() if n != "Accelerate"},
    **{f"ListBucket{n}Configurations": bucket(get) for n, (get, _) in _BUCKET_ACTIONS.items() if n != "Accelerate"},
    "GetObject": READ,
    "HeadObject": READ,
    "SelectObjectContent": (Rule("s3:GetObject", OBJECT, owner=""),),
    "GetObjectAttributes": (*READ, *versioned("GetObjectAttributes", "GetObjectVersionAttributes")),
    "GetObjectAcl": versioned("GetObjectAcl", "GetObjectVersionAcl"),
    "PutObjectAcl": versioned("PutObjectAcl", "PutObjectVersionAcl", ACL),
    "GetObjectTagging": versioned("GetObjectTagging", "GetObjectVersionTagging"),
    "PutObjectTagging": versioned("PutObjectTagging", "PutObjectVersionTagging", TAGS),
    "DeleteObjectTagging": versioned("DeleteObjectTagging", "DeleteObjectVersionTagging"),
    "GetObjectTorrent": (Rule("s3:GetObjectTorrent", OBJECT, owner=""),),
    "GetObjectLegalHold": (Rule("s3:GetObjectLegalHold", OBJECT, owner=""),),
    "PutObjectLegalHold": (Rule("s3:PutObjectLegalHold", OBJECT, LOCK, owner=""),),
    "GetObjectRetention": (Rule("s3:GetObjectRetention", OBJECT, owner=""),),
    "PutObjectRetention": (
        Rule("s3:PutObjectRetention", OBJECT, LOCK, owner=""),
        Rule("s3:BypassGovernanceRetention", OBJECT, {}, ("BypassGovernanceRetention",), owner=""),
    ),
    "RestoreObject": (Rule("s3:RestoreObject", OBJECT, owner=""),),
    "PutObject": write(),
    "CopyObject": write(*SOURCE_READ),
    "CreateMultipartUpload": write(),
    "UploadPart": (Rule("s3:PutObject", OBJECT, owner=""),),
    "UploadPartCopy": (
        Rule("s3:PutObject", OBJECT, {"s3:x-amz-copy-source": "CopySourceText"}, owner=""),
        *SOURCE_READ,
    ),
    "CompleteMultipartUpload": (
        Rule("s3:PutObject", OBJECT, {"s3:if-match": "IfMatch", "s3:if-none-match": "IfNoneMatch"}, owner=""),
    ),
    "AbortMultipartUpload": (Rule("s3:AbortMultipartUpload", OBJECT, owner=""),),
    "ListParts": (Rule("s3:ListMultipartUploadParts", OBJECT, owner=""),),
    "DeleteObject": (
        *versioned("DeleteObject", "DeleteObjectVersion"),
        Rule("s3:BypassGovernanceRetention", OBJECT, {}, ("BypassGovernanceRetention",), owner=""),
    ),
    "DeleteObjects": (
        Rule("s3:DeleteObject", ("arn:${Partition}:s3:::{Bucket}/{@.Key}",), {}, ("!@.VersionId",), "",
             "Delete.Objects"),
        Rule("s3:DeleteObjectVersion", ("arn:${Partition}:s3:::{Bucket}/{@.Key}",), {"s3:VersionId": "@.VersionId"},
             ("@.VersionId",), "", "Delete.Objects"),
        Rule("s3:BypassGovernanceRetention", ("arn:${Partition}:s3:::{Bucket}/{@.Key}",), {},
             ("BypassGovernanceRetention",), "", "Delete.Objects"),
    ),
}


def prepare(operation: str, params: Params) -> Params:  # noqa: ARG001  one signature for all services
    """`CopySource` and tags are strings that say several things."""
    more: dict[str, object] = {}
    source = params.get("CopySource")
    if isinstance(source, str) and source:
        path, _, query = source.partition("?versionId=")
        name, _, key = unquote(path).lstrip("/").partition("/")
        more = {"CopySourceText": source, "SourceBucket": name, "SourceKey": key, "SourceVersionId": query or None}
    elif source:
        more = {
            "CopySourceText": f"{source['Bucket']}/{source['Key']}",
            "SourceBucket": source["Bucket"],
            "SourceKey": source["Key"],
            "SourceVersionId": source.get("VersionId"),
        }
    tags = params.get("Tagging")
    if isinstance(tags, str):
        more["ObjectTags"] = {k: v[0] for k, v in parse_qs(tags, keep_blank_values=True).items()}
    elif tags:
        more["ObjectTags"] = tags.get("TagSet", [])
    return {**params, **more}
