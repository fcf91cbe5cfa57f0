"""CodeCommit repositories: a folder's content becomes a commit on a branch, pushed with the credentials of an account.

Credentials for git are made as CodeCommit's HTTPS helper makes them (AWS CLI, `codecommit credential-helper`): the
access key as user name, a SigV4 signature over the repository's path as password. The URL is the one that
GetRepository answers, never one that was put together here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from crossdock.aws.cloud import Account, Cloud, Keys
from crossdock.aws.git import Author, Git, top_of_repository, uncommitted, users_author
from crossdock.errors import AccessDenied, CloudError

_IGNORED = (
    ".crossdock/", ".aws-sam/", ".venv/", "__pycache__/", "*.pyc", ".pytest_cache/", ".mypy_cache/", ".ruff_cache/",
    "node_modules/", ".DS_Store",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A commit that is now the tip of a branch; `changed` is False when it already was.

    uncommitted   changes of a folder with a git repository of its own that are not part of the commit
    """

    repository: str
    branch: str
    commit: str
    changed: bool
    uncommitted: tuple[str, ...] = ()


def push(
    cloud: Cloud, account: Account, *, repository: str, branch: str, source: Path, work: Path, region: str | None = None
) -> Pushed:
    """Push a folder to a branch.

    A folder that is the top of a git repository has its HEAD pushed as it is; any other folder's content becomes a new
    commit upon the branch's tip, kept in `work` so that the history goes on in the next run. Raises CloudError.
    """
    url = clone_url(account, repository, region)
    cloud.guard(url)
    git = Git(work / "repository.git", work / "home")
    if not git.directory.exists():
        git("init", "--quiet", "--bare", str(git.directory))
    (git.directory / "info").mkdir(exist_ok=True)
    (git.directory / "info" / "exclude").write_text("\n".join(_IGNORED) + "\n")
    signed = git_environment(account.keys(), url, region or account.region)
    ref, before = f"refs/heads/{branch}", _tip(git, url, branch, signed)
    left_out: tuple[str, ...] = ()
    if top_of_repository(source):
        left_out = uncommitted(source.resolve(), work / "home")
        git("fetch", "--quiet", "--no-tags", str(source.resolve()), f"+HEAD:{ref}")
    else:
        if before:
            git("fetch", "--quiet", "--no-tags", url, f"+{ref}:{ref}", environment=signed)
        _commit(git, source, ref, users_author())
    commit = git("rev-parse", ref)
    if commit != before:
        _push(git, url, ref, signed)
    return Pushed(
        repository=repository, branch=branch, commit=commit, changed=commit != before, uncommitted=left_out
    )


def clone_url(account: Account, repository: str, region: str | None = None) -> str:
    """The HTTPS clone URL that CodeCommit gives for a repository."""
    found = account.client("codecommit", region).get_repository(repositoryName=repository)
    return str(found["repositoryMetadata"]["cloneUrlHttp"])


def git_environment(keys: Keys, url: str, region: str, *, at: datetime | None = None) -> dict[str, str]:
    """User name and password for git, as environment variables that the credential helper reads."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    signer = SigV4Auth(Credentials(keys.access_key, keys.secret_key, keys.token or None), "codecommit", region)
    request, parts = AWSRequest(method="GIT", url=url), urlsplit(url)
    stamp = (at or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S")
    request.context["timestamp"] = stamp
    canonical = f"GIT\n{parts.path}\n\nhost:{parts.hostname}\n\nhost\n"
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    return {
        "CROSSDOCK_GIT_USERNAME": f"{keys.access_key}%{keys.token}" if keys.token else keys.access_key,
        "CROSSDOCK_GIT_PASSWORD": f"{stamp}Z{signature}",
    }


def _tip(git: Git, url: str, branch: str, signed: dict[str, str]) -> str:
    done = git.run("ls-remote", url, f"refs/heads/{branch}", environment=signed)
    if done.returncode != 0:
        raise _refused("ls-remote", done.stderr)
    return done.stdout.split("\t")[0] if done.stdout.strip() else ""


def _commit(git: Git, source: Path, ref: str, author: Author) -> None:
    """Make `ref` name a commit whose tree is the folder's content, ignored files left out."""
    who = {
        "GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email,
        "GIT_COMMITTER_NAME": author.name, "GIT_COMMITTER_EMAIL": author.email,
    }
    git("read-tree", "--empty")
    git(f"--work-tree={source.resolve()}", "-C", str(source.resolve()), "add", "--all", ".")
    tree = git("write-tree")
    parent = git.run("rev-parse", "--verify", "--quiet", ref).stdout.strip()
    if parent and git("rev-parse", f"{parent}^{{tree}}") == tree:
        return
    onto = ("-p", parent) if parent else ()
    commit = git("commit-tree", tree, *onto, "-m", f"Deliver {source.resolve().name}", environment=who)
    git("update-ref", ref, commit)


def _push(git: Git, url: str, ref: str, signed: dict[str, str]) -> None:
    done = git.run("push", "--quiet", "--no-verify", url, f"{ref}:{ref}", environment=signed)
    if done.returncode != 0:
        raise _refused("push", done.stderr)


def _refused(command: str, said: str) -> CloudError:
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["git gave no reason"]
    details = [line for line in lines if not line.startswith("hint:")][-10:]
    if "403" in said or "401" in said or "Authentication failed" in said:
        return AccessDenied(message=f"git {command}: CodeCommit refused the credentials", details=details)
    if "fetch first" in said or "non-fast-forward" in said:
        return CloudError(
            message=f"git {command}: the branch has commits that this history lacks", details=details,
            hint="pull them first, or reset the local AWS: crossdock local reset",
        )
    return CloudError(message=f"git {command}: {lines[-1]}", details=details[:-1])
