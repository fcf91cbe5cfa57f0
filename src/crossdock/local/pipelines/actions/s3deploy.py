"""S3 deployment: an artifact becomes an object, or its files do (CodePipeline User Guide, S3 deploy action)."""

from __future__ import annotations

import io
import mimetypes
import zipfile
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import AwsError
from crossdock.local.pipelines.actions.job import ActionError, Job, Result

REQUIRED = ("BucketName", "Extract")
OPTIONAL = ("ObjectKey", "KMSEncryptionKeyARN", "CannedACL", "CacheControl")


def check(action: str, configuration: Mapping[str, str]) -> None:
    """Without extraction the object needs a key."""
    if configuration["Extract"] not in ("true", "false"):
        raise AwsError("InvalidActionDeclarationException", f"Extract of action {action} must be true or false")
    if configuration["Extract"] == "false" and "ObjectKey" not in configuration:
        raise AwsError("InvalidActionDeclarationException", f"Action {action} needs ObjectKey when Extract is false")


def run(job: Job) -> Result:
    where, content = job.configuration, job.read(job.inputs[0].name)
    key = where.get("ObjectKey", "")
    if where["Extract"] == "false":
        _put(job, key, content)
    else:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as bundle:
                for name in bundle.namelist():
                    if not name.endswith("/"):
                        _put(job, f"{key.rstrip('/')}/{name}" if key else name, bundle.read(name))
        except zipfile.BadZipFile as error:
            raise ActionError("InvalidArtifact", f"The artifact {job.inputs[0].name} is not a zip file") from error
    job.run.summary = "Deployment Succeeded"
    return Result()


def _put(job: Job, key: str, content: bytes) -> None:
    where = job.configuration
    more: dict[str, Any] = {}
    if "KMSEncryptionKeyARN" in where:
        more |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": where["KMSEncryptionKeyARN"]}
    if "CannedACL" in where:
        more["ACL"] = where["CannedACL"]
    if "CacheControl" in where:
        more["CacheControl"] = where["CacheControl"]
    kind = mimetypes.guess_type(key)[0]
    if kind and where["Extract"] == "true":
        more["ContentType"] = kind
    job.client("s3").put_object(Bucket=where["BucketName"], Key=key, Body=content, **more)
