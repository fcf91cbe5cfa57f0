"""CloudFront: tags name their resource by its ARN. Source: Service Authorization Reference, list_amazoncloudfront."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

RULES: dict[str, Rules] = {
    "TagResource": (
        Rule("cloudfront:TagResource", ("{Resource}",),
             {"aws:RequestTag/*": "Tags.Items", "aws:TagKeys": "Tags.Items{}"}),
    ),
    "UntagResource": (Rule("cloudfront:UntagResource", ("{Resource}",), {"aws:TagKeys": "TagKeys.Items[]"}),),
    "ListTagsForResource": (Rule("cloudfront:ListTagsForResource", ("{Resource}",)),),
    "CreateDistributionWithTags": (
        Rule("cloudfront:CreateDistribution", ("arn:${Partition}:cloudfront::${Account}:distribution/*",)),
        Rule("cloudfront:TagResource", ("arn:${Partition}:cloudfront::${Account}:distribution/*",),
             {"aws:RequestTag/*": "DistributionConfigWithTags.Tags.Items"}),
    ),
}
