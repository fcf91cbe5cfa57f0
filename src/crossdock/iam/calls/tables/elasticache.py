"""ElastiCache: tags, whose parameter `ResourceName` is an ARN (ElastiCache API reference, AddTagsToResource)."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

ARN = ("{ResourceName}",)
TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}

RULES: dict[str, Rules] = {
    "AddTagsToResource": (Rule("elasticache:AddTagsToResource", ARN, TAGS),),
    "RemoveTagsFromResource": (Rule("elasticache:RemoveTagsFromResource", ARN, {"aws:TagKeys": "TagKeys[]"}),),
    "ListTagsForResource": (Rule("elasticache:ListTagsForResource", ARN),),
}
