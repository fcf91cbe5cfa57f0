"""Kinesis: most calls name a stream by its name or by its ARN. Source: Service Authorization Reference,
list_amazonkinesis; Kinesis API reference.
"""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

STREAM = ("arn:${Partition}:kinesis:${Region}:${Account}:stream/{StreamARN|StreamName}",)
RESOURCE = ("{ResourceARN}",)
TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}

RULES: dict[str, Rules] = {
    **{name: (Rule(f"kinesis:{name}", STREAM),) for name in (
        "DecreaseStreamRetentionPeriod", "DeleteStream", "DescribeStream", "DescribeStreamSummary", "GetShardIterator",
        "IncreaseStreamRetentionPeriod", "ListShards", "ListTagsForStream", "MergeShards", "PutRecord", "PutRecords",
        "SplitShard", "UpdateStreamWarmThroughput")},
    "AddTagsToStream": (Rule("kinesis:AddTagsToStream", STREAM, TAGS),),
    "RemoveTagsFromStream": (Rule("kinesis:RemoveTagsFromStream", STREAM, {"aws:TagKeys": "TagKeys[]"}),),
    **{name: (Rule(f"kinesis:{name}", ("{key:KeyId}", *STREAM)),) for name in (
        "StartStreamEncryption", "StopStreamEncryption")},
    "UntagResource": (Rule("kinesis:UntagResource", RESOURCE, {"aws:TagKeys": "TagKeys[]"}),),
    **{name: (Rule(f"kinesis:{name}", RESOURCE),) for name in (
        "DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy")},
}
