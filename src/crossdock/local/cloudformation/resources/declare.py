"""Resource types told as data: the call that makes one, the calls that settle its properties, the one that removes it.

Where a type's properties are the members of its API's requests under the same names, nothing but those names is
written. Attributes are looked up by the names that the type's schema gives them in what the API says of the resource.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import jmespath  # type: ignore[import-untyped]

from crossdock.local.cloudformation.resources.handler import (
    Context,
    Handler,
    Props,
    changed,
    sync_tags,
    tag_list,
    tags_of,
    words,
)  # fmt: skip
from crossdock.local.cloudformation.resources.shapes import text
from crossdock.local.engine import NotEmulated
from crossdock.template import schema

Who = str | Callable[[Context, str, Props], Mapping[str, Any]]
"""How a call names the resource: the member that takes its physical id (`VpcId`, in a list `VpcIds[]`), or a function
of physical id and properties."""
Shaped = Mapping[str, Callable[[Any], Any]]
PRESENT = "@"
"""Among a resource's attributes: what its service says of properties that may change. No template can ask for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagging:
    """A service's two calls for tags: operation, member for the ARN, member for the tags or their keys.

    create  the member of creating calls that takes tags
    also    members that both calls are always given
    """

    put: tuple[str, str, str] = ("TagResource", "ResourceArn", "Tags")
    drop: tuple[str, str, str] = ("UntagResource", "ResourceArn", "TagKeys")
    create: str = "Tags"
    map: bool = False
    also: Mapping[str, str] = field(default_factory=dict)

    def of(self, tags: Mapping[str, str]) -> Any:
        """Tags as this service writes them."""
        return dict(tags) if self.map else tag_list(tags)

    def at_creation(self, tags: Mapping[str, str]) -> Any:
        """Tags as the creating call takes them."""
        return self.of(tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A call that settles some properties of a resource that is there.

    of       the properties that it takes; a change of one of them makes the call     also  those that go with them
    drop     the call for when all of them have gone; without one, `empty` says what goes for those that have
    whole    the call replaces what was there: what it isn't given goes back to its default by itself
    created  it is needed after creation too: the creating call doesn't take these properties
    fixed    members that the call is always given
    """

    operation: str
    of: str
    also: str = ""
    drop: str = ""
    empty: Mapping[str, Any] = field(default_factory=dict)
    whole: bool = False
    created: bool = False
    who: Who | None = None
    spelled: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Properties that no single call settles: `settle` brings them from old to new (old is empty after creation).

    replaces  a change makes another resource of it: `settle` answers with the physical id that it has then
    """

    of: str
    settle: Callable[[Context, str, Props, Props], object]
    created: bool = False
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One resource type.

    create   operation                    takes    properties that it takes
    unkept   those properties that calls take and of which nothing is kept here
    spelled  property -> member where the names differ by more than case
    shaped   property -> what becomes of its value, where the API has another form for it
    fixed    members that every creation gives
    name     property that names the resource; one is made up, of at most `limit` characters, where it is missing
    id       where the creating call's answer holds the physical id (JMESPath); empty: it is the name
    read     operation that describes it, and where in its answer it stands (JMESPath)
    found    attribute -> where it stands in that (JMESPath), where the name doesn't tell; or `=` and text as for `arn`
    tagged   property that holds the tags
    arn      of the resource, for tagging: `{partition}`, `{region}`, `{account}`, `{id}`; `@Name`: an attribute; or a
             function of physical id and properties
    make     makes the resource in the place of `create`, where no single call with its properties does
    also     attributes that take calls of their own
    """

    type: str
    service: str
    create: str
    delete: str
    takes: str
    who: Who
    id: str = ""
    name: str = ""
    limit: int = 63
    lower: bool = False
    spelled: Mapping[str, str] = field(default_factory=dict)
    shaped: Shaped = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step | Own, ...] = ()
    read: tuple[str, str] = ("", "")
    read_who: Who | None = None
    delete_who: Who | None = None
    delete_fixed: Mapping[str, Any] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)
    tagging: Tagging | None = None
    tags: Literal["", "list", "map", "launch"] = ""
    tagged: str = "Tags"
    arn: str | Callable[[Context, str, Props], str] = ""
    accepted: str = ""
    unkept: str = ""
    make: Callable[[Context, Props], str] | None = None
    also: Callable[[Context, str], Mapping[str, Any]] | None = None
    snapshot: Callable[[Context, str, Props], object] | None = None

    def handler(self) -> Handler:
        """The type as the engine works with it."""
        emulated = words(self.takes).union(*(words(step.of) for step in self.steps))
        tags = self.tags or ("list" if self.tagging else "")
        emulated |= {name for name in (self.name, self.tagged if tags else "") if name}
        return Handler(
            type=self.type, emulated=emulated - words(self.unkept), accepted=words(f"{self.accepted} {self.unkept}"),
            tags=tags, tagged=self.tagged, create=self._create, delete=self._delete,
            read=self._read, update=self._update, snapshot=self.snapshot,
            foretell=self._name if self.name and not self.id and not self.make else None,
        )

    # -- the four verbs

    def _create(self, ctx: Context, props: Props) -> str:
        made = self.make(ctx, props) if self.make else self._make(ctx, props)
        ctx.made(made)
        for step in self.steps:
            if step.created:
                self._settle(ctx, step, made, {}, props)
        return made

    def _make(self, ctx: Context, props: Props) -> str:
        given = {**self.fixed, **self._members(props, self.takes)}
        name = ""
        if self.name:
            name = self._name(ctx, props)
            given[self.spelled.get(self.name, self.name)] = name
        if self.tagging and self.tagging.create and (tags := tags_of(props, self.tagged)):
            given[self.tagging.create] = self.tagging.at_creation(tags)
        answer = ctx.call(self.service, self.create, given)
        return text(jmespath.search(self.id, answer)) if self.id else name

    def _name(self, ctx: Context, props: Props) -> str:
        return str(props.get(self.name) or ctx.name(self.limit, lower=self.lower))

    def _update(self, ctx: Context, id_: str, old: Props, new: Props) -> str:
        own = {self.tagged} if self.tagging else set()
        settled = words(self.accepted).union(own, *(words(step.of) for step in self.steps))
        for name in sorted((old.keys() | new.keys()) - settled):
            if old.get(name) != new.get(name) and not ctx.undoing:  # what is undone here was never done
                raise NotEmulated(f"a change of {name} of {self.type}")
        for step in self.steps:
            id_ = self._settle(ctx, step, id_, old, new) or id_
        if self.tagging:
            self._tag(ctx, self.tagging, id_, old, new)
        return id_

    def _delete(self, ctx: Context, id_: str, props: Props) -> None:
        ctx.call(self.service, self.delete, {**_who(ctx, self.delete_who or self.who, id_, props), **self.delete_fixed})

    def _read(self, ctx: Context, id_: str, props: Props) -> Mapping[str, Any]:
        """What Fn::GetAtt gives: the schema's read-only properties, and what the type says besides."""
        operation, where = self.read
        seen: Any = {}
        if operation:
            answer = ctx.call(self.service, operation, _who(ctx, self.read_who or self.who, id_, props))
            seen = jmespath.search(where, answer) if where else answer
        facts = schema.of(self.type)
        found: dict[str, Any] = {}
        for path in facts.read_only if facts else ():
            value = _look(seen, path.split("."))
            if value is None and facts and path in facts.primary_identifier:
                value = id_
            if value is not None:
                found[path] = value
        for name, place in self.found.items():
            found[name] = _filled(ctx, place[1:], id_) if place.startswith("=") else jmespath.search(place, seen)
        if self.also:
            found.update(self.also(ctx, id_))
        found[PRESENT] = {
            name: value for step in self.steps if isinstance(step, Step) for name in step.of.split()
            if (value := _look(seen, [{**self.spelled, **step.spelled}.get(name, name)])) is not None
        } or None
        return {name: value for name, value in found.items() if value is not None}

    # -- parts of them

    def _members(self, props: Props, names: str, spelled: Mapping[str, str] | None = None) -> dict[str, Any]:
        spelling = {**self.spelled, **(spelled or {})}
        return {
            spelling.get(name, name): self.shaped[name](props[name]) if name in self.shaped else props[name]
            for name in names.split() if name in props
        }

    def _settle(self, ctx: Context, step: Step | Own, id_: str, old: Props, new: Props) -> str:
        """Another physical id, where the change made another resource."""
        names = step.of.split()
        if not changed(old, new, *names):
            return ""
        if isinstance(step, Own):
            answer = step.settle(ctx, id_, old, new)
            return str(answer) if step.replaces else ""
        who = _who(ctx, step.who or self.who, id_, new)
        if step.drop and not any(name in new for name in names):
            ctx.drop(self.service, step.drop, who)
            return ""
        given = self._members(new, f"{step.of} {step.also}", step.spelled)
        gone = {} if step.whole or not old else self._gone(ctx, step, [n for n in names if n in old and n not in new])
        ctx.call(self.service, step.operation, {**step.fixed, **gone, **given, **who})
        return ""

    def _gone(self, ctx: Context, step: Step, names: list[str]) -> dict[str, Any]:
        """What properties that were taken out go back to: as the step says, or, in a rollback, to what the service said
        before the update. NotEmulated for those of which nobody knows."""
        before = ctx.stack.before.resources.get(ctx.logical_id) if ctx.undoing and ctx.stack.before else None
        held: Mapping[str, Any] = before.attributes.get(PRESENT, {}) if before else {}
        spelling = {**self.spelled, **step.spelled}
        found: dict[str, Any] = {}
        for name in names:
            if name in step.empty:
                found[spelling.get(name, name)] = step.empty[name]
            elif name in held:
                found[spelling.get(name, name)] = held[name]
            elif not ctx.undoing:
                raise NotEmulated(f"{name} taken out of {self.type}")
        return found

    def _tag(self, ctx: Context, tagging: Tagging, id_: str, old: Props, new: Props) -> None:
        before, after = tags_of(old, self.tagged), tags_of(new, self.tagged)
        if before == after:
            return
        if not isinstance(self.arn, str):
            arn = self.arn(ctx, id_, new)
        elif self.arn.startswith("@"):
            arn = str(self._read(ctx, id_, new)[self.arn[1:]])
        else:
            arn = _filled(ctx, self.arn, id_)
        put, drop = tagging.put, tagging.drop
        sync_tags(
            {"Tags": before}, {"Tags": after},
            lambda tags: ctx.call(self.service, put[0], {
                **tagging.also, **_named(put[1], arn), put[2]: tagging.of(tags)}),
            lambda keys: ctx.call(self.service, drop[0], {
                **tagging.also, **_named(drop[1], arn),
                drop[2]: [{"Key": key} for key in keys] if drop[2] == "Tags" else keys}),
        )  # fmt: skip


def _who(ctx: Context, who: Who, id_: str, props: Props) -> Mapping[str, Any]:
    return _named(who, id_) if isinstance(who, str) else who(ctx, id_, props)


def _named(member: str, value: str) -> dict[str, Any]:
    """`VpcId` or `VpcIds[]`, given a value."""
    if not member:
        return {}
    return {member[:-2]: [value]} if member.endswith("[]") else {member: value}


def _filled(ctx: Context, template: str, id_: str) -> str:
    return template.format(partition=ctx.partition, region=ctx.region, account=ctx.account, id=id_)


def _look(seen: Any, path: list[str]) -> Any:
    """A value by a path whose case doesn't count, as APIs and schemas differ in it."""
    for part in path:
        if not isinstance(seen, Mapping):
            return None
        plain = re.sub(r"[^a-z0-9]", "", part.lower())
        seen = next((value for key, value in seen.items() if re.sub(r"[^a-z0-9]", "", key.lower()) == plain), None)
    return seen


def handlers(*kinds: Kind) -> tuple[Handler, ...]:
    return tuple(kind.handler() for kind in kinds)
