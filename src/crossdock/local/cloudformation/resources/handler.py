"""The frame of all resource types: what a handler declares, and what it is given to work with."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from crossdock.local.cloudformation.resources.shapes import fit, text
from crossdock.local.engine import snake
from crossdock.local.identity import Caller
from crossdock.template import schema

if TYPE_CHECKING:
    from crossdock.local.cloudformation.engine import CloudFormation
    from crossdock.local.cloudformation.state import Stack

Props = Mapping[str, Any]
NAME_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Failed(Exception):
    """A handler says no by itself. `reason` becomes the event's reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True, kw_only=True)
class Context:
    """One resource being worked on.

    caller   whose rights count: the stack's role, or the caller by forward access
    made     tells the physical id as soon as it exists, so that a failure after that is still rolled back
    stopped  whether the operation was cancelled: long waits look at it
    undoing  the work belongs to a rollback
    known    what creating or updating told already, for `read`
    tail     what is random of the names that are made for it
    """

    engine: CloudFormation
    stack: Stack
    caller: Caller
    logical_id: str
    type: str
    made: Callable[[str], None] = lambda _: None
    stopped: Callable[[], bool] = lambda: False
    undoing: bool = False
    known: dict[str, Any] = field(default_factory=dict)
    tail: str = ""

    @property
    def account(self) -> str:
        return self.stack.account

    @property
    def region(self) -> str:
        return self.stack.region

    @property
    def partition(self) -> str:
        return self.engine.world.partition

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def client(self, service: str) -> Any:
        return self.engine.world.client(service, self.caller, self.region)

    def call(self, service: str, operation: str, params: Props | None = None, **more: Any) -> Any:
        """One API call. Names and types of `params` are fitted to the API's model; those of `more` are so already."""
        client = self.client(service)
        shape = client.meta.service_model.operation_model(operation).input_shape
        fitted = fit(shape, dict(params or {}), self.type) if shape else {}
        return getattr(client, snake(operation))(**fitted, **more)

    def drop(self, service: str, operation: str, params: Props) -> None:
        """An API call that takes something away. It may be gone, or never have come to be when a creation failed."""
        try:
            self.call(service, operation, params)
        except ClientError as error:
            if not is_missing(error):
                raise

    def name(self, limit: int = 63, *, lower: bool = False, joint: str = "-") -> str:
        """The physical name as CloudFormation makes one: `stack-LogicalId-RANDOM`, shortened to `limit`."""
        self.tail = tail = self.tail or "".join(secrets.choice(NAME_LETTERS) for _ in range(12))
        room = limit - len(tail) - 2 * len(joint)
        logical = self.logical_id[: max(room // 2, room - len(self.stack.name))]
        made = joint.join([self.stack.name[: room - len(logical)].rstrip("-"), logical, tail])
        return made.lower() if lower else made


def role_arn(ctx: Context, role: str) -> str:
    """A role that some services let a template name instead of giving its ARN, as `Ref` to a role does."""
    if not role or role.startswith("arn:"):
        return role
    for held in list(ctx.stack.resources.values()):
        if held.type == "AWS::IAM::Role" and held.physical_id == role:
            return str(held.attributes["Arn"])
    return f"arn:{ctx.partition}:iam::{ctx.account}:role/{role}"


def tags_of(props: Props, name: str = "Tags") -> dict[str, str]:
    """A resource's tags, written as a list or as a map. The stack's tags are already among them."""
    own = props.get(name) or {}
    if isinstance(own, Mapping):
        return {str(key): text(value) for key, value in own.items()}
    return {text(tag["Key"]): text(tag.get("Value", "")) for tag in own}


def with_stack_tags(handler: Handler, props: Props, tags: Mapping[str, str]) -> dict[str, Any]:
    """The properties with the stack's tags added where the type takes tags; the resource's own win."""
    if not tags or not handler.tags:
        return dict(props)
    own = tags_of(props, handler.tagged)
    if handler.tags == "map":
        return {**props, handler.tagged: {**tags, **own}}
    added: list[dict[str, Any]] = [*tag_list({key: value for key, value in tags.items() if key not in own})]
    if handler.tags == "launch":
        # They reach the instances in any case (Template Reference, "CloudFormation resource tagging").
        added = [{**tag, "PropagateAtLaunch": True} for tag in added]
    return {**props, handler.tagged: [*added, *(props.get(handler.tagged) or ())]}


def system_tags(stack: Stack, logical_id: str, kind: str) -> dict[str, str]:
    """The tags that CloudFormation puts on what it makes for a stack, on types whose schema says so (Template
    Reference, "CloudFormation resource tagging"; `cloudFormationSystemTags` in the registry's schemas)."""
    if kind.startswith("AWS::CloudFormation::") or not schema.tagging(kind)[1]:
        return {}
    named = {"stack-name": stack.name, "logical-id": logical_id, "stack-id": stack.id}
    return {f"aws:cloudformation:{name}": value for name, value in named.items()}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """One resource type.

    emulated  properties that the handler acts on          accepted  properties that are stored without an effect
    create    makes it and returns its physical id, which is also its Ref
    update    brings it from old to new properties in place; None: every change replaces it
    read      its attributes (Fn::GetAtt), asked after each change
    tags      how the type writes its tags: as a list of Key and Value, as a map, as a list that says besides whether
              instances get them when they are launched, or not at all
    tagged    the property that holds them
    snapshot  keeps a copy before a deletion (DeletionPolicy: Snapshot); None: the type has no snapshots
    foretell  the physical id that `create` will return, where a name is all of it; None: it isn't known beforehand
    """

    type: str
    emulated: frozenset[str]
    create: Callable[[Context, Props], str]
    delete: Callable[[Context, str, Props], object]
    update: Callable[[Context, str, Props, Props], object] | None = None
    read: Callable[[Context, str, Props], Mapping[str, Any]] = lambda _ctx, _id, _props: {}
    accepted: frozenset[str] = frozenset()
    tags: Literal["", "list", "map", "launch"] = ""
    tagged: str = "Tags"
    snapshot: Callable[[Context, str, Props], object] | None = None
    foretell: Callable[[Context, Props], str] | None = None


def words(names: str) -> frozenset[str]:
    return frozenset(names.split())


def pick(props: Props, names: str) -> dict[str, Any]:
    """Those of the named properties that are given."""
    return {name: props[name] for name in names.split() if name in props}


def changed(old: Props, new: Props, *names: str) -> bool:
    return any(old.get(name) != new.get(name) for name in names)


def code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


NOT_FOUND = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "ParameterNotFound", "404")


def is_missing(error: ClientError) -> bool:
    """The thing isn't there (any more): for a deletion, that is success."""
    return any(sign in code(error) for sign in NOT_FOUND)


def sync_tags(
    old: Props, new: Props, put: Callable[[dict[str, str]], Any], drop: Callable[[list[str]], Any]
) -> None:
    """Bring a resource's tags from old to new by its service's two calls."""
    before, after = tags_of(old), tags_of(new)
    if gone := sorted(before.keys() - after.keys()):
        drop(gone)
    if after and after != before:
        put(after)


def by_type(*handlers: Iterable[Handler]) -> dict[str, Handler]:
    return {handler.type: handler for group in handlers for handler in group}
