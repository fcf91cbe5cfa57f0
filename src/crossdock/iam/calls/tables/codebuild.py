"""CodeBuild: builds are authorised on their project, test reports on their group.

A build's id is `project:uuid`, its ARN `...:build/project:uuid`; a report's ARN names its group. Source: CodeBuild User
Guide, auth-and-access-control-permissions-reference.
"""

from __future__ import annotations

import re

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

PROJECT = ("arn:${Partition}:codebuild:${Region}:${Account}:project/{Projects[]}",)
GROUP = ("arn:${Partition}:codebuild:${Region}:${Account}:report-group/{Groups[]}",)

_OF_PROJECT = (
    "BatchDeleteBuilds", "BatchGetBuildBatches", "BatchGetBuilds", "BatchGetProjects", "DeleteBuildBatch",
    "DeleteProject", "RetryBuild", "RetryBuildBatch", "StopBuild", "StopBuildBatch", "BatchGetSandboxes", "StopSandbox",
)
_OF_GROUP = ("BatchGetReports", "DescribeCodeCoverages", "DescribeTestCases", "DeleteReport")

RULES: dict[str, Rules] = {
    **{name: (Rule(f"codebuild:{name}", PROJECT),) for name in _OF_PROJECT},
    **{name: (Rule(f"codebuild:{name}", GROUP),) for name in _OF_GROUP},
    "BatchGetFleets": (
        Rule("codebuild:BatchGetFleets", ("arn:${Partition}:codebuild:${Region}:${Account}:fleet/{names[]}",)),
    ),
}


def prepare(operation: str, params: Params) -> Params:
    """The projects (or report groups) that ids, names and ARNs belong to."""
    named = [params[m] for m in ("id", "name") if isinstance(params.get(m), str)]
    named += [v for m in ("ids", "names") for v in params.get(m) or ()]
    if operation in _OF_PROJECT:
        return {**params, "Projects": list(dict.fromkeys(_owner(v) for v in named))}
    if operation in _OF_GROUP:
        arns = [params[m] for m in ("reportArn", "arn") if params.get(m)] + list(params.get("reportArns") or ())
        return {**params, "Groups": list(dict.fromkeys(_owner(v) for v in arns))}
    return params


def _owner(value: str) -> str:
    return re.sub(r"^arn:[^/]*/", "", value).partition(":")[0]
