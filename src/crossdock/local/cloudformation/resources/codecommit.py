"""AWS::CodeCommit: repositories. A template names a repository by its id, the API by its name."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.handler import (
    Context,
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
    return str(ctx.call("codecommit", "CreateRepository", given)["repositoryMetadata"]["repositoryId"])


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
        emulated=words("RepositoryName RepositoryDescription KmsKeyId Tags"),
        tags="list", create=_create, update=_update, read=_read,
        delete=lambda ctx, _, props: ctx.call(
            "codecommit", "DeleteRepository", {"repositoryName": props["RepositoryName"]}),
    ),
)  # fmt: skip
