"""CloudTrail: tags name trails by their ARN. Source: Service Authorization Reference, list_awscloudtrail."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

_TRAIL = ("arn:${Partition}:cloudtrail:${Region}:${Account}:trail/{Name}",)

RULES: dict[str, Rules] = {
    "StartLogging": (Rule("cloudtrail:StartLogging", _TRAIL),),
    "StopLogging": (Rule("cloudtrail:StopLogging", _TRAIL),),
    "AddTags": (
        Rule("cloudtrail:AddTags", ("{ResourceId}",),
             {"aws:RequestTag/*": "TagsList", "aws:TagKeys": "TagsList{}"}),
    ),
    "RemoveTags": (Rule("cloudtrail:RemoveTags", ("{ResourceId}",), {"aws:TagKeys": "TagsList{}"}),),
    "ListTags": (Rule("cloudtrail:ListTags", ("{ResourceIdList[]}",)),),
}
