"""How EC2 takes tags: at creation by the type of what is made, later by its id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.local.cloudformation.resources.declare import Tagging
from crossdock.local.cloudformation.resources.handler import Context, Props, sync_tags, tag_list, tags_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceTags(Tagging):
    """`TagSpecifications` at creation; CreateTags and DeleteTags name the resource by its id."""

    kind: str
    put: tuple[str, str, str] = ("CreateTags", "Resources[]", "Tags")
    drop: tuple[str, str, str] = ("DeleteTags", "Resources[]", "Tags")
    create: str = "TagSpecifications"

    def at_creation(self, tags: Mapping[str, str]) -> Any:
        return [{"ResourceType": self.kind, "Tags": tag_list(tags)}]


def specification(kind: str, props: Props) -> dict[str, Any]:
    """The member of a creating call, when there are tags."""
    tags = tags_of(props)
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": tag_list(tags)}]} if tags else {}


def retag(ctx: Context, id_: str, old: Props, new: Props) -> None:
    sync_tags(
        old, new,
        lambda tags: ctx.call("ec2", "CreateTags", {"Resources": [id_], "Tags": tag_list(tags)}),
        lambda keys: ctx.call("ec2", "DeleteTags", {"Resources": [id_], "Tags": [{"Key": key} for key in keys]}),
    )  # fmt: skip
