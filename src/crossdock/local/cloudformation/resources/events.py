"""AWS::Events: rules with their targets, what an event bus lets others put on it, connections, API destinations."""

from __future__ import annotations

import json
from typing import Any

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

_RULE = "EventBusName EventPattern ScheduleExpression State Description RoleArn"


def _bus(props: Props) -> dict[str, Any]:
    return pick(props, "EventBusName")


def _name(rule: str) -> str:
    """The physical id of a rule on another bus than the default is `bus|rule`."""
    return rule.rpartition("|")[2]


def _create_rule(ctx: Context, props: Props) -> str:
    name = str(props.get("Name") or ctx.name(64))
    bus = props.get("EventBusName", "default")
    rule = name if bus == "default" else f"{bus}|{name}"
    tags = tag_list(tags_of(props))
    ctx.call("events", "PutRule", {"Name": name, **pick(props, _RULE)}, **({"Tags": tags} if tags else {}))
    ctx.made(rule)
    _settle_targets(ctx, name, {}, props)
    return rule


def _settle_targets(ctx: Context, name: str, old: Props, new: Props) -> None:
    before = {target["Id"]: target for target in old.get("Targets", [])}
    after = {target["Id"]: target for target in new.get("Targets", [])}
    put = [target for id_, target in after.items() if before.get(id_) != target]
    if put:
        answer = ctx.call("events", "PutTargets", {"Rule": name, **_bus(new), "Targets": put})
        for entry in answer.get("FailedEntries", []):
            raise Failed(f"target {entry['TargetId']}: {entry['ErrorMessage']}")
    if gone := sorted(before.keys() - after.keys()):
        ctx.drop("events", "RemoveTargets", {"Rule": name, **_bus(old), "Ids": gone})


def _update_rule(ctx: Context, rule: str, old: Props, new: Props) -> str:
    """On another bus it is another rule."""
    if old.get("EventBusName", "default") != new.get("EventBusName", "default"):
        return _create_rule(ctx, new)
    name = _name(rule)
    if pick(old, _RULE) != pick(new, _RULE):
        ctx.call("events", "PutRule", {"Name": name, **pick(new, _RULE)})
    _settle_targets(ctx, name, old, new)
    arn = _rule_arn(ctx, rule)
    sync_tags(
        old, new,
        lambda tags: ctx.call("events", "TagResource", {"ResourceARN": arn, "Tags": tag_list(tags)}),
        lambda names: ctx.call("events", "UntagResource", {"ResourceARN": arn, "TagKeys": names}),
    )  # fmt: skip
    return rule


def _delete_rule(ctx: Context, rule: str, props: Props) -> None:
    _settle_targets(ctx, _name(rule), props, {})
    ctx.call("events", "DeleteRule", {"Name": _name(rule), **_bus(props)})


def _rule_arn(ctx: Context, rule: str) -> str:
    return ctx.arn("events", f"rule/{rule.replace('|', '/')}")


def _update_bus(ctx: Context, name: str, old: Props, new: Props) -> None:
    if old.get("Description") != new.get("Description"):
        ctx.call("events", "UpdateEventBus", {"Name": name, "Description": new.get("Description", "")})
    arn = ctx.arn("events", f"event-bus/{name}")
    sync_tags(
        old, new,
        lambda tags: ctx.call("events", "TagResource", {"ResourceARN": arn, "Tags": tag_list(tags)}),
        lambda names: ctx.call("events", "UntagResource", {"ResourceARN": arn, "TagKeys": names}),
    )  # fmt: skip


def _put_permission(ctx: Context, statement: str, props: Props) -> str:
    if "Statement" in props:
        # A whole statement, which the API only takes inside of a policy: keep those of others.
        bus = ctx.call("events", "DescribeEventBus", {"Name": props.get("EventBusName", "default")})
        kept = [s for s in _statements(bus.get("Policy")) if s.get("Sid") != statement]
        document = {"Version": "2012-10-17", "Statement": [*kept, {"Sid": statement, **props["Statement"]}]}
        ctx.call("events", "PutPermission", {**_bus(props), "Policy": document})
    else:
        given = {"StatementId": statement, **pick(props, "EventBusName Action Principal Condition")}
        ctx.call("events", "PutPermission", given)
    return statement


