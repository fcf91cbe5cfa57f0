"""Where zones live: a folder, or a bucket and prefix of S3. Jobs know only this interface.

Keys are relative, with slashes. A write is whole or not there: a folder's by renaming, S3's by its own promise.
"""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit


class NotStored(KeyError):
    """There is nothing under this key."""


class Storage(Protocol):
    """What a job may do with a zone."""

    def read(self, key: str) -> bytes: ...
    def write(self, key: str, content: bytes) -> None: ...
    def keys(self, prefix: str) -> Iterator[str]: ...
    def remove(self, key: str) -> None: ...


class Folder:
    """Zones below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise NotStored(key)
        return path

    def read(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotStored(key) from None

    def write(self, key: str, content: bytes) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        unfinished.write_bytes(content)
        unfinished.replace(path)

    def keys(self, prefix: str) -> Iterator[str]:
        """Ascending. A prefix is a text, as in S3: `raw/sur` finds `raw/survey/...`."""
        start = self.root / (prefix.rpartition("/")[0])
        found = (
            p.relative_to(self.root).as_posix() for p in start.rglob("*") if p.is_file() and not p.name.startswith(".")
        )
        return iter(sorted(key for key in found if key.startswith(prefix)))

    def remove(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)


class Bucket:
    """Zones below a prefix of an S3 bucket; `client` is boto3's S3 client."""

    def __init__(self, client: Any, bucket: str, prefix: str = "", kms_key: str = "") -> None:
        self.client, self.bucket, self.prefix, self.kms_key = client, bucket, prefix, kms_key

    def read(self, key: str) -> bytes:
        try:
            content: bytes = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)["Body"].read()
        except self.client.exceptions.NoSuchKey:
            raise NotStored(key) from None
        return content

    def write(self, key: str, content: bytes) -> None:
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key} if self.kms_key else {}
        self.client.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=content, **encryption)

    def keys(self, prefix: str) -> Iterator[str]:
        for page in self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self.prefix + prefix
        ):
            for entry in page.get("Contents", ()):
                yield entry["Key"][len(self.prefix) :]

    def remove(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self.prefix + key)


def opened(url: str, kms_key: str = "") -> Storage:
    """The storage that a URL names: `s3://bucket/prefix/` or a folder's path."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        import boto3

        prefix = parts.path.strip("/")
        return Bucket(boto3.client("s3"), parts.netloc, f"{prefix}/" if prefix else "", kms_key)
    if parts.scheme not in ("", "file"):
        raise ValueError(f"{url}: neither s3:// nor a folder")
    return Folder(Path(parts.path))
