"""AWS::SQS: queues and queue policies. A queue's Ref is its URL."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.handler import (
    Context,
    Handler,
    Props,
    pick,
    sync_tags,
    tags_of,
    words,
)  # fmt: skip
from crossdock.local.cloudformation.resources.shapes import text

_ATTRIBUTES = (
    "DelaySeconds MaximumMessageSize MessageRetentionPeriod ReceiveMessageWaitTimeSeconds VisibilityTimeout "
    "KmsMasterKeyId KmsDataKeyReusePeriodSeconds SqsManagedSseEnabled FifoQueue ContentBasedDeduplication "
    "DeduplicationScope FifoThroughputLimit RedrivePolicy RedriveAllowPolicy"
)
_DEFAULTS = {
    "DelaySeconds": "0", "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0", "VisibilityTimeout": "30", "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue", "ContentBasedDeduplication": "false", "KmsDataKeyReusePeriodSeconds": "300",
}  # fmt: skip


def _attributes(props: Props) -> dict[str, str]:
    return {name: text(value) for name, value in pick(props, _ATTRIBUTES).items()}


def _create(ctx: Context, props: Props) -> str:
    fifo = ".fifo" if text(props.get("FifoQueue", False)) == "true" else ""
    name = str(props.get("QueueName") or ctx.name(80 - len(fifo)) + fifo)
    tags = tags_of(props)
    more = {"tags": tags} if tags else {}
    given = {"QueueName": name, "Attributes": _attributes(props)}
    return str(ctx.call("sqs", "CreateQueue", given, **more)["QueueUrl"])


def _update(ctx: Context, url: str, old: Props, new: Props) -> None:
    before, after = _attributes(old), _attributes(new)
    put = {name: value for name, value in after.items() if before.get(name) != value}
    put |= {name: _DEFAULTS.get(name, "") for name in before.keys() - after.keys()}
    if put:
        ctx.call("sqs", "SetQueueAttributes", {"QueueUrl": url, "Attributes": put})
    sync_tags(
        old, new,
        lambda tags: ctx.call("sqs", "TagQueue", {"QueueUrl": url, "Tags": tags}),
        lambda names: ctx.call("sqs", "UntagQueue", {"QueueUrl": url, "TagKeys": names}),
    )  # fmt: skip


def _read(ctx: Context, url: str, _: Props) -> dict[str, Any]:
    name = url.rpartition("/")[2]
    return {"Arn": ctx.arn("sqs", name), "QueueName": name, "QueueUrl": url}


def _set_policy(ctx: Context, queues: list[str], policy: str) -> None:
    for url in queues:
        ctx.call("sqs", "SetQueueAttributes", {"QueueUrl": url, "Attributes": {"Policy": policy}})


def _create_policy(ctx: Context, props: Props) -> str:
    _set_policy(ctx, props["Queues"], text(props["PolicyDocument"]))
    return ctx.name(128)


def _update_policy(ctx: Context, _: str, old: Props, new: Props) -> None:
    _set_policy(ctx, new["Queues"], text(new["PolicyDocument"]))
    _set_policy(ctx, [url for url in old["Queues"] if url not in new["Queues"]], "")


TYPES = (
    Handler(
        type="AWS::SQS::Queue",
        emulated=words(f"QueueName Tags {_ATTRIBUTES}"),
        tags="list", create=_create, update=_update, read=_read,
        delete=lambda ctx, url, _: ctx.call("sqs", "DeleteQueue", {"QueueUrl": url}),
    ),
    Handler(
        type="AWS::SQS::QueuePolicy",
        emulated=words("PolicyDocument Queues"),
        create=_create_policy, update=_update_policy,
        delete=lambda ctx, _, props: _set_policy(ctx, props["Queues"], ""),
    ),
)  # fmt: skip
