"""Sources at git hosts (GitHub, connections). No host is reached from here: a repository of the same name in the
pipeline's account's CodeCommit stands in, and the report says so.

Source: CodePipeline User Guide, GitHub (via OAuth app) and CodeStarSourceConnection action references.
"""

from __future__ import annotations

from typing import Any

from crossdock.local.engine import AwsError
from crossdock.local.pipelines.actions.codecommit import moment
from crossdock.local.pipelines.actions.job import ActionError, Job, Result
from crossdock.local.pipelines.state import Revision


def check_connection(action: str, configuration: Any) -> None:
    """CODE_ZIP is emulated; the full clone is refused by name."""
    from crossdock.local.pipelines.actions.codecommit import check

    check(action, configuration)
    if "/" not in configuration["FullRepositoryId"]:
        raise AwsError("InvalidActionDeclarationException", f"FullRepositoryId of {action} must be owner/repository")


def github(job: Job) -> Result:
    """GitHub by an OAuth token, which isn't looked at."""
    where = job.configuration
    return _stand_in(job, f"{where['Owner']}/{where['Repo']}", where["Branch"], "GitHub")


def connection(job: Job) -> Result:
    """A connection, which the action's role must be allowed to use; the host behind it isn't asked."""
    where = job.configuration
    arn = where["ConnectionArn"]
    prefix = arn.split(":")[2] if arn.count(":") >= 5 else "codestar-connections"
    job.world.authorize(job.caller, action=f"{prefix}:UseConnection", resource=arn, account=job.account,
                        region=job.region, context={f"{prefix}:FullRepositoryId": where["FullRepositoryId"]})
    return _stand_in(job, where["FullRepositoryId"], where["BranchName"], "a connection")


def _stand_in(job: Job, repository: str, branch: str, host: str) -> Result:
    name = repository.rpartition("/")[2]
    shelf: Any = job.world.engine("codecommit")
    try:
        commit, message, written, committed = shelf.tip(job.account, job.region, name, branch)
    except AwsError as error:
        raise ActionError("ConfigurationError", f"the local AWS does not emulate {host}: to stand in for {repository}, "
                          f"push its branch {branch} to a CodeCommit repository {name} ({error.message})") from error
    job.world.substitution(f"pipeline {job.pipeline} took {repository} from CodeCommit repository {name}, not from "
                           f"{host}")
    commit = job.override or commit
    job.write(job.outputs[0], shelf.archive(job.account, job.region, name, commit))
    job.run.summary, job.run.external_id = message.split("\n", 1)[0], commit
    return Result(
        variables={"AuthorDate": moment(written), "BranchName": branch, "CommitId": commit, "CommitMessage": message,
                   "CommitterDate": moment(committed), "RepositoryName": name, "FullRepositoryName": repository},
        revision=Revision(id=commit, summary=message, url=f"https://github.com/{repository}/commit/{commit}"),
    )
