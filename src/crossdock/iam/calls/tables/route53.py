"""Route 53: tags of what a request names by kind and id (Service Authorization Reference, list_amazonroute53)."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

TAGGED = ("arn:${Partition}:route53:::{ResourceType}/{ResourceId}",)

RULES: dict[str, Rules] = {
    "ChangeTagsForResource": (
        Rule("route53:ChangeTagsForResource", TAGGED, {"aws:RequestTag/*": "AddTags", "aws:TagKeys": "AddTags{}"}),
    ),
    "ListTagsForResource": (Rule("route53:ListTagsForResource", TAGGED),),
}
