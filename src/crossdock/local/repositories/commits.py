"""Commits made through the API: PutFile and CreateCommit, by git's plumbing on an index of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.local.repositories import git
from crossdock.local.repositories.shelf import Shelf
from crossdock.local.repositories.state import Repository

_OCTAL = {"NORMAL": "100644", "EXECUTABLE": "100755", "SYMLINK": "120000"}
Edit = Callable[[Callable[..., bytes]], None]


class Commits(Shelf):
    """PutFile, CreateCommit."""

    def put_file(self, call: Call) -> Mapping[str, Any]:
        put = {k: call.params[k] for k in ("filePath", "fileContent", "fileMode") if k in call.params}
        blobs: dict[str, str] = {}
        commit, tree = self._commit_to(call, call.params.get("name", ""), lambda git_: _put(git_, put, blobs))
        return {"commitId": commit, "treeId": tree, "blobId": blobs[put["filePath"]]}

    def create_commit(self, call: Call) -> Mapping[str, Any]:
        puts, deletes = call.params.get("putFiles") or [], call.params.get("deleteFiles") or []
        if call.params.get("setFileModes") or any("sourceFile" in put for put in puts):
            raise NotEmulated("codecommit:CreateCommit with setFileModes or sourceFile")
        if not puts and not deletes:
            raise AwsError("FileEntryRequiredException", "At least one file entry is required")
        blobs: dict[str, str] = {}

        def edit(git_: Callable[..., bytes]) -> None:
            for gone in deletes:
                if not git_("ls-files", "--", gone["filePath"]):
                    raise AwsError("FileDoesNotExistException", f"File {gone['filePath']} does not exist")
                git_("update-index", "-z", "--index-info", stdin=f"0 {git.ZERO}\t{gone['filePath']}\0".encode())
            for put in puts:
                _put(git_, put, blobs)

        commit, tree = self._commit_to(call, call.params.get("authorName", ""), edit)
        modes = {put["filePath"]: put.get("fileMode", "NORMAL") for put in puts}
        return {
            "commitId": commit,
            "treeId": tree,
            "filesAdded": [{"absolutePath": p, "blobId": b, "fileMode": modes[p]} for p, b in blobs.items()],
            "filesUpdated": [],
            "filesDeleted": [{"absolutePath": gone["filePath"]} for gone in deletes],
        }

    def _commit_to(self, call: Call, author: str, edit: Edit) -> tuple[str, str]:
        """Commit an edited index on a branch; (commit id, tree id). The parent must be the branch's tip."""
        repository = self.repository(call)
        with self.lock(repository.arn):
            before = git.references(self.directory(repository))
            parent = before.get(f"refs/heads/{call.params['branchName']}")
            _check_parent(call, parent, empty=not before)
            commit, tree = self._write(repository, call, author, parent, edit)
            self.moved(repository, before, git.references(self.directory(repository)), call.caller)
        return commit, tree

    def _write(
        self, repository: Repository, call: Call, author: str, parent: str | None, edit: Edit
    ) -> tuple[str, str]:
        directory, branch = self.directory(repository), call.params["branchName"]
        if not git.valid_branch(directory, branch):
            raise AwsError("InvalidBranchNameException", f"Branch name {branch} is not valid")
        name, email = author or call.caller.user_name or "unknown", call.params.get("email") or ""
        with tempfile.TemporaryDirectory() as scratch:
            env = {
                "GIT_INDEX_FILE": str(Path(scratch) / "index"),
                "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email,
                "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": email,
            }

            def git_(*args: str, stdin: bytes = b"") -> bytes:
                return git.run(directory, *args, stdin=stdin, env=env)

            if parent:
                git_("read-tree", parent)
            edit(git_)
            tree = git_("write-tree").decode().strip()
            if parent and tree == git.text(directory, "rev-parse", f"{parent}^{{tree}}"):
                code = "SameFileContentException" if call.operation == "PutFile" else "NoChangeException"
                raise AwsError(code, "The commit would not change any file")
            parents = ["-p", parent] if parent else []
            message = (call.params.get("commitMessage") or "").encode()
            commit = git_("commit-tree", tree, *parents, stdin=message).decode().strip()
            git_("update-ref", f"refs/heads/{branch}", commit, parent or git.ZERO)
        return commit, tree


def _put(git_: Callable[..., bytes], put: Mapping[str, Any], blobs: dict[str, str]) -> None:
    path = put["filePath"]
    if path.startswith("/") or any(part in ("", ".", "..", ".git") for part in path.split("/")):
        raise AwsError("InvalidPathException", f"Path {path} is not valid")
    blob = git_("hash-object", "-w", "--stdin", stdin=put.get("fileContent", b"")).decode().strip()
    git_("update-index", "--add", "--cacheinfo", f"{_OCTAL[put.get('fileMode', 'NORMAL')]},{blob},{path}")
    blobs[path] = blob


def _check_parent(call: Call, parent: str | None, *, empty: bool) -> None:
    given = call.params.get("parentCommitId")
    if parent is None and not empty:
        raise AwsError("BranchDoesNotExistException", f"Branch {call.params['branchName']} does not exist")
    if parent and not given:
        raise AwsError("ParentCommitIdRequiredException", "The id of the branch's last commit is required")
    if given and given != parent:
        raise AwsError("ParentCommitIdOutdatedException", f"The branch's last commit is {parent}, not {given}")
