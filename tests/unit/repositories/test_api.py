"""CodeCommit's API on repositories, branches and contents."""

import io
import zipfile
from typing import Any

import pytest

from crossdock.local.engine import AwsError, NotEmulated


def code(codecommit: Any, operation: str, **params: Any) -> str:
    with pytest.raises(AwsError) as raised:
        codecommit(operation, **params)
    return raised.value.code


def test_a_repository_is_described_by_its_address(codecommit: Any) -> None:
    made = codecommit("CreateRepository", repositoryName="hello", repositoryDescription="says hello", tags={"a": "b"})
    metadata = codecommit("GetRepository", repositoryName="hello")["repositoryMetadata"]
    assert made["repositoryMetadata"] == metadata
    assert metadata["Arn"] == "arn:aws:codecommit:eu-west-1:111111111111:hello"
    assert metadata["cloneUrlHttp"] == f"{codecommit.world.endpoint}/v1/repos/hello"
    assert codecommit.engine.tags(metadata["Arn"]) == {"a": "b"}
    assert (codecommit.world.root / "codecommit" / "111111111111" / "eu-west-1" / "hello.git").is_dir()


def test_names_are_unique_and_checked(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    assert code(codecommit, "CreateRepository", repositoryName="hello") == "RepositoryNameExistsException"
    for bad in ("a/b", "..", "x.git", "é" * 101, "a b"):
        assert code(codecommit, "CreateRepository", repositoryName=bad) == "InvalidRepositoryNameException"
    assert code(codecommit, "GetRepository", repositoryName="other") == "RepositoryDoesNotExistException"
    batch = codecommit("BatchGetRepositories", repositoryNames=["hello", "other"])
    assert [r["repositoryName"] for r in batch["repositories"]] == ["hello"]
    assert batch["repositoriesNotFound"] == ["other"]


def test_a_renamed_repository_keeps_its_commits(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    made = codecommit("PutFile", repositoryName="hello", branchName="main", filePath="a", fileContent=b"1")
    codecommit("UpdateRepositoryName", oldName="hello", newName="goodbye")
    assert [r["repositoryName"] for r in codecommit("ListRepositories")["repositories"]] == ["goodbye"]
    branch = codecommit("GetBranch", repositoryName="goodbye", branchName="main")["branch"]
    assert branch["commitId"] == made["commitId"]


def test_a_deleted_repository_leaves_nothing(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    codecommit("PutFile", repositoryName="hello", branchName="main", filePath="a", fileContent=b"1")
    assert codecommit("DeleteRepository", repositoryName="hello")["repositoryId"]
    assert codecommit("DeleteRepository", repositoryName="hello") == {}
    codecommit("CreateRepository", repositoryName="hello")
    assert codecommit("ListBranches", repositoryName="hello")["branches"] == []


def test_files_are_committed_and_read_back(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    first = codecommit(
        "CreateCommit", repositoryName="hello", branchName="main", authorName="Bob", email="bob@example.com",
        commitMessage="begin", putFiles=[
            {"filePath": "src/app.py", "fileContent": b"print(1)\n"},
            {"filePath": "run", "fileContent": b"#!/bin/sh\n", "fileMode": "EXECUTABLE"},
        ],
    )
    commit = codecommit("GetCommit", repositoryName="hello", commitId=first["commitId"])["commit"]
    assert (commit["message"].strip(), commit["parents"], commit["treeId"]) == ("begin", [], first["treeId"])
    assert (commit["author"]["name"], commit["author"]["email"]) == ("Bob", "bob@example.com")
    file = codecommit("GetFile", repositoryName="hello", filePath="src/app.py")
    assert (file["fileContent"], file["fileMode"], file["commitId"]) == (b"print(1)\n", "NORMAL", first["commitId"])
    assert codecommit("GetBlob", repositoryName="hello", blobId=file["blobId"])["content"] == b"print(1)\n"
    folder = codecommit("GetFolder", repositoryName="hello", folderPath="/", commitSpecifier="main")
    assert [f["absolutePath"] for f in folder["files"]] == ["run"]
    assert [f["absolutePath"] for f in folder["subFolders"]] == ["src"]
    inner = codecommit("GetFolder", repositoryName="hello", folderPath="src")
    assert inner["files"][0]["absolutePath"] == "src/app.py"
    assert code(codecommit, "GetFile", repositoryName="hello", filePath="src") == "FileDoesNotExistException"
    assert code(codecommit, "GetFolder", repositoryName="hello", folderPath="run") == "FolderDoesNotExistException"


def test_a_commit_on_an_old_parent_is_refused(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    put = {"repositoryName": "hello", "branchName": "main", "filePath": "a"}
    first = codecommit("PutFile", **put, fileContent=b"1")["commitId"]
    assert code(codecommit, "PutFile", **put, fileContent=b"2") == "ParentCommitIdRequiredException"
    second = codecommit("PutFile", **put, fileContent=b"2", parentCommitId=first)["commitId"]
    late = code(codecommit, "PutFile", **put, fileContent=b"3", parentCommitId=first)
    assert late == "ParentCommitIdOutdatedException"
    assert code(codecommit, "PutFile", **put, fileContent=b"2", parentCommitId=second) == "SameFileContentException"
    assert [e["detail"]["event"] for e in codecommit.world.events] == ["referenceCreated", "referenceUpdated"]


def test_differences_tell_added_modified_and_deleted(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    first = codecommit(
        "CreateCommit", repositoryName="hello", branchName="main",
        putFiles=[{"filePath": "a", "fileContent": b"1"}, {"filePath": "b", "fileContent": b"1"}],
    )["commitId"]
    codecommit(
        "CreateCommit", repositoryName="hello", branchName="main", parentCommitId=first,
        putFiles=[{"filePath": "a", "fileContent": b"2"}, {"filePath": "c", "fileContent": b"3"}],
        deleteFiles=[{"filePath": "b"}],
    )
    told = codecommit(
        "GetDifferences", repositoryName="hello", beforeCommitSpecifier=first, afterCommitSpecifier="main"
    )["differences"]
    assert [d["changeType"] for d in told] == ["M", "D", "A"]
    assert "beforeBlob" not in told[2]
    since_ever = codecommit("GetDifferences", repositoryName="hello", afterCommitSpecifier="main")["differences"]
    assert [(d["changeType"], d["afterBlob"]["path"]) for d in since_ever] == [("A", "a"), ("A", "c")]


def test_branches_are_made_and_deleted_but_not_the_default(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    made = codecommit("PutFile", repositoryName="hello", branchName="main", filePath="a", fileContent=b"1")
    commit = made["commitId"]
    codecommit("CreateBranch", repositoryName="hello", branchName="dev", commitId=commit)
    for name, expected in (("dev", "BranchNameExistsException"), ("a..b", "InvalidBranchNameException")):
        assert code(codecommit, "CreateBranch", repositoryName="hello", branchName=name, commitId=commit) == expected
    assert code(codecommit, "DeleteBranch", repositoryName="hello", branchName="main") == (
        "DefaultBranchCannotBeDeletedException"
    )
    codecommit("UpdateDefaultBranch", repositoryName="hello", defaultBranchName="dev")
    assert codecommit("DeleteBranch", repositoryName="hello", branchName="main")["deletedBranch"]["commitId"] == commit
    assert codecommit("ListBranches", repositoryName="hello")["branches"] == ["dev"]


def test_a_specifier_that_looks_like_an_option_is_no_commit(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    codecommit("PutFile", repositoryName="hello", branchName="main", filePath="a", fileContent=b"1")
    answer = code(codecommit, "GetFile", repositoryName="hello", filePath="a", commitSpecifier="--all")
    assert answer == "CommitDoesNotExistException"
    assert code(codecommit, "GetBlob", repositoryName="hello", blobId="--help") == "BlobIdDoesNotExistException"


def test_the_archive_is_the_tree_as_it_is(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    made = codecommit(
        "CreateCommit", repositoryName="hello", branchName="main", putFiles=[
            {"filePath": ".gitattributes", "fileContent": b"secret export-ignore\nversion export-subst\n"},
            {"filePath": "secret", "fileContent": b"x"}, {"filePath": "version", "fileContent": b"$Format:%H$"},
        ],
    )
    content = codecommit.engine.archive("111111111111", "eu-west-1", "hello", made["commitId"])
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert sorted(bundle.namelist()) == [".gitattributes", "secret", "version"]
        assert bundle.read("version") == b"$Format:%H$"


def test_pull_requests_are_refused_by_name(codecommit: Any) -> None:
    with pytest.raises(NotEmulated, match="codecommit:CreatePullRequest"):
        codecommit("CreatePullRequest", title="x")
