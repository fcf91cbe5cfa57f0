"""Event types of notification rules (Developer Tools console User Guide, "Events for notification rules"). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_STATES = {
    "pipeline": "failed canceled started resumed succeeded superseded",
    "stage": "started succeeded resumed canceled failed",
    "action": "succeeded failed canceled started",
}
TYPES: Mapping[str, tuple[str, str]] = {
    **{f"codepipeline-pipeline-{what}-execution-{state}": ("CodePipeline", "Pipeline")
       for what, states in _STATES.items() for state in states.split()},
    **{f"codepipeline-pipeline-manual-approval-{state}": ("CodePipeline", "Pipeline")
       for state in ("failed", "needed", "succeeded")},
    **{f"codebuild-project-build-state-{state}": ("CodeBuild", "Project")
       for state in ("failed", "succeeded", "in-progress", "stopped")},
    **{f"codebuild-project-build-phase-{state}": ("CodeBuild", "Project") for state in ("failure", "success")},
    **{f"codecommit-repository-{what}": ("CodeCommit", "Repository") for what in (
        "comments-on-commits", "comments-on-pull-requests", "approvals-status-changed", "approvals-rule-override",
        "pull-request-created", "pull-request-source-updated", "pull-request-status-changed", "pull-request-merged",
        "branches-and-tags-created", "branches-and-tags-deleted", "branches-and-tags-updated")},
    **{f"codedeploy-application-deployment-{state}": ("CodeDeploy", "Application")
       for state in ("failed", "succeeded", "started")},
}
"""Event type id -> service, resource."""
SILENT = ("codecommit-repository-comments-", "codedeploy-")
"""Prefixes of event types that nothing here brings about."""
_APPROVAL = {"STARTED": "needed", "SUCCEEDED": "succeeded", "FAILED": "failed"}
_REFERENCES = {"referenceCreated": "created", "referenceDeleted": "deleted", "referenceUpdated": "updated"}
_PULL_REQUESTS = {
    "pullRequestCreated": "pull-request-created", "pullRequestSourceBranchUpdated": "pull-request-source-updated",
    "pullRequestStatusChanged": "pull-request-status-changed", "pullRequestMergeStatusUpdated": "pull-request-merged",
    "pullRequestApprovalStateChanged": "approvals-status-changed",
    "pullRequestApprovalRuleOverridden": "approvals-rule-override",
}


def of(event: Mapping[str, Any]) -> tuple[str, str]:
    """The event type that an event of the bus is, and the ARN of the resource it is about; empty texts for none."""
    detail, arn = event["detail"], next(iter(event["resources"]), "")
    match event["detail-type"]:
        case "CodePipeline Pipeline Execution State Change":
            return f"codepipeline-pipeline-pipeline-execution-{detail['state'].lower()}", arn
        case "CodePipeline Stage Execution State Change":
            return f"codepipeline-pipeline-stage-execution-{detail['state'].lower()}", arn
        case "CodePipeline Action Execution State Change":
            if detail["type"]["category"] == "Approval" and detail["state"] in _APPROVAL:
                return f"codepipeline-pipeline-manual-approval-{_APPROVAL[detail['state']]}", arn
            return f"codepipeline-pipeline-action-execution-{detail['state'].lower()}", arn
        case "CodeBuild Build State Change":
            state = detail["build-status"].lower().replace("_", "-")
            return f"codebuild-project-build-state-{state}", _project(arn)
        case "CodeBuild Build Phase Change":
            state = "success" if detail["completed-phase-status"] == "SUCCEEDED" else "failure"
            return f"codebuild-project-build-phase-{state}", _project(arn)
        case "CodeCommit Repository State Change" if detail.get("event") in _REFERENCES:
            return f"codecommit-repository-branches-and-tags-{_REFERENCES[detail['event']]}", arn
        case "CodeCommit Pull Request State Change" if detail.get("event") in _PULL_REQUESTS:
            return f"codecommit-repository-{_PULL_REQUESTS[detail['event']]}", arn
        case _:
            return "", ""


def _project(build: str) -> str:
    return build.rpartition(":")[0].replace(":build/", ":project/")
