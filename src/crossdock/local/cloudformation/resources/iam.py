"""AWS::IAM: roles, users, policies. What a template attaches is put one by one, as the API wants it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import (
    Context,
    Handler,
    Props,
    changed,
    pick,
    sync_tags,
    tag_list,
    tags_of,
    words,
)  # fmt: skip
from crossdock.local.cloudformation.resources.shapes import text


def _tagged(props: Props) -> dict[str, Any]:
    tags = tag_list(tags_of(props))
    return {"Tags": tags} if tags else {}


def _inline(props: Props) -> dict[str, str]:
    return {str(p["PolicyName"]): text(p["PolicyDocument"]) for p in props.get("Policies", [])}


def _settle(ctx: Context, noun: str, name: str, old: Props, new: Props) -> None:
    """Bring inline and attached policies of a role or user from old to new. Detaching comes last: rights never dip."""
    who = {f"{noun}Name": name}
    before, after = _inline(old), _inline(new)
    for policy, document in after.items():
        if before.get(policy) != document:
            ctx.call("iam", f"Put{noun}Policy", {**who, "PolicyName": policy, "PolicyDocument": document})
    held, wanted = old.get("ManagedPolicyArns", []), new.get("ManagedPolicyArns", [])
    for arn in wanted:
        if arn not in held:
            ctx.call("iam", f"Attach{noun}Policy", {**who, "PolicyArn": arn})
    for policy in before.keys() - after.keys():
        ctx.drop("iam", f"Delete{noun}Policy", {**who, "PolicyName": policy})
    for arn in held:
        if arn not in wanted:
            ctx.drop("iam", f"Detach{noun}Policy", {**who, "PolicyArn": arn})
    if changed(old, new, "PermissionsBoundary") and old:
        if "PermissionsBoundary" in new:
            ctx.call("iam", f"Put{noun}PermissionsBoundary", {**who, **pick(new, "PermissionsBoundary")})
        else:
            ctx.drop("iam", f"Delete{noun}PermissionsBoundary", who)


def _role_name(ctx: Context, props: Props) -> str:
    return str(props.get("RoleName") or ctx.name(64))


def _create_role(ctx: Context, props: Props) -> str:
    name = _role_name(ctx, props)
    given = pick(props, "AssumeRolePolicyDocument Path Description MaxSessionDuration PermissionsBoundary")
    ctx.call("iam", "CreateRole", {"RoleName": name, **given}, **_tagged(props))
    ctx.made(name)
    _settle(ctx, "Role", name, {}, props)
    return name


def _update_role(ctx: Context, name: str, old: Props, new: Props) -> None:
    if changed(old, new, "AssumeRolePolicyDocument"):
        document = text(new["AssumeRolePolicyDocument"])
        ctx.call("iam", "UpdateAssumeRolePolicy", {"RoleName": name, "PolicyDocument": document})
    if changed(old, new, "Description", "MaxSessionDuration"):
        given = {"Description": "", "MaxSessionDuration": 3600, **pick(new, "Description MaxSessionDuration")}
        ctx.call("iam", "UpdateRole", {"RoleName": name, **given})
    _settle(ctx, "Role", name, old, new)
    sync_tags(
        old, new,
        lambda tags: ctx.call("iam", "TagRole", {"RoleName": name, "Tags": tag_list(tags)}),
        lambda names: ctx.call("iam", "UntagRole", {"RoleName": name, "TagKeys": names}),
    )  # fmt: skip


def _delete_role(ctx: Context, name: str, props: Props) -> None:
    _settle(ctx, "Role", name, {key: props[key] for key in props if key != "PermissionsBoundary"}, {})
    ctx.call("iam", "DeleteRole", {"RoleName": name})


def _read_role(ctx: Context, name: str, _: Props) -> dict[str, Any]:
    role = ctx.call("iam", "GetRole", {"RoleName": name})["Role"]
    return {"Arn": role["Arn"], "RoleId": role["RoleId"]}


def _create_user(ctx: Context, props: Props) -> str:
    name = str(props.get("UserName") or ctx.name(64))
    ctx.call("iam", "CreateUser", {"UserName": name, **pick(props, "Path PermissionsBoundary")}, **_tagged(props))
    ctx.made(name)
    _settle(ctx, "User", name, {}, props)
    _join(ctx, name, {}, props)
    return name


def _update_user(ctx: Context, name: str, old: Props, new: Props) -> None:
    if changed(old, new, "Path"):
        ctx.call("iam", "UpdateUser", {"UserName": name, "NewPath": new.get("Path", "/")})
    _settle(ctx, "User", name, old, new)
    _join(ctx, name, old, new)
    sync_tags(
        old, new,
        lambda tags: ctx.call("iam", "TagUser", {"UserName": name, "Tags": tag_list(tags)}),
        lambda names: ctx.call("iam", "UntagUser", {"UserName": name, "TagKeys": names}),
    )  # fmt: skip


def _join(ctx: Context, user: str, old: Props, new: Props) -> None:
    """The groups that a user is in."""
    for group in new.get("Groups", []):
        if group not in old.get("Groups", []):
            ctx.call("iam", "AddUserToGroup", {"GroupName": group, "UserName": user})
    for group in old.get("Groups", []):
        if group not in new.get("Groups", []):
            ctx.drop("iam", "RemoveUserFromGroup", {"GroupName": group, "UserName": user})


def _delete_user(ctx: Context, name: str, props: Props) -> None:
    _settle(ctx, "User", name, {key: props[key] for key in props if key != "PermissionsBoundary"}, {})
    _join(ctx, name, props, {})
    ctx.call("iam", "DeleteUser", {"UserName": name})


def _holders(props: Props) -> set[tuple[str, str]]:
    """Who a policy hangs on: ("Role", name), ("User", name), ("Group", name)."""
    return {(noun, str(name)) for noun in ("Role", "User", "Group") for name in props.get(f"{noun}s", [])}


def _put_inline(ctx: Context, name: str, old: Props, new: Props) -> None:
    for noun, holder in sorted(_holders(new)):
        document = text(new["PolicyDocument"])
        given = {f"{noun}Name": holder, "PolicyName": name, "PolicyDocument": document}
        ctx.call("iam", f"Put{noun}Policy", given)
    for noun, holder in sorted(_holders(old) - _holders(new)):
        ctx.drop("iam", f"Delete{noun}Policy", {f"{noun}Name": holder, "PolicyName": name})


def _create_inline(ctx: Context, props: Props) -> str:
    """Its identifier is made up: many policies may have one name (Template Reference, AWS::IAM::Policy, Id)."""
    _put_inline(ctx, str(props["PolicyName"]), {}, props)
    random = ctx.name().rpartition("-")[2]
    return f"{ctx.stack.name[:5]}-{ctx.logical_id[:4]}-{random}"


def _update_inline(ctx: Context, _: str, old: Props, new: Props) -> None:
    if changed(old, new, "PolicyName"):
        _put_inline(ctx, str(new["PolicyName"]), {}, new)
        _put_inline(ctx, str(old["PolicyName"]), old, {})
    else:
        _put_inline(ctx, str(new["PolicyName"]), old, new)


def _attach(ctx: Context, arn: str, old: Props, new: Props) -> None:
    for noun, holder in sorted(_holders(new) - _holders(old)):
        ctx.call("iam", f"Attach{noun}Policy", {f"{noun}Name": holder, "PolicyArn": arn})
    for noun, holder in sorted(_holders(old) - _holders(new)):
        ctx.drop("iam", f"Detach{noun}Policy", {f"{noun}Name": holder, "PolicyArn": arn})


def _create_managed(ctx: Context, props: Props) -> str:
    name = props.get("ManagedPolicyName") or ctx.name(128)
    given = pick(props, "PolicyDocument Path Description")
    arn = str(ctx.call("iam", "CreatePolicy", {"PolicyName": name, **given})["Policy"]["Arn"])
    ctx.made(arn)
    _attach(ctx, arn, {}, props)
    return arn


def _update_managed(ctx: Context, arn: str, old: Props, new: Props) -> None:
    if changed(old, new, "PolicyDocument"):
        _drop_versions(ctx, arn, keep=4)  # five at most: IAM quotas
        document = text(new["PolicyDocument"])
        ctx.call("iam", "CreatePolicyVersion", {"PolicyArn": arn, "PolicyDocument": document, "SetAsDefault": True})
    _attach(ctx, arn, old, new)


def _drop_versions(ctx: Context, arn: str, keep: int) -> None:
    versions = ctx.call("iam", "ListPolicyVersions", {"PolicyArn": arn})["Versions"]
    spare = sorted((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: v["CreateDate"])
    for version in spare[: max(0, len(versions) - keep)]:
        ctx.call("iam", "DeletePolicyVersion", {"PolicyArn": arn, "VersionId": version["VersionId"]})


def _delete_managed(ctx: Context, arn: str, props: Props) -> None:
    _attach(ctx, arn, props, {})
    _drop_versions(ctx, arn, keep=1)
    ctx.call("iam", "DeletePolicy", {"PolicyArn": arn})


def _create_profile(ctx: Context, props: Props) -> str:
    name = str(props.get("InstanceProfileName") or ctx.name(128))
    ctx.call("iam", "CreateInstanceProfile", {"InstanceProfileName": name, **pick(props, "Path")})
    ctx.made(name)
    _fill_profile(ctx, name, {}, props)
    return name


def _fill_profile(ctx: Context, name: str, old: Props, new: Props) -> None:
    """An instance profile holds one role: the old one goes first."""
    for role in old.get("Roles", []):
        if role not in new.get("Roles", []):
            given = {"InstanceProfileName": name, "RoleName": role}
            ctx.drop("iam", "RemoveRoleFromInstanceProfile", given)
    for role in new.get("Roles", []):
        if role not in old.get("Roles", []):
            ctx.call("iam", "AddRoleToInstanceProfile", {"InstanceProfileName": name, "RoleName": role})


def _delete_profile(ctx: Context, name: str, props: Props) -> None:
    _fill_profile(ctx, name, props, {})
    ctx.call("iam", "DeleteInstanceProfile", {"InstanceProfileName": name})


def _read_profile(ctx: Context, name: str, _: Props) -> Mapping[str, Any]:
    return {"Arn": ctx.call("iam", "GetInstanceProfile", {"InstanceProfileName": name})["InstanceProfile"]["Arn"]}


def _create_group(ctx: Context, props: Props) -> str:
    name = str(props.get("GroupName") or ctx.name(128))
    ctx.call("iam", "CreateGroup", {"GroupName": name, **pick(props, "Path")})
    ctx.made(name)
    _settle(ctx, "Group", name, {}, props)
    return name


def _update_group(ctx: Context, name: str, old: Props, new: Props) -> None:
    if changed(old, new, "Path"):
        ctx.call("iam", "UpdateGroup", {"GroupName": name, "NewPath": new.get("Path", "/")})
    _settle(ctx, "Group", name, old, new)


def _delete_group(ctx: Context, name: str, props: Props) -> None:
    _settle(ctx, "Group", name, props, {})
    ctx.call("iam", "DeleteGroup", {"GroupName": name})


def _members(ctx: Context, group: str, old: Props, new: Props) -> None:
    before, after = old.get("Users", []), new.get("Users", [])
    for user in after:
        if user not in before:
            ctx.call("iam", "AddUserToGroup", {"GroupName": group, "UserName": user})
    for user in before:
        if user not in after:
            ctx.drop("iam", "RemoveUserFromGroup", {"GroupName": group, "UserName": user})


def _move_members(ctx: Context, _: str, old: Props, new: Props) -> None:
    if changed(old, new, "GroupName"):
        _members(ctx, str(new["GroupName"]), {}, new)
        _members(ctx, str(old["GroupName"]), old, {})
    else:
        _members(ctx, str(new["GroupName"]), old, new)


def _add_members(ctx: Context, props: Props) -> str:
    _members(ctx, str(props["GroupName"]), {}, props)
    return ctx.name(64)


def _create_key(ctx: Context, props: Props) -> str:
    made = ctx.call("iam", "CreateAccessKey", pick(props, "UserName"))["AccessKey"]
    ctx.made(str(made["AccessKeyId"]))
    ctx.known["SecretAccessKey"] = made["SecretAccessKey"]
    ctx.stack.secrets.add(str(made["SecretAccessKey"]))
    if "Status" in props:
        _key_status(ctx, str(made["AccessKeyId"]), props)
    return str(made["AccessKeyId"])


def _read_key(ctx: Context, key: str, _: Props) -> dict[str, Any]:
    """The secret is told once, at creation; an update finds it where that was kept."""
    held = ctx.stack.resources.get(ctx.logical_id)
    return {**(held.attributes if held else {}), "Id": key, **ctx.known}


def _key_status(ctx: Context, key: str, props: Props) -> None:
    given = {"UserName": props["UserName"], "AccessKeyId": key, "Status": props.get("Status", "Active")}
    ctx.call("iam", "UpdateAccessKey", given)


def _create_linked(ctx: Context, props: Props) -> str:
    given = pick(props, "AWSServiceName CustomSuffix Description")
    return str(ctx.call("iam", "CreateServiceLinkedRole", given)["Role"]["RoleName"])


_PROVIDER = Tagging(put=("TagOpenIDConnectProvider", "OpenIDConnectProviderArn", "Tags"),
                    drop=("UntagOpenIDConnectProvider", "OpenIDConnectProviderArn", "TagKeys"))


def _clients(ctx: Context, provider: str, old: Props, new: Props) -> None:
    """Who may sign in is added and taken away one by one."""
    before, after = old.get("ClientIdList", []), new.get("ClientIdList", [])
    for verb, clients in (("AddClientIDTo", [one for one in after if one not in before]),
                          ("RemoveClientIDFrom", [one for one in before if one not in after])):
        for client in clients:
            ctx.call("iam", f"{verb}OpenIDConnectProvider", {
                "OpenIDConnectProviderArn": provider, "ClientID": client})


TYPES = (
    *handlers(
        Kind(
            type="AWS::IAM::OIDCProvider", service="iam", id="OpenIDConnectProviderArn",
            who="OpenIDConnectProviderArn", create="CreateOpenIDConnectProvider",
            delete="DeleteOpenIDConnectProvider", takes="Url ClientIdList ThumbprintList",
            steps=(Step(operation="UpdateOpenIDConnectProviderThumbprint", whole=True, of="ThumbprintList"),
                   Own(of="ClientIdList", settle=_clients)),
            found={"Arn": "={id}"}, tagging=_PROVIDER, arn="{id}",
        ),
    ),
    Handler(
        type="AWS::IAM::Group",
        emulated=words("GroupName Path Policies ManagedPolicyArns"),
        create=_create_group, delete=_delete_group,
        update=_update_group,
        read=lambda ctx, name, _: {"Arn": ctx.call("iam", "GetGroup", {"GroupName": name})["Group"]["Arn"]},
    ),
    Handler(
        type="AWS::IAM::UserToGroupAddition",
        emulated=words("GroupName Users"), create=_add_members,
        update=_move_members,
        delete=lambda ctx, _, props: _members(ctx, str(props["GroupName"]), props, {}),
        read=lambda _ctx, id_, _props: {"Id": id_},
    ),
    Handler(
        type="AWS::IAM::AccessKey",
        emulated=words("UserName Status Serial"), create=_create_key,
        update=lambda ctx, key, _old, new: _key_status(ctx, key, new),
        delete=lambda ctx, key, props: ctx.call(
            "iam", "DeleteAccessKey", {"UserName": props["UserName"], "AccessKeyId": key}),
        read=_read_key,
    ),
    Handler(
        type="AWS::IAM::ServiceLinkedRole",
        emulated=words("AWSServiceName CustomSuffix Description"), create=_create_linked,
        update=lambda ctx, name, _old, new: ctx.call(
            "iam", "UpdateRole", {"RoleName": name, "Description": new.get("Description", "")}),
        delete=lambda ctx, name, _: ctx.call("iam", "DeleteServiceLinkedRole", {"RoleName": name}),
        read=lambda _ctx, name, _props: {"RoleName": name},
    ),
    Handler(
        type="AWS::IAM::Role",
        emulated=words("RoleName AssumeRolePolicyDocument Path Description MaxSessionDuration PermissionsBoundary "
                       "Policies ManagedPolicyArns Tags"),
        tags="list", create=_create_role, update=_update_role, delete=_delete_role, read=_read_role,
        foretell=_role_name,
    ),
    Handler(
        type="AWS::IAM::User",
        emulated=words("UserName Path Groups PermissionsBoundary Policies ManagedPolicyArns Tags"),
        tags="list", create=_create_user, delete=_delete_user,
        update=_update_user,
        read=lambda ctx, name, _: {"Arn": ctx.call("iam", "GetUser", {"UserName": name})["User"]["Arn"]},
    ),
    Handler(
        type="AWS::IAM::Policy",
        emulated=words("PolicyName PolicyDocument Roles Users Groups"),
        create=_create_inline, update=_update_inline,
        delete=lambda ctx, _, props: _put_inline(ctx, str(props["PolicyName"]), props, {}),
        read=lambda _ctx, id_, _props: {"Id": id_},
    ),
    Handler(
        type="AWS::IAM::ManagedPolicy",
        emulated=words("ManagedPolicyName PolicyDocument Path Description Roles Users Groups"),
        create=_create_managed, update=_update_managed, delete=_delete_managed,
        read=lambda _ctx, arn, _props: {"PolicyArn": arn},
    ),
    Handler(
        type="AWS::IAM::InstanceProfile",
        emulated=words("InstanceProfileName Path Roles"),
        create=_create_profile, update=_fill_profile, delete=_delete_profile, read=_read_profile,
    ),
)  # fmt: skip
