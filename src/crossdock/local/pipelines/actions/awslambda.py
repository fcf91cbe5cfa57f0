"""Lambda invocation (rule D4; CodePipeline User Guide, Lambda action reference): asynchronous, ended by
PutJobSuccessResult or PutJobFailureResult."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock.local.pipelines.actions.job import ActionError, Job, Result
from crossdock.local.pipelines.state import Artifact

REPLY_TIMEOUT, TOTAL_TIMEOUT, RETRY_PAUSE = 20 * 60.0, 24 * 3600.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What the function reported of a job. A continuation token means: ask me again."""

    succeeded: bool
    summary: str = ""
    code: str = ""
    external_id: str = ""
    continuation: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


def run(job: Job) -> Result:
    """Invoke the function with a job, and wait for its report."""
    end, continuation = time.monotonic() + TOTAL_TIMEOUT, ""
    job.run.external_id = job.run.id
    functions: Any = job.world.engine("lambda")
    functions.must_run(job.caller.account, job.region, job.configuration["FunctionName"])
    while True:
        event = {"CodePipeline.job": {"id": job.run.id, "accountId": job.account, "data": _data(job, continuation)}}
        job.client("lambda").invoke(
            FunctionName=job.configuration["FunctionName"], InvocationType="Event", Payload=json.dumps(event).encode()
        )
        try:
            result: JobResult = job.receive(min(REPLY_TIMEOUT, end - time.monotonic()))
        except TimeoutError:
            raise ActionError(
                "JobFailed", f"The function {job.configuration['FunctionName']} did not report the job's result in time"
            ) from None
        job.run.summary = result.summary
        if not result.succeeded:
            raise ActionError(result.code or "JobFailed", result.summary)
        if not result.continuation:
            job.run.external_id = result.external_id or job.run.id
            return Result(variables=result.variables)
        continuation = result.continuation
        job.pause(RETRY_PAUSE)


def _data(job: Job, continuation: str) -> dict[str, Any]:
    credentials = job.world.credentials(job.caller)
    configuration = {k: v for k, v in job.configuration.items() if k in ("FunctionName", "UserParameters")}
    data: dict[str, Any] = {
        "actionConfiguration": {"configuration": configuration},
        "inputArtifacts": [_artifact(artifact) for artifact in job.inputs],
        "outputArtifacts": [_artifact(artifact) for artifact in job.outputs],
        "artifactCredentials": {
            "accessKeyId": credentials.access_key,
            "secretAccessKey": credentials.secret_key,
            "sessionToken": credentials.token,
        },
    }
    if job.encryption_key:
        data["encryptionKey"] = {"id": job.encryption_key, "type": "KMS"}
    return data | ({"continuationToken": continuation} if continuation else {})


def _artifact(artifact: Artifact) -> dict[str, Any]:
    location = {"bucketName": artifact.bucket, "objectKey": artifact.key}
    return {"name": artifact.name, "revision": None, "location": {"type": "S3", "s3Location": location}}
