"""CodeCommit's view of what is in a commit: commits, blobs, files, folders, differences, and new commits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.local.engine import AwsError, Call
from crossdock.local.repositories import git
from crossdock.local.repositories.commits import Commits

MODES = {"100644": "NORMAL", "100755": "EXECUTABLE", "120000": "SYMLINK"}
_COMMIT_FORMAT = "%H%n%T%n%P%n%an%n%ae%n%ad%n%cn%n%ce%n%cd%n%B"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of `git ls-tree`: mode (octal text), type (blob, tree, commit), object id, path."""

    mode: str
    type: str
    id: str
    path: str


def entries(directory: Path, commit: str, *paths: str) -> Iterator[Entry]:
    """What a commit's tree holds at these paths, not descending; `folder/` lists a folder."""
    for line in git.run(directory, "ls-tree", "-z", commit, "--", *paths).decode(errors="replace").split("\0"):
        if line:
            facts, _, path = line.partition("\t")
            mode, kind, id_ = facts.split()
            yield Entry(mode, kind, id_, path)


class Contents(Commits):
    """GetCommit, GetBlob, GetFile, GetFolder, GetDifferences; PutFile and CreateCommit by inheritance."""

    def get_commit(self, call: Call) -> Mapping[str, Any]:
        directory, commit = self.directory(self.repository(call)), call.params["commitId"]
        if git.resolve(directory, commit) != commit:
            raise AwsError("CommitIdDoesNotExistException", f"Commit {commit} does not exist")
        shown = git.text(directory, "show", "-s", "--date=raw", f"--format={_COMMIT_FORMAT}", commit)
        id_, tree, parents, *people = shown.split("\n", 9)
        author, author_mail, author_date, committer, committer_mail, committer_date, message = people
        return {
            "commit": {
                "commitId": id_,
                "treeId": tree,
                "parents": parents.split(),
                "message": message.removesuffix("\n"),
                "author": {"name": author, "email": author_mail, "date": author_date},
                "committer": {"name": committer, "email": committer_mail, "date": committer_date},
                "additionalData": "",
            }
        }

    def get_blob(self, call: Call) -> Mapping[str, Any]:
        directory, blob = self.directory(self.repository(call)), call.params["blobId"]
        try:
            return {"content": git.run(directory, "cat-file", "blob", "--end-of-options", blob)}
        except git.GitError as error:
            raise AwsError("BlobIdDoesNotExistException", f"Blob {blob} does not exist") from error

    def get_file(self, call: Call) -> Mapping[str, Any]:
        directory, commit = self._commit(call)
        path = call.params["filePath"].strip("/")
        entry = next(entries(directory, commit, path), None)
        if entry is None or entry.type != "blob":
            raise AwsError("FileDoesNotExistException", f"File {path} does not exist in {commit}")
        content = git.run(directory, "cat-file", "blob", entry.id)
        return {
            "commitId": commit, "blobId": entry.id, "filePath": path, "fileMode": MODES[entry.mode],
            "fileSize": len(content), "fileContent": content,
        }

    def get_folder(self, call: Call) -> Mapping[str, Any]:
        directory, commit = self._commit(call)
        path = call.params["folderPath"].strip("/")
        try:
            tree = git.text(directory, "rev-parse", "--verify", "--quiet", f"{commit}:{path}")
        except git.GitError:
            tree = ""
        if not tree or git.text(directory, "cat-file", "-t", tree) != "tree":
            raise AwsError("FolderDoesNotExistException", f"Folder {path} does not exist in {commit}")
        lists: dict[str, list[dict[str, str]]] = {"subFolders": [], "files": [], "symbolicLinks": [], "subModules": []}
        for entry in entries(directory, tree):
            where = {"absolutePath": f"{path}/{entry.path}".lstrip("/"), "relativePath": entry.path}
            if entry.type == "tree":
                lists["subFolders"].append({"treeId": entry.id, **where})
            elif entry.type == "commit":
                lists["subModules"].append({"commitId": entry.id, **where})
            else:
                kind = "symbolicLinks" if entry.mode == "120000" else "files"
                lists[kind].append({"blobId": entry.id, "fileMode": MODES[entry.mode], **where})
        return {"commitId": commit, "folderPath": path, "treeId": tree, **lists}

    def get_differences(self, call: Call) -> Mapping[str, Any]:
        directory, after = self._commit(call, "afterCommitSpecifier")
        if call.params.get("beforeCommitSpecifier"):
            before = self._commit(call, "beforeCommitSpecifier")[1]
        else:
            before = git.run(directory, "hash-object", "-t", "tree", "-w", "--stdin").decode().strip()  # empty tree
        paths = [p for p in (call.params.get("beforePath"), call.params.get("afterPath")) if p]
        raw = git.run(directory, "diff-tree", "-r", "-z", "--no-renames", before, after, "--", *paths)
        fields = raw.decode(errors="replace").split("\0")
        differences = []
        for facts, path in zip(fields[::2], fields[1::2], strict=False):
            old_mode, new_mode, old, new, kind = facts.lstrip(":").split()
            difference: dict[str, Any] = {"changeType": "M" if kind == "T" else kind}
            if kind != "A":
                difference["beforeBlob"] = {"blobId": old, "path": path, "mode": old_mode}
            if kind != "D":
                difference["afterBlob"] = {"blobId": new, "path": path, "mode": new_mode}
            differences.append(difference)
        return {"differences": differences}

    def _commit(self, call: Call, member: str = "commitSpecifier") -> tuple[Path, str]:
        """The directory of the call's repository, and the commit its specifier (default: HEAD) stands for."""
        repository = self.repository(call)
        specifier = call.params.get(member) or repository.default_branch or "HEAD"
        commit = git.resolve(self.directory(repository), specifier)
        if commit is None:
            raise AwsError("CommitDoesNotExistException", f"Commit {specifier} does not exist")
        return self.directory(repository), commit
