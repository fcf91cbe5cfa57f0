"""Sources at git hosts: GitHub by an OAuth token, and connections. No host is reached from here: a repository to which
the user pushes stands in (`local/repositories/remotes.py`), and the report says so.

Source: CodePipeline User Guide, GitHub (via OAuth app) and CodeStarSourceConnection action references.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.engine import AwsError
from crossdock.local.pipelines.actions.codecommit import check_format, clone_reference, moment
from crossdock.local.pipelines.actions.job import ActionError, Job, Result
from crossdock.local.pipelines.state import Revision
from crossdock.local.repositories import git
from crossdock.local.repositories.connections import use_connection

if TYPE_CHECKING:
    from crossdock.local.world import World

GITHUB = "github.com"


def check_connection(action: str, configuration: Mapping[str, str]) -> None:
    check_format(action, configuration)
    if "/" not in configuration["FullRepositoryId"]:
        raise AwsError("InvalidActionDeclarationException", f"FullRepositoryId of {action} must be owner/repository")


def github_head(world: World, _: Any, where: Mapping[str, str]) -> str:
    """The last commit of the branch at GitHub; empty when nobody pushed there."""
    hosts: Any = world.engine("codestar-connections")
    directory = hosts.remote(GITHUB, f"{where['Owner']}/{where['Repo']}")
    return str(git.branches(directory).get(where["Branch"], "")) if directory else ""


def github(job: Job) -> Result:
    """GitHub by an OAuth token, which isn't looked at."""
    where = job.configuration
    return _take(job, GITHUB, f"{where['Owner']}/{where['Repo']}", where["Branch"], "")


def connection(job: Job) -> Result:
    """A connection, which must be there and which the action's role must be allowed to use."""
    where, arn = job.configuration, job.configuration["ConnectionArn"]
    use_connection(job.world, job.caller, arn, where["FullRepositoryId"], where["BranchName"])
    hosts: Any = job.world.engine("codestar-connections")
    found = hosts.connection(arn)
    job.world.substitution(f"the connection {found.name} was never completed with {found.host}; on AWS a person has to "
                           "do that in the console before a pipeline can use it")
    return _take(job, found.host, where["FullRepositoryId"], where["BranchName"], arn)


def _take(job: Job, host: str, repository: str, branch: str, connection_arn: str) -> Result:
    """The tree of the branch's last commit, or of the commit that started the execution."""
    hosts: Any = job.world.engine("codestar-connections")
    directory = hosts.remote(host, repository)
    tip = git.tip(directory, job.override or f"refs/heads/{branch}") if directory else None
    if directory is None or tip is None:
        raise ActionError("ConfigurationError", hosts.lacking(host, repository, f"branch {branch}"))
    job.world.substitution(f"pipeline {job.pipeline} took {repository} from {hosts.address(host, repository)}, not "
                           f"from {host}")
    if job.configuration.get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF":
        job.write(job.outputs[0], clone_reference(
            Connection=connection_arn, Host=host, Repository=repository, Branch=branch, Commit=tip.commit))
    else:
        job.write(job.outputs[0], git.archive(directory, tip.commit))
    job.run.summary, job.run.external_id = tip.message.split("\n", 1)[0], tip.commit
    name = repository.rpartition("/")[2]
    variables = {"AuthorDate": moment(tip.written), "BranchName": branch, "CommitId": tip.commit,
                 "CommitMessage": tip.message, "CommitterDate": moment(tip.committed), "RepositoryName": name}
    url = f"https://{host}/{repository}/commit/{tip.commit}"
    variables |= {"FullRepositoryName": repository, "ConnectionArn": connection_arn} if connection_arn else {
        "CommitUrl": url}
    return Result(variables=variables, revision=Revision(id=tip.commit, summary=tip.message, url=url))
