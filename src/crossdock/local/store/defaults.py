"""What AWS answers where a request said nothing, and moto nothing or something else."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from moto.iam import models as iam
from moto.kms.models import KmsBackend
from moto.s3.models import FakeKey, S3Backend

from crossdock.local.store import managed

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PREFIXES = {iam.User: "AIDA", iam.Group: "AGPA", iam.InstanceProfile: "AIPA"}
"""IAM User Guide, reference_identifiers, "Understanding unique ID prefixes"."""


def apply() -> None:
    """Once, before the store is used."""
    if hasattr(S3Backend, "encryption_as_put"):
        return
    managed.apply()
    S3Backend.encryption_as_put = S3Backend.get_bucket_encryption
    S3Backend.get_bucket_encryption = _encryption
    _correct(FakeKey, "__init__", _encrypted)
    _correct(KmsBackend, "create_key", _create_key)
    for kind, prefix in _PREFIXES.items():
        _correct(kind, "__init__", _identified(prefix))


def _correct(kind: type[Any], name: str, correction: Callable[..., Any]) -> None:
    """Replace a method by one that gets the original first."""
    original = getattr(kind, name)

    def corrected(self: Any, *given: Any, **named: Any) -> Any:
        return correction(original, self, *given, **named)

    setattr(kind, name, corrected)


def _encryption(self: Any, bucket_name: str) -> dict[str, Any]:
    """SSE-S3, of every bucket since January 2023 (S3 User Guide, bucket-encryption)."""
    found: dict[str, Any] | None = self.encryption_as_put(bucket_name)
    return found or {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                              "BucketKeyEnabled": "false"}}


def _encrypted(original: Callable[..., None], self: Any, *given: Any, **named: Any) -> None:
    original(self, *given, **named)
    self.encryption = self.encryption or "AES256"


def _create_key(
    original: Callable[..., Any], self: Any, policy: Any, key_usage: str | None, key_spec: Any, description: Any,
    tags: Any, multi_region: bool | None = None, *rest: Any,
) -> Any:
    """KMS API, CreateKey: KeyUsage and MultiRegion."""
    usage = key_usage or "ENCRYPT_DECRYPT"
    return original(self, policy, usage, key_spec, description, tags, bool(multi_region), *rest)


def _identified(prefix: str) -> Callable[..., None]:
    def init(original: Callable[..., None], self: Any, *given: Any, **named: Any) -> None:
        original(self, *given, **named)
        self.id = prefix + "".join(secrets.choice(_LETTERS) for _ in range(17))

    return init
