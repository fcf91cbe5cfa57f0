"""AWS::ResourceGroups: groups. Kept and shown."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props, pick, tags_of
from crossdock.local.cloudformation.resources.shapes import text


def _group_tags(ctx: Context, name: str, old: Props, new: Props) -> None:
    arn = ctx.arn("resource-groups", f"group/{name}")
    if gone := sorted(tags_of(old).keys() - tags_of(new).keys()):
        ctx.call("resource-groups", "Untag", {"Arn": arn, "Keys": gone})
    if after := tags_of(new):
        ctx.call("resource-groups", "Tag", {"Arn": arn, "Tags": after})


def _make_group(ctx: Context, props: Props) -> str:
    given = {**pick(props, "Name Description ResourceQuery Configuration"), "Tags": tags_of(props)}
    given.setdefault("ResourceQuery", _everything_of(ctx))
    return str(ctx.call("resource-groups", "CreateGroup", given)["Group"]["Name"])


def _everything_of(ctx: Context) -> dict[str, Any]:
    """A group without a query is of its own stack (CloudFormation reference, AWS::ResourceGroups::Group)."""
    query = {"ResourceTypeFilters": ["AWS::AllSupported"], "StackIdentifier": ctx.stack.id}
    return {"Type": "CLOUDFORMATION_STACK_1_0", "Query": text(query)}


TYPES = handlers(
    Kind(
        type="AWS::ResourceGroups::Group", service="resource-groups", who="GroupName", create="CreateGroup",
        delete="DeleteGroup", takes="Name Configuration", make=_make_group,
        steps=(Step(operation="UpdateGroup", of="Description", empty={"Description": ""}),
               Step(operation="UpdateGroupQuery", whole=True, of="ResourceQuery"), Own(of="Tags", settle=_group_tags)),
        tags="list",
        found={"Arn": "=arn:{partition}:resource-groups:{region}:{account}:group/{id}"},
    ),
)  # fmt: skip
