"""AWS::CodeBuild: projects. The API's members are the properties, but for the case of a first letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.cloudformation.resources.handler import Context, Handler, Props, role_arn, words

_RESET: Mapping[str, Any] = {"Description": "", "TimeoutInMinutes": 60, "QueuedTimeoutInMinutes": 480, "Tags": []}
"""What a property that was taken out of the template goes back to."""


def _request(ctx: Context, name: str, props: Props) -> dict[str, Any]:
    return {**props, "Name": name, "ServiceRole": role_arn(ctx, str(props["ServiceRole"]))}


def _create(ctx: Context, props: Props) -> str:
    name = str(props.get("Name") or ctx.name(255))
    ctx.call("codebuild", "CreateProject", _request(ctx, name, props))
    return name


def _update(ctx: Context, name: str, old: Props, new: Props) -> None:
    gone = {key: value for key, value in _RESET.items() if key in old and key not in new}
    ctx.call("codebuild", "UpdateProject", _request(ctx, name, {**new, **gone}))


TYPES = (
    Handler(
        type="AWS::CodeBuild::Project",
        emulated=words(
            "Name Description ServiceRole Artifacts SecondaryArtifacts Source SecondarySources "
            "SourceVersion Environment TimeoutInMinutes QueuedTimeoutInMinutes EncryptionKey Cache LogsConfig "
            "Tags ConcurrentBuildLimit"
        ),
        accepted=words("BadgeEnabled AutoRetryLimit Visibility VpcConfig"),
        tags="list", create=_create, update=_update,
        delete=lambda ctx, name, _: ctx.call("codebuild", "DeleteProject", {"Name": name}),
        read=lambda ctx, name, _: {"Arn": ctx.arn("codebuild", f"project/{name}")},
    ),
)  # fmt: skip
