"""AWS::SSM: parameters; documents and maintenance windows, which are kept and shown, and never run here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import (
    Context,
    Failed,
    Handler,
    Props,
    pick,
    sync_tags,
    tag_list,
    tags_of,
    words,
)  # fmt: skip
from crossdock.local.cloudformation.resources.shapes import text

_PUT = "Type Value Description AllowedPattern Tier DataType Policies"


def _create(ctx: Context, props: Props) -> str:
    name = str(props.get("Name") or f"CFN-{ctx.name(1000)}")
    tags = tag_list(tags_of(props))
    ctx.call("ssm", "PutParameter", {"Name": name, **pick(props, _PUT)}, **({"Tags": tags} if tags else {}))
    return name


def _update(ctx: Context, name: str, old: Props, new: Props) -> None:
    if pick(old, _PUT) != pick(new, _PUT):
        ctx.call("ssm", "PutParameter", {"Name": name, **pick(new, _PUT), "Overwrite": True})
    who = {"ResourceType": "Parameter", "ResourceId": name}
    sync_tags(
        old, new,
        lambda tags: ctx.call("ssm", "AddTagsToResource", {**who, "Tags": tag_list(tags)}),
        lambda names: ctx.call("ssm", "RemoveTagsFromResource", {**who, "TagKeys": names}),
    )  # fmt: skip


_WINDOW = ("AllowUnassociatedTargets Cutoff Description Duration EndDate Name Schedule ScheduleOffset "
           "ScheduleTimezone StartDate")
_TASK = ("CutoffBehavior Description LoggingInfo MaxConcurrency MaxErrors Name Priority ServiceRoleArn Targets TaskArn "
         "TaskInvocationParameters TaskParameters")
_TARGET = "Description Name OwnerInformation Targets"


def _in_window(member: str) -> Callable[[Context, str, Props], dict[str, Any]]:
    return lambda _ctx, id_, props: {member: id_, **pick(props, "WindowId")}


def _tagged(kind: str) -> Tagging:
    """Tags by the sort of thing and its name."""
    return Tagging(put=("AddTagsToResource", "ResourceId", "Tags"), drop=("RemoveTagsFromResource", "ResourceId",
                                                                          "TagKeys"), also={"ResourceType": kind})


def _document(ctx: Context, props: Props) -> str:
    name = str(props.get("Name") or ctx.name(128))
    tags = tag_list(tags_of(props))
    given = {"Name": name, "Content": text(props["Content"]), **pick(props, f"DocumentType {_SHAPE}")}
    ctx.call("ssm", "CreateDocument", given, **({"Tags": tags} if tags else {}))
    return name


_SHAPE = "DocumentFormat TargetType VersionName"


def _another(ctx: Context, name: str, _old: Props, new: Props) -> str:
    """Another document, or with `UpdateMethod: NewVersion` another version of it, which becomes its default
    (CloudFormation reference, AWS::SSM::Document, UpdateMethod)."""
    if new.get("UpdateMethod") != "NewVersion":
        if "Name" in new:
            raise Failed(f"{name} has a custom name and can't be replaced: set UpdateMethod to NewVersion")
        return _document(ctx, new)
    given = {"Name": name, "Content": text(new["Content"]), "DocumentVersion": "$LATEST", **pick(new, _SHAPE)}
    made = ctx.call("ssm", "UpdateDocument", given)["DocumentDescription"]["DocumentVersion"]
    ctx.call("ssm", "UpdateDocumentDefaultVersion", {"Name": name, "DocumentVersion": made})
    return name


TYPES = (
    *handlers(
        Kind(
            type="AWS::SSM::Document", service="ssm", name="Name", who="Name", create="CreateDocument",
            delete="DeleteDocument", takes="DocumentType", make=_document,
            steps=(Own(of=f"Content {_SHAPE}", settle=_another, replaces=True),), tagging=_tagged("Document"),
            arn="{id}", accepted="UpdateMethod",
        ),
        Kind(
            type="AWS::SSM::MaintenanceWindow", service="ssm", id="WindowId", who="WindowId",
            create="CreateMaintenanceWindow", delete="DeleteMaintenanceWindow", takes=_WINDOW,
            steps=(Step(operation="UpdateMaintenanceWindow", whole=True, of=_WINDOW, fixed={"Replace": True}),),
            found={"WindowId": "={id}"}, tagging=_tagged("MaintenanceWindow"), arn="{id}",
        ),
        Kind(
            type="AWS::SSM::MaintenanceWindowTarget", service="ssm", id="WindowTargetId",
            who=_in_window("WindowTargetId"), create="RegisterTargetWithMaintenanceWindow",
            delete="DeregisterTargetFromMaintenanceWindow", takes=f"WindowId ResourceType {_TARGET}",
            steps=(Step(operation="UpdateMaintenanceWindowTarget", whole=True, of=_TARGET, fixed={"Replace": True}),),
            found={"WindowTargetId": "={id}"},
        ),
        Kind(
            type="AWS::SSM::MaintenanceWindowTask", service="ssm", id="WindowTaskId", who=_in_window("WindowTaskId"),
            create="RegisterTaskWithMaintenanceWindow", delete="DeregisterTaskFromMaintenanceWindow",
            takes=f"WindowId TaskType {_TASK}", found={"WindowTaskId": "={id}"},
            steps=(Step(operation="UpdateMaintenanceWindowTask", whole=True, of=_TASK, fixed={"Replace": True}),),
        ),
    ),
    Handler(
        type="AWS::SSM::Parameter",
        emulated=words(f"Name Tags {_PUT}"),
        tags="map", create=_create, update=_update,
        delete=lambda ctx, name, _: ctx.call("ssm", "DeleteParameter", {"Name": name}),
        read=lambda _ctx, _name, props: {"Type": props["Type"], "Value": props["Value"]},
    ),
)  # fmt: skip
