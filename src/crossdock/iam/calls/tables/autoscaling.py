"""Auto Scaling: groups and launch configurations. Their ARNs hold an id that requests don't name. Source: Service
Authorization Reference, list_amazonec2autoscaling.
"""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

AT = "arn:${Partition}:autoscaling:${Region}:${Account}:"
GROUP = (AT + "autoScalingGroup:*:autoScalingGroupName/{AutoScalingGroupName}",)
TAGGED = (AT + "autoScalingGroup:*:autoScalingGroupName/{Tags[].ResourceId}",)
TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}
LINKED = "autoscaling.amazonaws.com"

RULES: dict[str, Rules] = {
    **{name: (Rule(f"autoscaling:{name}", GROUP),) for name in (
        "AttachInstances", "AttachLoadBalancerTargetGroups", "AttachLoadBalancers", "AttachTrafficSources",
        "DeleteAutoScalingGroup", "DeleteLifecycleHook", "DeleteNotificationConfiguration", "DeletePolicy",
        "DeleteScheduledAction", "DeleteWarmPool", "DetachInstances", "DetachLoadBalancerTargetGroups",
        "DetachLoadBalancers", "DetachTrafficSources", "DisableMetricsCollection", "EnableMetricsCollection",
        "EnterStandby", "ExitStandby", "PutNotificationConfiguration", "PutScalingPolicy",
        "PutScheduledUpdateGroupAction", "PutWarmPool", "ResumeProcesses", "SetDesiredCapacity", "SuspendProcesses",
    )},
    "UpdateAutoScalingGroup": (
        Rule("autoscaling:UpdateAutoScalingGroup", GROUP),
        # One with a suffix of its own (EC2 Auto Scaling User Guide, which service-linked role can be passed).
        Rule("iam:PassRole", ("{role:ServiceLinkedRoleARN}",), {"iam:PassedToService": f"={LINKED}"},
             ("ServiceLinkedRoleARN",)),
    ),
    "PutLifecycleHook": (
        Rule("autoscaling:PutLifecycleHook", GROUP),
        Rule("iam:PassRole", ("{role:RoleARN}",), {"iam:PassedToService": f"={LINKED}"}, ("RoleARN",)),
    ),
    "DeleteLaunchConfiguration": (
        Rule("autoscaling:DeleteLaunchConfiguration",
             (AT + "launchConfiguration:*:launchConfigurationName/{LaunchConfigurationName}",)),
    ),
    "CreateOrUpdateTags": (Rule("autoscaling:CreateOrUpdateTags", TAGGED, TAGS),),
    "DeleteTags": (Rule("autoscaling:DeleteTags", TAGGED, TAGS),),
}
