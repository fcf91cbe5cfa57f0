"""Elastic Load Balancing: what is changed is named by its ARN, which tells what kind of it is. Source: Service
Authorization Reference, list_awselasticloadbalancingv2.
"""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}


def named(operation: str, member: str) -> Rules:
    return (Rule(f"elasticloadbalancing:{operation}", (f"{{{member}}}",)),)


def made(operation: str, member: str) -> Rules:
    """Something below what the request names."""
    return (*named(operation, member), Rule("elasticloadbalancing:AddTags", (f"{{{member}}}",), TAGS, ("Tags",)))


RULES: dict[str, Rules] = {
    "CreateListener": made("CreateListener", "LoadBalancerArn"),
    "CreateRule": made("CreateRule", "ListenerArn"),
    **{name: named(name, "ListenerArn") for name in (
        "AddListenerCertificates", "RemoveListenerCertificates", "DeleteListener", "ModifyListener",
        "ModifyListenerAttributes")},
    **{name: named(name, "RuleArn") for name in ("DeleteRule", "ModifyRule")},
    **{name: named(name, "LoadBalancerArn") for name in (
        "SetIpAddressType", "SetSecurityGroups", "SetSubnets", "ModifyCapacityReservation", "ModifyIpPools")},
    "SetRulePriorities": named("SetRulePriorities", "RulePriorities[].RuleArn"),
    "AddTags": (Rule("elasticloadbalancing:AddTags", ("{ResourceArns[]}",), TAGS),),
    "RemoveTags": (Rule("elasticloadbalancing:RemoveTags", ("{ResourceArns[]}",)),),
}
