"""AWS::SSM: parameters."""

from __future__ import annotations

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


TYPES = (
    Handler(
        type="AWS::SSM::Parameter",
        emulated=words(f"Name Tags {_PUT}"),
        tags="map", create=_create, update=_update,
        delete=lambda ctx, name, _: ctx.call("ssm", "DeleteParameter", {"Name": name}),
        read=lambda _ctx, _name, props: {"Type": props["Type"], "Value": props["Value"]},
    ),
)  # fmt: skip
