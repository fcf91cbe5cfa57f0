"""Manual approval (rule D5; CodePipeline User Guide, approval actions and the JSON of their notifications)."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crossdock.local.pipelines.actions.job import ActionError, Job, Result

TIMEOUT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What PutApprovalResult said, and who said it."""

    approved: bool
    summary: str
    by: str


def run(job: Job) -> Result:
    """Wait for a verdict. A rejection, or none in time, is a failed action."""
    minutes = job.run.declaration.get("timeoutInMinutes")
    limit = timedelta(minutes=minutes) if minutes else TIMEOUT
    job.run.token = str(uuid.uuid4())
    if "NotificationArn" in job.configuration:
        _notify(job, datetime.now(UTC) + limit)
    try:
        verdict: Verdict = job.receive(limit.total_seconds())
    except TimeoutError:
        raise ActionError("JobFailed", "Approval was not given in time") from None
    finally:
        job.run.token = ""
    job.run.summary, job.run.updated_by = verdict.summary, verdict.by
    if not verdict.approved:
        raise ActionError("JobFailed", f"Rejected by {verdict.by}: {verdict.summary}")
    return Result()


def _notify(job: Job, expires: datetime) -> None:
    link = f"https://console.aws.amazon.com/codesuite/codepipeline/pipelines/{job.pipeline}/view?region={job.region}"
    approval = {
        "pipelineName": job.pipeline,
        "stageName": job.run.stage,
        "actionName": job.run.action,
        "token": job.run.token,
        "expires": expires.strftime("%Y-%m-%dT%H:%MZ"),
        "externalEntityLink": job.configuration.get("ExternalEntityLink"),
        "approvalReviewLink": f"{link}#/{job.run.stage}/{job.run.action}/approve/{job.run.token}",
        "customData": job.configuration.get("CustomData"),
    }
    job.client("sns").publish(
        TopicArn=job.configuration["NotificationArn"],
        Subject=f"APPROVAL NEEDED: AWS CodePipeline {job.pipeline} for action {job.run.action}"[:100],
        Message=json.dumps({"region": job.region, "consoleLink": link, "approval": approval}),
    )
