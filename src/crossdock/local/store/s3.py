"""Buckets and objects as the store keeps them: owner, policy, how an object is encrypted, where accesses are logged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend
from moto.s3 import models

from crossdock.local.store.buckets import Bucket


@dataclass(frozen=True, slots=True)
class Encryption:
    """How an object is (or would be) encrypted: `AES256` or `aws:kms` with a key as the request named it."""

    algorithm: str
    key: str = ""
    bucket_key: bool = False

    @property
    def by_kms(self) -> bool:
        return self.algorithm.startswith("aws:kms")


@dataclass(frozen=True, slots=True)
class Logging:
    """Where a bucket's accesses are logged to."""

    bucket: str
    prefix: str


def _no_log(_backend: Any, _request: Any, _bucket: str) -> None:
    """Accesses are logged behind the door, by S3's logging service, which the target's policy must allow."""


class ObjectStore:
    """Reads moto's S3."""

    def __init__(self, partition: str = "aws") -> None:
        self.partition = partition
        models.FakeBucket = Bucket  # the class that moto makes its buckets of
        models.S3Backend.log_incoming_request = _no_log

    def owner(self, bucket: str) -> str:
        """The account of a bucket; empty: no such bucket."""
        found = get_backend("s3").bucket_accounts.get(bucket)
        return str(found[1]) if found else ""

    def bucket(self, name: str) -> Any | None:
        account = self.owner(name)
        return get_backend("s3")[account][self.partition].buckets.get(name) if account else None

    def policy(self, bucket: str) -> str | None:
        found = self.bucket(bucket)
        if found is None or not found.policy:
            return None
        return found.policy.decode() if isinstance(found.policy, bytes) else str(found.policy)

    def region(self, bucket: str) -> str:
        found = self.bucket(bucket)
        return str(found.region_name) if found is not None else ""

    def is_token(self, bucket: str, token: str) -> bool:
        """Whether a listing gave this continuation token; none is none to ask about."""
        return not token or token in get_backend("s3")[self.owner(bucket)][self.partition]._pagination_tokens

    def is_delete_marker(self, bucket: str, key: str, version: str) -> bool:
        found = self.bucket(bucket)
        versions = found.keys.getlist(key, []) if found is not None else []
        return any(isinstance(one, models.FakeDeleteMarker) and one.version_id == version for one in versions)

    def default_encryption(self, bucket: str) -> Encryption:
        """What an upload without a header gets: the bucket's default, else SSE-S3 (S3 UG, default encryption)."""
        found = self.bucket(bucket)
        rules = (getattr(found, "encryption", None) or {}).get("Rule") or {}
        rule = rules[0] if isinstance(rules, list) else rules
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        if not default:
            return Encryption("AES256")
        return Encryption(str(default.get("SSEAlgorithm", "AES256")), str(default.get("KMSMasterKeyID") or ""),
                          str(rule.get("BucketKeyEnabled", "false")).lower() == "true")

    def object_encryption(self, bucket: str, key: str, version: str | None = None) -> Encryption | None:
        """How an object is encrypted; None: no such object."""
        account = self.owner(bucket)
        if not account:
            return None
        found = get_backend("s3")[account][self.partition].get_object(bucket, key, version_id=version)
        if found is None or not hasattr(found, "encryption"):
            return None
        if not found.encryption:
            return Encryption("AES256")
        return Encryption(str(found.encryption), str(found.kms_key_id or ""), bool(found.bucket_key_enabled))

    def logging(self, bucket: str) -> Logging | None:
        found = self.bucket(bucket)
        config = getattr(found, "logging", None) or {}
        if not config.get("TargetBucket"):
            return None
        return Logging(str(config["TargetBucket"]), str(config.get("TargetPrefix") or ""))
