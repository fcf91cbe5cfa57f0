"""What a bucket is from its first day: public access blocked, every object its owner's (S3 User Guide,
about-object-ownership and access-control-block-public-access; both since April 2023)."""

from __future__ import annotations

from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3 import models

OWNER = "BucketOwnerEnforced"


class Bucket(models.FakeBucket):  # type: ignore[misc]
    """A bucket that leaves rights to the door: moto would judge by the bucket's policy without its conditions."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.public_access_block = models.PublicAccessBlock(True, True, True, True)
        self.ownership_rule = OWNER

    def get_permission(self, action: str, resource: str) -> PermissionResult:  # noqa: ARG002
        return PermissionResult.PERMITTED


def blocks(bucket: Any, setting: str) -> bool:
    """Whether a setting of Block Public Access (`block_public_policy`, ...) is on for a bucket."""
    return bool(getattr(getattr(bucket, "public_access_block", None), setting, False))


def ownership(bucket: Any) -> str:
    """BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter; without any rule it is the last, as ever."""
    return str(getattr(bucket, "ownership_rule", None) or "ObjectWriter")
