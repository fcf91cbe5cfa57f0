"""CodeCommit source: the branch's tree as a zip file (rule S1; CodePipeline User Guide, CodeCommit action
reference)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crossdock.local.engine import AwsError
from crossdock.local.pipelines.actions.job import Job, Result
from crossdock.local.pipelines.state import Revision

if TYPE_CHECKING:
    from crossdock.local.world import World

_ARCHIVE_RIGHTS = ("codecommit:UploadArchive", "codecommit:GetUploadArchiveStatus")


def check_format(action: str, configuration: Mapping[str, str]) -> None:
    """CODE_ZIP, or CODEBUILD_CLONE_REF: a reference that only CodeBuild can follow."""
    form = configuration.get("OutputArtifactFormat", "CODE_ZIP")
    if form not in ("CODE_ZIP", "CODEBUILD_CLONE_REF"):
        raise AwsError("InvalidActionDeclarationException", f"OutputArtifactFormat {form} of {action} is not valid")


def clone_reference(**where: str) -> bytes:
    """The artifact of a full clone: where CodeBuild clones from. Whoever else reads it finds no zip file."""
    return json.dumps({"CODEBUILD_CLONE_REF": where}).encode()


def head(_: World, client: Callable[[str], Any], configuration: Mapping[str, str]) -> str:
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
    commit_id = head(job.world, job.client, job.configuration)
    commit_id = job.override or commit_id
    commit = job.client("codecommit").get_commit(repositoryName=name, commitId=commit_id)["commit"]
    if job.configuration.get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF":
        # The pipeline's role asks for the repository, the build's role clones it (CodeBuild User Guide, full clones).
        job.world.authorize(job.caller, action="codecommit:GetRepository", resource=arn, account=account,
                            region=job.region)
        job.write(job.outputs[0], clone_reference(
            Account=account, Region=job.region, Repository=name, Branch=branch, Commit=commit_id))
    else:
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
