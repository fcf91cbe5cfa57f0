"""AWS::KinesisFirehose: delivery streams. Kept and shown; what would be put on them is refused."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.declare import Kind, Tagging, handlers

TYPES = handlers(
    Kind(
        type="AWS::KinesisFirehose::DeliveryStream", service="firehose", name="DeliveryStreamName", limit=64,
        who="DeliveryStreamName", create="CreateDeliveryStream", delete="DeleteDeliveryStream",
        takes="DeliveryStreamType ExtendedS3DestinationConfiguration S3DestinationConfiguration "
              "KinesisStreamSourceConfiguration HttpEndpointDestinationConfiguration "
              "DeliveryStreamEncryptionConfigurationInput",
        spelled={"KinesisStreamSourceConfiguration": "KinesisStreamSourceConfiguration"},
        read=("DescribeDeliveryStream", "DeliveryStreamDescription"), found={"Arn": "DeliveryStreamARN"},
        tagging=Tagging(put=("TagDeliveryStream", "", "Tags"), drop=("UntagDeliveryStream", "", "TagKeys")),
        arn="{id}",
    ),
)  # fmt: skip
