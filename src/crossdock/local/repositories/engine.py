"""The CodeCommit engine: repositories and their tags. References, contents and git's protocol are beside it."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.local.engine import AwsError, Call
from crossdock.local.repositories import git
from crossdock.local.repositories.branches import Branches
from crossdock.local.repositories.contents import Contents
from crossdock.local.repositories.shelf import missing
from crossdock.local.repositories.state import Repository
from crossdock.local.repositories.wire import Wire

_NAME = re.compile(r"[\w.\-]{1,100}")


class CodeCommit(Branches, Contents, Wire):
    """Repositories of every account and region of the world."""

    service = "codecommit"

    def create_repository(self, call: Call) -> Mapping[str, Any]:
        name = _valid(call.params["repositoryName"])
        arn = call.arn(name)
        with self.lock(arn):
            if arn in self.state.repositories:
                raise AwsError("RepositoryNameExistsException", f"Repository named {name} already exists")
            now = datetime.now(UTC)
            repository = Repository(
                account=call.account, region=call.region, name=name, arn=arn, id=str(uuid.uuid4()), created=now,
                modified=now, description=call.params.get("repositoryDescription", ""),
                kms_key=call.params.get("kmsKeyId", ""), tags=dict(call.params.get("tags") or {}),
            )
            directory = self.directory(repository)
            if directory.exists():  # left by a start that was interrupted before the repository was remembered
                shutil.rmtree(directory)
            git.create(directory)
            self.state.repositories[arn] = repository
        return {"repositoryMetadata": self._metadata(repository)}

    def get_repository(self, call: Call) -> Mapping[str, Any]:
        return {"repositoryMetadata": self._metadata(self.repository(call))}

    def batch_get_repositories(self, call: Call) -> Mapping[str, Any]:
        found = {n: self.state.repositories.get(call.arn(n)) for n in call.params["repositoryNames"]}
        lost = [name for name, repository in found.items() if repository is None]
        return {
            "repositories": [self._metadata(r) for r in found.values() if r is not None],
            "repositoriesNotFound": lost,
            "errors": [
                {"repositoryName": n, "errorCode": missing(n).code, "errorMessage": missing(n).message} for n in lost
            ],
        }

    def list_repositories(self, call: Call) -> Mapping[str, Any]:
        own = [r for r in self.state.repositories.values() if (r.account, r.region) == (call.account, call.region)]
        by_date = call.params.get("sortBy") == "lastModifiedDate"
        own.sort(key=lambda r: (r.modified.isoformat() if by_date else "", r.name))
        if call.params.get("order") == "descending":
            own.reverse()
        return {"repositories": [{"repositoryName": r.name, "repositoryId": r.id} for r in own]}

    def delete_repository(self, call: Call) -> Mapping[str, Any]:
        """Answers the id of what was deleted, and nothing for a repository that isn't there, as CodeCommit does."""
        arn = call.arn(_valid(call.params["repositoryName"]))
        with self.lock(arn):
            repository = self.state.repositories.pop(arn, None)
            if repository is None:
                return {}
            shutil.rmtree(self.directory(repository))
        return {"repositoryId": repository.id}

    def update_repository_description(self, call: Call) -> None:
        repository = self.repository(call)
        repository.description = call.params.get("repositoryDescription", "")
        repository.modified = datetime.now(UTC)

    def update_repository_name(self, call: Call) -> None:
        old, new = call.arn(call.params["oldName"]), _valid(call.params["newName"])
        with self.lock(old):
            repository = self.state.repositories.get(old)
            if repository is None:
                raise missing(call.params["oldName"])
            if call.arn(new) in self.state.repositories:
                raise AwsError("RepositoryNameExistsException", f"Repository named {new} already exists")
            directory = self.directory(repository)
            directory.rename(directory.with_name(f"{new}.git"))
            repository.name, repository.arn, repository.modified = new, call.arn(new), datetime.now(UTC)
            self.state.repositories[repository.arn] = self.state.repositories.pop(old)

    def tag_resource(self, call: Call) -> None:
        self._by_arn(call).tags.update(call.params["tags"])

    def untag_resource(self, call: Call) -> None:
        repository = self._by_arn(call)
        for key in call.params["tagKeys"]:
            repository.tags.pop(key, None)

    def list_tags_for_resource(self, call: Call) -> Mapping[str, Any]:
        return {"tags": dict(self._by_arn(call).tags)}

    def tags(self, arn: str) -> Mapping[str, str]:
        repository = self.state.repositories.get(arn)
        return repository.tags if repository else {}

    def _by_arn(self, call: Call) -> Repository:
        arn = call.params["resourceArn"]
        if arn not in self.state.repositories:
            raise missing(arn.rpartition(":")[2])
        return self.state.repositories[arn]

    def _metadata(self, repository: Repository) -> Mapping[str, Any]:
        metadata: dict[str, Any] = {
            "accountId": repository.account,
            "repositoryId": repository.id,
            "repositoryName": repository.name,
            "lastModifiedDate": repository.modified,
            "creationDate": repository.created,
            "cloneUrlHttp": f"{self.world.endpoint}/v1/repos/{repository.name}",
            "Arn": repository.arn,
        }
        optional = {
            "repositoryDescription": repository.description,
            "defaultBranch": repository.default_branch,
            "kmsKeyId": repository.kms_key,
        }
        return metadata | {key: value for key, value in optional.items() if value}


def _valid(name: str) -> str:
    """A repository name that CodeCommit takes (CodeCommit User Guide, quotas)."""
    if not _NAME.fullmatch(name) or name.endswith(".git") or name.strip(".") == "":
        raise AwsError(
            "InvalidRepositoryNameException",
            f"Repository name {name} is not valid: 1 to 100 letters, digits, '.', '-', '_', not ending in .git",
        )
    return name
