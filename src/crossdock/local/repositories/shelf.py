"""Where repositories stand, and what happens when their references move."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crossdock.local.engine import AwsError, Call, Engine
from crossdock.local.identity import Caller
from crossdock.local.repositories import git
from crossdock.local.repositories.state import Repository, State

if TYPE_CHECKING:
    from crossdock.local.world import World


def missing(name: str) -> AwsError:
    """The error for a repository that isn't there."""
    return AwsError("RepositoryDoesNotExistException", f"{name} does not exist")


class Shelf(Engine):
    """The parts of the CodeCommit engine stand on this: state, directories, locks, events."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state = State()
        self._locks: dict[str, threading.RLock] = {}
        self._guard = threading.Lock()

    def start(self) -> None:
        """A repository without its directory was being deleted when the last local AWS ended."""
        for arn, repository in list(self.state.repositories.items()):
            if not (self.directory(repository) / "HEAD").exists():
                del self.state.repositories[arn]

    def lock(self, arn: str) -> threading.RLock:
        """Held while references of a repository change, so that a change and its event belong together."""
        with self._guard:
            return self._locks.setdefault(arn, threading.RLock())

    def directory(self, repository: Repository) -> Path:
        """The bare repository on disk."""
        home = self.world.root / "codecommit" / repository.account / repository.region
        return home / f"{repository.name}.git"

    def repository(self, call: Call) -> Repository:
        """The repository that a call names. Raises RepositoryDoesNotExistException."""
        name = call.params.get("repositoryName")
        if not name:
            raise AwsError("RepositoryNameRequiredException", "A repository name is required")
        found = self.state.repositories.get(call.arn(name))
        if found is None:
            raise missing(name)
        return found

    def archive(self, account: str, region: str, name: str, commit: str) -> bytes:
        """The tree of a commit as a zip file, as CodeCommit's upload-archive gives it to CodePipeline.

        The caller has been authorised for codecommit:UploadArchive. Raises the API's errors for what is missing.
        """
        arn = f"arn:{self.world.partition}:codecommit:{region}:{account}:{name}"
        repository = self.state.repositories.get(arn)
        if repository is None:
            raise missing(name)
        directory = self.directory(repository)
        found = git.resolve(directory, commit)
        if found is None:
            raise AwsError("CommitDoesNotExistException", f"Commit {commit} does not exist")
        return git.archive(directory, found)

    def moved(self, repository: Repository, before: Mapping[str, str], after: Mapping[str, str], by: Caller) -> None:
        """References changed: settle the default branch, then tell the bus (CodeCommit User Guide, monitoring
        events)."""
        changed = [n for n in [*before, *(n for n in after if n not in before)] if before.get(n) != after.get(n)]
        if not changed:
            return
        repository.modified = datetime.now(UTC)
        if not repository.default_branch:
            first = next((n for n in after if n.startswith("refs/heads/")), "")
            self.set_default(repository, first.removeprefix("refs/heads/"))
        for name in changed:
            self._tell(repository, name, before.get(name), after.get(name), by)

    def set_default(self, repository: Repository, branch: str) -> None:
        """Make a branch the default: what a clone checks out."""
        if branch:
            repository.default_branch = branch
            git.run(self.directory(repository), "symbolic-ref", "HEAD", f"refs/heads/{branch}")

    def _tell(self, repository: Repository, name: str, old: str | None, new: str | None, by: Caller) -> None:
        event = "referenceUpdated" if old and new else "referenceCreated" if new else "referenceDeleted"
        _, kind, short = name.split("/", 2)
        detail = {
            "event": event,
            "repositoryName": repository.name,
            "repositoryId": repository.id,
            "referenceType": {"heads": "branch", "tags": "tag"}.get(kind, kind),
            "referenceName": short,
            "referenceFullName": name,
            "callerUserArn": by.arn,
        }
        detail |= {"commitId": new} if new else {}
        detail |= {"oldCommitId": old} if old else {}
        self.world.emit(
            account=repository.account, region=repository.region, source="aws.codecommit",
            detail_type="CodeCommit Repository State Change", detail=detail, resources=[repository.arn],
        )
