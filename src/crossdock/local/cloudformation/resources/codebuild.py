"""AWS::CodeBuild: projects with their webhooks, credentials of git hosts, report groups. The API's members are the
properties, but for the case of a first letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Step, handlers
from crossdock.local.cloudformation.resources.handler import Context, Handler, Props, pick, role_arn, words
from crossdock.local.cloudformation.resources.shapes import truth

_RESET: Mapping[str, Any] = {
    "Description": "", "TimeoutInMinutes": 60, "QueuedTimeoutInMinutes": 480, "Tags": [], "ConcurrentBuildLimit": -1,
    "Cache": {"Type": "NO_CACHE"}, "SecondarySources": [], "SecondaryArtifacts": [], "SourceVersion": "",
    "LogsConfig": {"CloudWatchLogs": {"Status": "ENABLED"}, "S3Logs": {"Status": "DISABLED"}},
}
"""What a property that was taken out of the template goes back to."""


def _request(ctx: Context, name: str, props: Props) -> dict[str, Any]:
    own = {key: value for key, value in props.items() if key != "Triggers"}
    return {**own, "Name": name, "ServiceRole": role_arn(ctx, str(props["ServiceRole"]))}


def _create(ctx: Context, props: Props) -> str:
    name = str(props.get("Name") or ctx.name(255))
    ctx.call("codebuild", "CreateProject", _request(ctx, name, props))
    ctx.made(name)
    _settle_webhook(ctx, name, {}, props.get("Triggers") or {})
    return name


def _update(ctx: Context, name: str, old: Props, new: Props) -> None:
    gone = {key: value for key, value in _RESET.items() if key in old and key not in new}
    ctx.call("codebuild", "UpdateProject", _request(ctx, name, {**new, **gone}))
    _settle_webhook(ctx, name, old.get("Triggers") or {}, new.get("Triggers") or {})


def _settle_webhook(ctx: Context, name: str, old: Props, new: Props) -> None:
    """The project's webhook, which a template writes as a property of the project."""
    before, after = truth(old.get("Webhook", False)), truth(new.get("Webhook", False))
    given = {"ProjectName": name, **pick(new, "FilterGroups BuildType ScopeConfiguration PullRequestBuildPolicy")}
    if after and not before:
        ctx.call("codebuild", "CreateWebhook", given)
    elif before and not after:
        ctx.drop("codebuild", "DeleteWebhook", {"ProjectName": name})
    elif after and old != new:
        ctx.call("codebuild", "UpdateWebhook", given)


TYPES = (
    Handler(
        type="AWS::CodeBuild::Project",
        emulated=words(
            "Name Description ServiceRole Artifacts SecondaryArtifacts Source SecondarySources "
            "SourceVersion Environment TimeoutInMinutes QueuedTimeoutInMinutes EncryptionKey Cache LogsConfig "
            "Tags ConcurrentBuildLimit Triggers"
        ),
        accepted=words("BadgeEnabled AutoRetryLimit Visibility VpcConfig"),
        tags="list", create=_create, update=_update,
        delete=lambda ctx, name, _: ctx.call("codebuild", "DeleteProject", {"Name": name}),
        read=lambda ctx, name, _: {"Arn": ctx.arn("codebuild", f"project/{name}")},
    ),
    *handlers(
        Kind(
            type="AWS::CodeBuild::SourceCredential", service="codebuild", create="ImportSourceCredentials",
            delete="DeleteSourceCredentials", takes="AuthType ServerType Token Username", who="arn", id="arn",
            fixed={"shouldOverwrite": False},
        ),
        Kind(
            type="AWS::CodeBuild::ReportGroup", service="codebuild", create="CreateReportGroup",
            delete="DeleteReportGroup", takes="Type ExportConfig Tags", name="Name", limit=128, who="arn",
            id="reportGroup.arn", steps=(Step(operation="UpdateReportGroup", of="ExportConfig Tags"),),
            accepted="DeleteReports", tags="list",
        ),
    ),
)  # fmt: skip
