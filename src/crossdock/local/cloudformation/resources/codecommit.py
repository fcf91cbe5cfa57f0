"""AWS::CodeCommit: repositories. A template names a repository by its id, the API by its name."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from crossdock.local.cloudformation.resources.handler import (
    Context,
    Failed,
    Handler,
    Props,
    changed,
    sync_tags,
    tags_of,
    words,
)  # fmt: skip


def _create(ctx: Context, props: Props) -> str:
    given: dict[str, Any] = {"repositoryName": props["RepositoryName"], "tags": tags_of(props)}
    if props.get("RepositoryDescription"):
        given["repositoryDescription"] = props["RepositoryDescription"]
    if props.get("KmsKeyId"):
        given["kmsKeyId"] = props["KmsKeyId"]
    made = str(ctx.call("codecommit", "CreateRepository", given)["repositoryMetadata"]["repositoryId"])
    ctx.made(made)
    if "Code" in props:
        _commit(ctx, str(props["RepositoryName"]), props["Code"])
    return made


FILES = 100
"""As many as one commit takes (CodeCommit API, CreateCommit)."""


def _commit(ctx: Context, repository: str, code: Props) -> None:
    """The first commits: what is in an archive in S3 (CloudFormation reference, AWS::CodeCommit::Repository Code)."""
    place = code["S3"]
    version = {"VersionId": place["ObjectVersion"]} if "ObjectVersion" in place else {}
    body = ctx.client("s3").get_object(Bucket=place["Bucket"], Key=place["Key"], **version)["Body"].read()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            files = [(name, archive.read(name)) for name in archive.namelist() if not name.endswith("/")]
    except zipfile.BadZipFile as error:
        raise Failed(f"s3://{place['Bucket']}/{place['Key']} is not a zip archive") from error
    parent: dict[str, str] = {}
    for start in range(0, len(files), FILES):
        put = [{"filePath": name, "fileContent": content} for name, content in files[start : start + FILES]]
        answer = ctx.client("codecommit").create_commit(
            repositoryName=repository, branchName=str(code.get("BranchName", "main")), putFiles=put,
            commitMessage="Initial commit", **parent)
        parent = {"parentCommitId": answer["commitId"]}


def _update(ctx: Context, _: str, old: Props, new: Props) -> None:
    name = new["RepositoryName"]
    if changed(old, new, "RepositoryName"):
        ctx.call("codecommit", "UpdateRepositoryName", {"oldName": old["RepositoryName"], "newName": name})
    if changed(old, new, "RepositoryDescription"):
        given = {"repositoryName": name, "repositoryDescription": new.get("RepositoryDescription", "")}
        ctx.call("codecommit", "UpdateRepositoryDescription", given)
    arn = ctx.arn("codecommit", name)
    sync_tags(
        old, new,
        lambda tags: ctx.call("codecommit", "TagResource", {"resourceArn": arn, "tags": tags}),
        lambda names: ctx.call("codecommit", "UntagResource", {"resourceArn": arn, "tagKeys": names}),
    )  # fmt: skip


def _read(ctx: Context, _: str, props: Props) -> dict[str, Any]:
    found = ctx.call("codecommit", "GetRepository", {"repositoryName": props["RepositoryName"]})["repositoryMetadata"]
    return {
        "Arn": found["Arn"], "Name": found["repositoryName"],
        "CloneUrlHttp": found["cloneUrlHttp"], "CloneUrlSsh": found.get("cloneUrlSsh", ""),
    }  # fmt: skip


TYPES = (
    Handler(
        type="AWS::CodeCommit::Repository",
        emulated=words("RepositoryName RepositoryDescription KmsKeyId Tags Code"),
        tags="list", create=_create, update=_update, read=_read,
        delete=lambda ctx, _, props: ctx.call(
            "codecommit", "DeleteRepository", {"repositoryName": props["RepositoryName"]}),
    ),
)  # fmt: skip
