"""AWS::Config: the recorder and its delivery channel. Kept and shown; nothing is recorded here."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.handler import Context, Handler, Props, pick, words


def _put_recorder(ctx: Context, props: Props) -> str:
    name = str(props.get("Name") or "default")
    recorder = {"name": name, "roleARN": props["RoleARN"], **pick(props, "RecordingGroup RecordingMode")}
    ctx.call("config", "PutConfigurationRecorder", {"ConfigurationRecorder": recorder})
    return name


def _put_channel(ctx: Context, props: Props) -> str:
    name = str(props.get("Name") or "default")
    given = pick(props, "S3BucketName S3KeyPrefix S3KmsKeyArn SnsTopicARN ConfigSnapshotDeliveryProperties")
    ctx.call("config", "PutDeliveryChannel", {"DeliveryChannel": {"name": name, **given}})
    ctx.call("config", "StartConfigurationRecorder", {"ConfigurationRecorderName": "default"})
    return name


def _delete_channel(ctx: Context, name: str, _: Props) -> None:
    ctx.drop("config", "StopConfigurationRecorder", {"ConfigurationRecorderName": "default"})
    ctx.call("config", "DeleteDeliveryChannel", {"DeliveryChannelName": name})


TYPES = (
    Handler(
        type="AWS::Config::ConfigurationRecorder",
        emulated=words("Name RoleARN RecordingGroup RecordingMode"), accepted=words("StartedOnCreate"),
        create=_put_recorder, update=lambda ctx, _id, _old, new: _put_recorder(ctx, new),
        delete=lambda ctx, name, _: ctx.call(
            "config", "DeleteConfigurationRecorder", {"ConfigurationRecorderName": name}),
    ),
    Handler(
        type="AWS::Config::DeliveryChannel",
        emulated=words("Name S3BucketName S3KeyPrefix S3KmsKeyArn SnsTopicARN ConfigSnapshotDeliveryProperties"),
        create=_put_channel, update=lambda ctx, _id, _old, new: _put_channel(ctx, new), delete=_delete_channel,
    ),
)  # fmt: skip
