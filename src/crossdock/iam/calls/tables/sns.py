"""SNS: publishing and subscriptions. Source: SNS Developer Guide,
sns-access-policy-language-api-permissions-reference.
"""

from __future__ import annotations

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

TOPIC = ("{TopicOfSubscription}",)

RULES: dict[str, Rules] = {
    "Publish": (Rule("sns:Publish", ("{TopicArn|TargetArn}",)),),  # to a telephone number: `*`
    "PublishBatch": (Rule("sns:Publish", ("{TopicArn}",)),),
    "GetSubscriptionAttributes": (Rule("sns:GetSubscriptionAttributes", TOPIC),),
    "SetSubscriptionAttributes": (Rule("sns:SetSubscriptionAttributes", TOPIC),),
    "Unsubscribe": (Rule("sns:Unsubscribe", TOPIC),),
}


def prepare(operation: str, params: Params) -> Params:  # noqa: ARG001  one signature for all services
    """A subscription's ARN is its topic's and an id."""
    arn = str(params.get("SubscriptionArn") or "")
    return {**params, "TopicOfSubscription": arn.rpartition(":")[0]} if arn.count(":") == 6 else params
