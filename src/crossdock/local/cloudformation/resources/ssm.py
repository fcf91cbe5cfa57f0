"""AWS::SSM: parameters; documents and maintenance windows, which are kept and shown, and never run here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, handlers
from crossdock.local.cloudformation.resources.handler import (
    Context,
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
_TARGET = "Description Name OwnerInformation ResourceType Targets"


def _in_window(member: str) -> Callable[[Context, str, Props], dict[str, Any]]:
    return lambda _ctx, id_, props: {member: id_, **pick(props, "WindowId")}


TYPES = (
    *handlers(
        Kind(
            type="AWS::SSM::Document", service="ssm", name="Name", limit=128, who="Name", create="CreateDocument",
            delete="DeleteDocument", takes="Content DocumentFormat DocumentType TargetType VersionName Tags",
            shaped={"Content": text}, accepted="UpdateMethod",
        ),
        Kind(
            type="AWS::SSM::MaintenanceWindow", service="ssm", id="WindowId", who="WindowId",
            create="CreateMaintenanceWindow", delete="DeleteMaintenanceWindow", takes=f"{_WINDOW} Tags",
            found={"WindowId": "={id}"},
        ),
        Kind(
            type="AWS::SSM::MaintenanceWindowTarget", service="ssm", id="WindowTargetId",
            who=_in_window("WindowTargetId"), create="RegisterTargetWithMaintenanceWindow",
            delete="DeregisterTargetFromMaintenanceWindow", takes=f"WindowId {_TARGET}",
            found={"WindowTargetId": "={id}"},
        ),
        Kind(
            type="AWS::SSM::MaintenanceWindowTask", service="ssm", id="WindowTaskId", who=_in_window("WindowTaskId"),
            create="RegisterTaskWithMaintenanceWindow", delete="DeregisterTaskFromMaintenanceWindow",
            takes=f"WindowId TaskType {_TASK}", found={"WindowTaskId": "={id}"},
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
