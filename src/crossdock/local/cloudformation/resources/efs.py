"""AWS::EFS: file systems, mount targets, access points. Kept and shown; nothing is mounted here."""

from __future__ import annotations

import secrets
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props, pick
from crossdock.local.cloudformation.resources.shapes import text
from crossdock.local.engine import NotEmulated

_MADE = "PerformanceMode Encrypted KmsKeyId ThroughputMode ProvisionedThroughputInMibps AvailabilityZoneName"


def _create(ctx: Context, props: Props) -> str:
    given = {"CreationToken": secrets.token_hex(16), **pick(props, _MADE)}
    if tags := props.get("FileSystemTags"):
        given["Tags"] = tags
    return str(ctx.call("efs", "CreateFileSystem", given)["FileSystemId"])


def _retag(name: str) -> Own:
    def settle(ctx: Context, id_: str, old: Props, new: Props) -> None:
        kept = {tag["Key"] for tag in new.get(name, [])}
        if gone := [tag["Key"] for tag in old.get(name, []) if tag["Key"] not in kept]:
            ctx.call("efs", "UntagResource", {"ResourceId": id_, "TagKeys": gone})
        if new.get(name):
            ctx.call("efs", "TagResource", {"ResourceId": id_, "Tags": new[name]})

    return Own(of=name, settle=settle)


def _lifecycle(ctx: Context, id_: str, _old: Props, new: Props) -> None:
    given = {"FileSystemId": id_, "LifecyclePolicies": new.get("LifecyclePolicies", [])}
    ctx.call("efs", "PutLifecycleConfiguration", given)


def _policy(ctx: Context, id_: str, _old: Props, new: Props) -> None:
    if "FileSystemPolicy" not in new:
        raise NotEmulated("FileSystemPolicy taken out of AWS::EFS::FileSystem")
    ctx.call("efs", "PutFileSystemPolicy", {"FileSystemId": id_, "Policy": text(new["FileSystemPolicy"])})


def _create_point(ctx: Context, props: Props) -> str:
    given = {"ClientToken": secrets.token_hex(16), **pick(props, "ClientToken FileSystemId PosixUser RootDirectory")}
    if tags := props.get("AccessPointTags"):
        given["Tags"] = tags
    return str(ctx.call("efs", "CreateAccessPoint", given)["AccessPointId"])


def _of_target(ctx: Context, id_: str) -> dict[str, Any]:
    found = ctx.call("efs", "DescribeMountTargets", {"MountTargetId": id_})["MountTargets"][0]
    return {"Id": id_, "IpAddress": found.get("IpAddress", "")}


TYPES = handlers(
    Kind(
        type="AWS::EFS::FileSystem", service="efs", who="FileSystemId", create="CreateFileSystem",
        delete="DeleteFileSystem", takes=f"{_MADE} FileSystemTags", make=_create,
        steps=(_retag("FileSystemTags"),
               Own(of="LifecyclePolicies", settle=_lifecycle, created=True),
               Own(of="FileSystemPolicy", settle=_policy, created=True)),
        found={"FileSystemId": "={id}",
               "Arn": "=arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{id}"},
        accepted="BackupPolicy BypassPolicyLockoutSafetyCheck", tags="list", tagged="FileSystemTags",
    ),
    Kind(
        type="AWS::EFS::MountTarget", service="efs", who="MountTargetId", id="MountTargetId",
        create="CreateMountTarget", delete="DeleteMountTarget", takes="FileSystemId SubnetId IpAddress SecurityGroups",
        steps=(Step(operation="ModifyMountTargetSecurityGroups", of="SecurityGroups"),), also=_of_target,
    ),
    Kind(
        type="AWS::EFS::AccessPoint", service="efs", who="AccessPointId", create="CreateAccessPoint",
        delete="DeleteAccessPoint", takes="ClientToken FileSystemId PosixUser RootDirectory AccessPointTags",
        make=_create_point, steps=(_retag("AccessPointTags"),),
        found={"AccessPointId": "={id}",
               "Arn": "=arn:{partition}:elasticfilesystem:{region}:{account}:access-point/{id}"},
        tags="list", tagged="AccessPointTags",
    ),
)  # fmt: skip
