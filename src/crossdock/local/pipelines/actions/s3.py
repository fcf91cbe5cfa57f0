"""S3 source: an object of a versioned bucket as it is (rule S2; CodePipeline User Guide, S3 source action)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.pipelines.actions.job import ActionError, Job, Result
from crossdock.local.pipelines.state import Revision

if TYPE_CHECKING:
    from crossdock.local.world import World


def head(_: World, client: Callable[[str], Any], configuration: Mapping[str, str]) -> str:
    """The object's latest version."""
    answer = client("s3").head_object(Bucket=configuration["S3Bucket"], Key=configuration["S3ObjectKey"])
    return str(answer.get("VersionId", ""))


def run(job: Job) -> Result:
    """Copy the object's latest version (or the version asked for) to the output artifact."""
    bucket, key, s3 = job.configuration["S3Bucket"], job.configuration["S3ObjectKey"], job.client("s3")
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        raise ActionError(
            "InvalidActionConfiguration", f"The bucket {bucket} is not versioned: a source's bucket must be"
        )
    found = s3.get_object(Bucket=bucket, Key=key, **({"VersionId": job.override} if job.override else {}))
    job.write(job.outputs[0], found["Body"].read())
    version = str(found["VersionId"])
    job.run.summary, job.run.external_id = f"Amazon S3 version id: {version}", version
    return Result(
        variables={"ETag": str(found["ETag"]).strip('"'), "VersionId": version},
        revision=Revision(id=version, summary=job.run.summary),
    )
