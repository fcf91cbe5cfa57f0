"""CodeCommit's branch operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import AwsError, Call
from crossdock.local.repositories import git
from crossdock.local.repositories.shelf import Shelf


def no_branch(name: str) -> AwsError:
    """The error for a branch that isn't there."""
    return AwsError("BranchDoesNotExistException", f"Branch {name} does not exist")


class Branches(Shelf):
    """GetBranch, ListBranches, CreateBranch, DeleteBranch, UpdateDefaultBranch."""

    def get_branch(self, call: Call) -> Mapping[str, Any]:
        repository = self.repository(call)
        name = call.params.get("branchName")
        if not name:
            raise AwsError("BranchNameRequiredException", "A branch name is required")
        commit = git.branches(self.directory(repository)).get(name)
        if commit is None:
            raise no_branch(name)
        return {"branch": {"branchName": name, "commitId": commit}}

    def list_branches(self, call: Call) -> Mapping[str, Any]:
        return {"branches": list(git.branches(self.directory(self.repository(call))))}

    def create_branch(self, call: Call) -> None:
        repository = self.repository(call)
        name, commit, directory = call.params["branchName"], call.params["commitId"], self.directory(repository)
        with self.lock(repository.arn):
            before = git.references(directory)
            if f"refs/heads/{name}" in before:
                raise AwsError("BranchNameExistsException", f"Branch {name} already exists")
            if not git.valid_branch(directory, name):
                raise AwsError("InvalidBranchNameException", f"Branch name {name} is not valid")
            found = git.resolve(directory, commit)
            if found is None:
                raise AwsError("CommitDoesNotExistException", f"Commit {commit} does not exist")
            git.run(directory, "update-ref", f"refs/heads/{name}", found, git.ZERO)
            self.moved(repository, before, git.references(directory), call.caller)

    def delete_branch(self, call: Call) -> Mapping[str, Any]:
        """Answers nothing for a branch that isn't there, as CodeCommit does."""
        repository = self.repository(call)
        name, directory = call.params["branchName"], self.directory(repository)
        if name == repository.default_branch:
            raise AwsError("DefaultBranchCannotBeDeletedException", f"Branch {name} is the default branch")
        with self.lock(repository.arn):
            before = git.references(directory)
            commit = before.get(f"refs/heads/{name}")
            if commit is None:
                return {}
            git.run(directory, "update-ref", "-d", f"refs/heads/{name}", commit)
            self.moved(repository, before, git.references(directory), call.caller)
        return {"deletedBranch": {"branchName": name, "commitId": commit}}

    def update_default_branch(self, call: Call) -> None:
        repository = self.repository(call)
        name = call.params["defaultBranchName"]
        with self.lock(repository.arn):
            if name not in git.branches(self.directory(repository)):
                raise no_branch(name)
            self.set_default(repository, name)
