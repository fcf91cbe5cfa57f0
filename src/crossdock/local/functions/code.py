"""Deployment packages: fetched as the caller, unpacked, measured."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.local.engine import AwsError, Call
from crossdock.local.world import World

UNZIPPED_LIMIT = 262_144_000
"""Bytes; Lambda quotas, "Deployment package (.zip file archive) size"."""


@dataclass(frozen=True, slots=True)
class Package:
    """An unpacked package: its folder's name, SHA-256 (base64) and size of the archive in bytes."""

    folder: str
    sha256: str
    size: int


def fetch(world: World, call: Call, code: Mapping[str, Any]) -> bytes:
    """The archive that a call names: inline, or from S3 read as the caller (forward access). Raises AwsError."""
    if code.get("ZipFile"):
        return bytes(code["ZipFile"])
    if not code.get("S3Bucket") or not code.get("S3Key"):
        raise AwsError("InvalidParameterValueException", "Please provide a source for function code.", 400)
    from botocore.exceptions import ClientError

    where = {"Bucket": str(code["S3Bucket"]), "Key": str(code["S3Key"])}
    if code.get("S3ObjectVersion"):
        where["VersionId"] = str(code["S3ObjectVersion"])
    s3 = world.client("s3", call.caller.via("lambda.amazonaws.com"), call.region)
    try:
        return bytes(s3.get_object(**where)["Body"].read())
    except ClientError as error:
        found = error.response["Error"]
        if found["Code"] in ("AccessDenied", "AccessDeniedException"):
            raise AwsError("AccessDeniedException", f"Your access has been denied by S3, please make sure your request "
                           f"credentials have permission to GetObject for {where['Bucket']}/{where['Key']}. S3 Error "
                           f"Code: AccessDenied. S3 Error Message: {found['Message']}", 403) from error
        raise AwsError("InvalidParameterValueException", f"Error occurred while GetObject. S3 Error Code: "
                       f"{found['Code']}. S3 Error Message: {found['Message']}", 400) from error


def unpack(archive: bytes, home: Path) -> Package:
    """Unpack below `home` into a folder named after the content; the same content is unpacked once."""
    digest = hashlib.sha256(archive)
    target = home / digest.hexdigest()[:24]
    if not target.exists():
        home.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=home))
        temporary.chmod(0o755)
        try:
            with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
                if sum(entry.file_size for entry in zipped.infolist()) > UNZIPPED_LIMIT:
                    raise AwsError("InvalidParameterValueException",
                                   f"Unzipped size must be smaller than {UNZIPPED_LIMIT} bytes", 400)
                for entry in zipped.infolist():
                    path = Path(zipped.extract(entry, temporary))
                    mode = entry.external_attr >> 16
                    if mode and path.is_file():
                        path.chmod((mode & 0o777) | 0o400)
        except AwsError:
            shutil.rmtree(temporary)
            raise
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):  # RuntimeError: it is encrypted
            shutil.rmtree(temporary)
            raise AwsError("InvalidParameterValueException",
                           "Could not unzip uploaded file. Please check your file, then try to upload again.", 400) \
                from None
        try:
            temporary.rename(target)
        except OSError:  # another call unpacked the same
            shutil.rmtree(temporary)
    return Package(target.name, base64.b64encode(digest.digest()).decode(), len(archive))