def _statements(policy: str | None) -> list[dict[str, Any]]:
    return list(json.loads(policy)["Statement"]) if policy else []


_CONNECTION = "Name AuthorizationType AuthParameters Description"
_DESTINATION = "Name ConnectionArn InvocationEndpoint HttpMethod InvocationRateLimitPerSecond Description"


def _create_connection(ctx: Context, props: Props) -> str:
    given = {**pick(props, _CONNECTION), "Name": props.get("Name") or ctx.name(64)}
    ctx.call("events", "CreateConnection", given)
    return str(given["Name"])


def _read_connection(ctx: Context, name: str, _: Props) -> dict[str, Any]:
    found = ctx.call("events", "DescribeConnection", {"Name": name})
    return {"Arn": found["ConnectionArn"], "SecretArn": found["SecretArn"],
            "ArnForPolicy": found["ConnectionArn"].rpartition("/")[0]}


def _create_destination(ctx: Context, props: Props) -> str:
    given = {**pick(props, _DESTINATION), "Name": props.get("Name") or ctx.name(64)}
    ctx.call("events", "CreateApiDestination", given)
    return str(given["Name"])


def _read_destination(ctx: Context, name: str, _: Props) -> dict[str, Any]:
    arn = str(ctx.call("events", "DescribeApiDestination", {"Name": name})["ApiDestinationArn"])
    return {"Arn": arn, "ArnForPolicy": arn.rpartition("/")[0]}


TYPES = (
    Handler(
        type="AWS::Events::Rule",
        emulated=words(f"Name Targets Tags {_RULE}"),
        tags="list", create=_create_rule, update=_update_rule, delete=_delete_rule,
        read=lambda ctx, rule, _: {"Arn": _rule_arn(ctx, rule)},
    ),
    Handler(
        type="AWS::Events::EventBusPolicy",
        emulated=words("EventBusName StatementId Statement Action Principal Condition"),
        create=lambda ctx, props: _put_permission(ctx, str(props["StatementId"]), props),
        update=lambda ctx, statement, _old, new: _put_permission(ctx, statement, new),
        delete=lambda ctx, statement, props: ctx.call(
            "events", "RemovePermission", {"StatementId": statement, **_bus(props)}),
    ),
    Handler(
        type="AWS::Events::EventBus",
        emulated=words("Name Description Tags"),
        tags="list",
        create=lambda ctx, props: (ctx.call("events", "CreateEventBus", props), str(props["Name"]))[1],
        update=_update_bus, delete=lambda ctx, name, _: ctx.call("events", "DeleteEventBus", {"Name": name}),
        read=lambda ctx, name, _: {"Arn": ctx.arn("events", f"event-bus/{name}"), "Name": name},
    ),
    Handler(
        type="AWS::Events::Connection", emulated=words(_CONNECTION), create=_create_connection, read=_read_connection,
        update=lambda ctx, name, _old, new: ctx.call(
            "events", "UpdateConnection", {"Description": "", **pick(new, _CONNECTION), "Name": name}),
        delete=lambda ctx, name, _: ctx.call("events", "DeleteConnection", {"Name": name}),
    ),
    Handler(
        type="AWS::Events::ApiDestination", emulated=words(_DESTINATION), create=_create_destination,
        read=_read_destination,
        update=lambda ctx, name, _old, new: ctx.call(
            "events", "UpdateApiDestination", {
                "Description": "", "InvocationRateLimitPerSecond": 300, **pick(new, _DESTINATION), "Name": name}),
        delete=lambda ctx, name, _: ctx.call("events", "DeleteApiDestination", {"Name": name}),
    ),
)  # fmt: skip
