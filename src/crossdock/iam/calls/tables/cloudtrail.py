"""CloudTrail: tags name trails by their ARN. Source: Service Authorization Reference, list_awscloudtrail."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

RULES: dict[str, Rules] = {
    "AddTags": (
        Rule("cloudtrail:AddTags", ("{ResourceId}",),
             {"aws:RequestTag/*": "TagsList", "aws:TagKeys": "TagsList{}"}),
    ),
    "RemoveTags": (Rule("cloudtrail:RemoveTags", ("{ResourceId}",), {"aws:TagKeys": "TagsList{}"}),),
    "ListTags": (Rule("cloudtrail:ListTags", ("{ResourceIdList[]}",)),),
}
