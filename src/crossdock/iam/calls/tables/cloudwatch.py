"""CloudWatch metrics and alarms. Source: CloudWatch User Guide, permissions-reference-cw (metrics have no resources)
and iam-cw-condition-keys-namespace.
"""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

MUTE = ("arn:${Partition}:cloudwatch:${Region}:${Account}:alarm-mute-rule:{Name}",)
TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}

RULES: dict[str, Rules] = {
    "PutMetricData": (Rule("cloudwatch:PutMetricData", ("*",), {"cloudwatch:namespace": "Namespace"}),),
    "GetMetricData": (Rule("cloudwatch:GetMetricData"),),
    "ListMetrics": (Rule("cloudwatch:ListMetrics"),),
    "PutAlarmMuteRule": (
        Rule("cloudwatch:PutAlarmMuteRule",
             (*MUTE, "arn:${Partition}:cloudwatch:${Region}:${Account}:alarm:{MuteTargets.AlarmNames[]}"), TAGS),
        Rule("cloudwatch:TagResource", MUTE, TAGS, ("Tags",)),
    ),
}
