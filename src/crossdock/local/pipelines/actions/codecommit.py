"""CodeCommit source: the branch's tree as a zip file (rule S1; CodePipeline User Guide, CodeCommit action
reference)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.pipelines.actions.job import Job, Result
from crossdock.local.pipelines.state import Revision

_ARCHIVE_RIGHTS = ("codecommit:UploadArchive", "codecommit:GetUploadArchiveStatus")


def check(action: str, configuration: Mapping[str, str]) -> None:
    """CODE_ZIP is emulated; the full clone is refused by name."""
    form = configuration.get("OutputArtifactFormat", "CODE_ZIP")
    if form == "CODEBUILD_CLONE_REF":
        raise NotEmulated(f"OutputArtifactFormat CODEBUILD_CLONE_REF (action {action})")
    if form != "CODE_ZIP":
        raise AwsError("InvalidActionDeclarationException", f"OutputArtifactFormat {form} of {action} is not valid")


def head(client: Callable[[str], Any], configuration: Mapping[str, str]) -> str:
    """The branch's last commit."""
    answer = client("codecommit").get_branch(
        repositoryName=configuration["RepositoryName"], branchName=configuration["BranchName"]
    )
    return str(answer["branch"]["commitId"])


def run(job: Job) -> Result:
    """Store the tree of the branch's last commit (or of the commit asked for) as the output artifact."""
    name, branch = job.configuration["RepositoryName"], job.configuration["BranchName"]
    account = job.caller.account
    arn = f"arn:{job.world.partition}:codecommit:{job.region}:{account}:{name}"
    commit_id = head(job.client, job.configuration)
    commit_id = job.override or commit_id
    commit = job.client("codecommit").get_commit(repositoryName=name, commitId=commit_id)["commit"]
    # Archiving is CodePipeline's own way into CodeCommit: rights that exist, API operations that don't.
    for right in _ARCHIVE_RIGHTS:
        job.world.authorize(job.caller, action=right, resource=arn, account=account, region=job.region)
    repositories: Any = job.world.engine("codecommit")
    job.write(job.outputs[0], repositories.archive(account, job.region, name, commit_id))
    message = str(commit["message"]).rstrip("\n")
    job.run.summary = message.split("\n", 1)[0]
    job.run.external_id = commit_id
    return Result(
        variables={
            "AuthorDate": moment(commit["author"]["date"]),
            "BranchName": branch,
            "CommitId": commit_id,
            "CommitMessage": message,
            "CommitterDate": moment(commit["committer"]["date"]),
            "RepositoryName": name,
        },
        revision=Revision(id=commit_id, summary=message, url=_console(job, name, commit_id)),
    )


def _console(job: Job, name: str, commit: str) -> str:
    """The commit's page in AWS's console, as the API's revisionUrl has it; the local AWS has no console."""
    return (
        f"https://console.aws.amazon.com/codesuite/codecommit/repositories/{name}/commit/{commit}?region={job.region}"
    )


def moment(date: str) -> str:
    """`1484167798 -0800` (git's raw date) -> `2017-01-11T20:49:58Z`."""
    return datetime.fromtimestamp(int(date.split(maxsplit=1)[0]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
