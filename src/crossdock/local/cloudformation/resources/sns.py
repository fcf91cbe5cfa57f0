"""AWS::SNS: topics, subscriptions, topic policies. Most properties are attributes that the API takes as text."""

from __future__ import annotations

from typing import Any

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

_TOPIC = "DisplayName KmsMasterKeyId FifoTopic ContentBasedDeduplication SignatureVersion TracingConfig"
_SUBSCRIPTION = "FilterPolicy FilterPolicyScope RawMessageDelivery RedrivePolicy DeliveryPolicy SubscriptionRoleArn"


_UNSAID = {"SignatureVersion": "1", "TracingConfig": "PassThrough", "ContentBasedDeduplication": "false",
           "RawMessageDelivery": "false", "FilterPolicyScope": "MessageAttributes"}
"""What is so where nothing is said, where that isn't nothing (SNS API reference)."""


def _attributes(props: Props, names: str) -> dict[str, str]:
    return {name: text(value) for name, value in pick(props, names).items()}


def _topic_name(ctx: Context, props: Props) -> str:
    fifo = ".fifo" if text(props.get("FifoTopic", False)) == "true" else ""
    return str(props.get("TopicName") or ctx.name(256 - len(fifo)) + fifo)


def _create_topic(ctx: Context, props: Props) -> str:
    name = _topic_name(ctx, props)
    tags = tag_list(tags_of(props))
    given = {"Name": name, "Attributes": _attributes(props, _TOPIC)}
    arn = str(ctx.call("sns", "CreateTopic", given, **({"Tags": tags} if tags else {}))["TopicArn"])
    ctx.made(arn)
    _settle_subscriptions(ctx, arn, {}, props)
    return arn


def _settle_subscriptions(ctx: Context, arn: str, old: Props, new: Props) -> None:
    before, after = old.get("Subscription", []), new.get("Subscription", [])
    for wanted in after:
        if wanted not in before:
            ctx.call("sns", "Subscribe", {"TopicArn": arn, **wanted})
    gone = [(s["Protocol"], s["Endpoint"]) for s in before if s not in after]
    if gone:
        for held in ctx.call("sns", "ListSubscriptionsByTopic", {"TopicArn": arn})["Subscriptions"]:
            if (held["Protocol"], held["Endpoint"]) in gone:
                ctx.drop("sns", "Unsubscribe", {"SubscriptionArn": held["SubscriptionArn"]})


def _set(ctx: Context, operation: str, who: dict[str, Any], old: dict[str, str], new: dict[str, str]) -> None:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            given = {**who, "AttributeName": name, "AttributeValue": new.get(name, _UNSAID.get(name, ""))}
            ctx.call("sns", operation, given)


def _update_topic(ctx: Context, arn: str, old: Props, new: Props) -> None:
    _set(ctx, "SetTopicAttributes", {"TopicArn": arn}, _attributes(old, _TOPIC), _attributes(new, _TOPIC))
    _settle_subscriptions(ctx, arn, old, new)
    sync_tags(
        old, new,
        lambda tags: ctx.call("sns", "TagResource", {"ResourceArn": arn, "Tags": tag_list(tags)}),
        lambda names: ctx.call("sns", "UntagResource", {"ResourceArn": arn, "TagKeys": names}),
    )  # fmt: skip


def _subscribe(ctx: Context, props: Props) -> str:
    given = {**pick(props, "TopicArn Protocol Endpoint"), "Attributes": _attributes(props, _SUBSCRIPTION)}
    return str(ctx.call("sns", "Subscribe", given, ReturnSubscriptionArn=True)["SubscriptionArn"])


def _put_policy(ctx: Context, props: Props, topics: list[str]) -> None:
    for topic in topics:
        given = {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": text(props["PolicyDocument"])}
        ctx.call("sns", "SetTopicAttributes", given)


def _create_policy(ctx: Context, props: Props) -> str:
    _put_policy(ctx, props, props["Topics"])
    return ctx.name(128)


def _default_policy(ctx: Context, topic: str) -> dict[str, Any]:
    """The policy of a topic to which nobody gave one: its owner's account may do all."""
    return {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [{
        "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": topic,
        "Action": ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
                   "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"],
        "Condition": {"StringEquals": {"AWS:SourceOwner": ctx.account}},
    }]}  # fmt: skip


def _delete_policy(ctx: Context, topics: list[str]) -> None:
    for topic in topics:
        policy = text(_default_policy(ctx, topic))
        ctx.drop("sns", "SetTopicAttributes", {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": policy})


def _update_policy(ctx: Context, _: str, old: Props, new: Props) -> None:
    _put_policy(ctx, new, new["Topics"])
    _delete_policy(ctx, [topic for topic in old["Topics"] if topic not in new["Topics"]])


TYPES = (
    Handler(
        type="AWS::SNS::Topic",
        emulated=words(f"TopicName Subscription Tags {_TOPIC}"),
        tags="list", create=_create_topic, update=_update_topic,
        foretell=lambda ctx, props: ctx.arn("sns", _topic_name(ctx, props)),
        delete=lambda ctx, arn, _: ctx.call("sns", "DeleteTopic", {"TopicArn": arn}),
        read=lambda _ctx, arn, _props: {"TopicArn": arn, "TopicName": arn.rpartition(":")[2]},
    ),
    Handler(
        type="AWS::SNS::Subscription",
        emulated=words(f"TopicArn Protocol Endpoint {_SUBSCRIPTION}"),
        create=_subscribe,
        update=lambda ctx, arn, old, new: _set(
            ctx, "SetSubscriptionAttributes", {"SubscriptionArn": arn},
            _attributes(old, _SUBSCRIPTION), _attributes(new, _SUBSCRIPTION)),
        delete=lambda ctx, arn, _: ctx.call("sns", "Unsubscribe", {"SubscriptionArn": arn}),
        read=lambda _ctx, arn, _props: {"Arn": arn},
    ),
    Handler(
        type="AWS::SNS::TopicPolicy",
        emulated=words("PolicyDocument Topics"),
        create=_create_policy, update=_update_policy,
        delete=lambda ctx, _, props: _delete_policy(ctx, props["Topics"]),
    ),
)  # fmt: skip
