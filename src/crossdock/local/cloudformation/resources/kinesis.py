"""AWS::Kinesis: streams and their consumers."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props

DEFAULT_HOURS = 24


def _retention(ctx: Context, stream: str, old: Props, new: Props) -> None:
    before, after = (int(props.get("RetentionPeriodHours", DEFAULT_HOURS)) for props in (old, new))
    if before != after:
        operation = "IncreaseStreamRetentionPeriod" if after > before else "DecreaseStreamRetentionPeriod"
        ctx.call("kinesis", operation, {"StreamName": stream, "RetentionPeriodHours": after})


def _encryption(ctx: Context, stream: str, old: Props, new: Props) -> None:
    if "StreamEncryption" in new:
        ctx.call("kinesis", "StartStreamEncryption", {"StreamName": stream, **new["StreamEncryption"]})
    elif "StreamEncryption" in old:
        ctx.call("kinesis", "StopStreamEncryption", {"StreamName": stream, **old["StreamEncryption"]})


def _shards(ctx: Context, stream: str, old: Props, new: Props) -> None:
    if old.get("StreamModeDetails") != new.get("StreamModeDetails"):
        arn = ctx.arn("kinesis", f"stream/{stream}")
        mode = new.get("StreamModeDetails", {"StreamMode": "PROVISIONED"})
        ctx.call("kinesis", "UpdateStreamMode", {"StreamARN": arn, "StreamModeDetails": mode})
    if old.get("ShardCount") != new.get("ShardCount") and "ShardCount" in new:
        count: dict[str, Any] = {"TargetShardCount": new["ShardCount"], "ScalingType": "UNIFORM_SCALING"}
        ctx.call("kinesis", "UpdateShardCount", {"StreamName": stream, **count})


TYPES = handlers(
    Kind(
        type="AWS::Kinesis::Stream", service="kinesis", who="StreamName", name="Name", limit=128,
        spelled={"Name": "StreamName"}, create="CreateStream", delete="DeleteStream",
        delete_fixed={"EnforceConsumerDeletion": True}, takes="ShardCount StreamModeDetails",
        steps=(
            Own(of="StreamModeDetails ShardCount", settle=_shards),
            Own(of="RetentionPeriodHours", settle=_retention, created=True),
            Own(of="StreamEncryption", settle=_encryption, created=True),
        ),
        read=("DescribeStreamSummary", "StreamDescriptionSummary"), found={"Arn": "StreamARN"},
        tagging=Tagging(put=("AddTagsToStream", "StreamName", "Tags"),
                        drop=("RemoveTagsFromStream", "StreamName", "TagKeys"), map=True),
        tags="list", arn="{id}",
        accepted="DesiredShardLevelMetrics",
    ),
    Kind(
        type="AWS::Kinesis::StreamConsumer", service="kinesis", who="ConsumerARN", create="RegisterStreamConsumer",
        delete="DeregisterStreamConsumer", takes="ConsumerName StreamARN", id="Consumer.ConsumerARN",
        read=("DescribeStreamConsumer", "ConsumerDescription"),
    ),
)  # fmt: skip
