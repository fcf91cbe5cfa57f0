"""AWS::ElasticLoadBalancingV2: load balancers, listeners, rules, target groups. Kept and shown; nothing is balanced."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props
from crossdock.local.cloudformation.resources.shapes import text
from crossdock.local.engine import NotEmulated

_TAGGING = Tagging(put=("AddTags", "ResourceArns[]", "Tags"), drop=("RemoveTags", "ResourceArns[]", "TagKeys"))
_HEALTH = ("HealthCheckEnabled HealthCheckIntervalSeconds HealthCheckPath HealthCheckPort HealthCheckProtocol "
           "HealthCheckTimeoutSeconds HealthyThresholdCount UnhealthyThresholdCount Matcher")
_LISTENER = "Port Protocol SslPolicy Certificates DefaultActions AlpnPolicy MutualAuthentication"


_DEFAULTS = {
    "idle_timeout.timeout_seconds": "60", "deletion_protection.enabled": "false", "access_logs.s3.enabled": "false",
    "routing.http2.enabled": "true", "routing.http.drop_invalid_header_fields.enabled": "false",
    "load_balancing.cross_zone.enabled": "true", "deregistration_delay.timeout_seconds": "300",
    "slow_start.duration_seconds": "0", "stickiness.enabled": "false", "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "", "load_balancing.algorithm.type": "round_robin",
}
"""What attributes that were taken out go back to (ELB API reference, LoadBalancerAttribute, TargetGroupAttribute)."""


def _attributes(operation: str, member: str, of: str) -> Own:
    def settle(ctx: Context, arn: str, old: Props, new: Props) -> None:
        wanted = {one["Key"]: text(one.get("Value", "")) for one in new.get(of) or ()}
        for one in old.get(of) or ():
            if one["Key"] not in wanted:
                if one["Key"] not in _DEFAULTS:
                    raise NotEmulated(f"the attribute {one['Key']} taken out of {of}")
                wanted[one["Key"]] = _DEFAULTS[one["Key"]]
        given = [{"Key": key, "Value": value} for key, value in wanted.items()]
        if given:
            ctx.call("elbv2", operation, {member: arn, "Attributes": given})

    return Own(of=of, settle=settle, created=True)


def _targets(ctx: Context, arn: str, old: Props, new: Props) -> None:
    before, after = old.get("Targets", []), new.get("Targets", [])
    if gone := [one for one in before if one not in after]:
        ctx.drop("elbv2", "DeregisterTargets", {"TargetGroupArn": arn, "Targets": gone})
    if made := [one for one in after if one not in before]:
        ctx.call("elbv2", "RegisterTargets", {"TargetGroupArn": arn, "Targets": made})


def _priority(ctx: Context, arn: str, _old: Props, new: Props) -> None:
    given = {"RulePriorities": [{"RuleArn": arn, "Priority": new["Priority"]}]}
    ctx.call("elbv2", "SetRulePriorities", given)


def _groups_of(_: Context, arn: str) -> dict[str, Any]:
    return {"LoadBalancerFullName": arn.partition(":loadbalancer/")[2]}


def _target_name(_: Context, arn: str) -> dict[str, Any]:
    return {"TargetGroupFullName": arn.rpartition(":")[2], "TargetGroupName": arn.split("/")[1]}


TYPES = handlers(
    Kind(
        type="AWS::ElasticLoadBalancingV2::LoadBalancer", service="elbv2", name="Name", limit=32,
        id="LoadBalancers[0].LoadBalancerArn", who="LoadBalancerArn", create="CreateLoadBalancer",
        delete="DeleteLoadBalancer", takes="Scheme Type IpAddressType Subnets SubnetMappings SecurityGroups",
        steps=(Step(operation="SetSecurityGroups", of="SecurityGroups"),
               Step(operation="SetSubnets", of="Subnets SubnetMappings"),
               Step(operation="SetIpAddressType", of="IpAddressType"),
               _attributes("ModifyLoadBalancerAttributes", "LoadBalancerArn", "LoadBalancerAttributes")),
        read=("DescribeLoadBalancers", "LoadBalancers[0]"), read_who="LoadBalancerArns[]",
        found={"CanonicalHostedZoneID": "CanonicalHostedZoneId", "SecurityGroups": "SecurityGroups"},
        also=_groups_of, tagging=_TAGGING, arn="{id}",
        accepted="EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic MinimumLoadBalancerCapacity",
    ),
    Kind(
        type="AWS::ElasticLoadBalancingV2::TargetGroup", service="elbv2", name="Name", limit=32,
        id="TargetGroups[0].TargetGroupArn", who="TargetGroupArn", create="CreateTargetGroup",
        delete="DeleteTargetGroup", takes=f"Protocol ProtocolVersion Port VpcId TargetType IpAddressType {_HEALTH}",
        steps=(Step(operation="ModifyTargetGroup", of=_HEALTH), Own(of="Targets", settle=_targets, created=True),
               _attributes("ModifyTargetGroupAttributes", "TargetGroupArn", "TargetGroupAttributes")),
        read=("DescribeTargetGroups", "TargetGroups[0]"), read_who="TargetGroupArns[]", also=_target_name,
        tagging=_TAGGING, arn="{id}",
    ),
    Kind(
        type="AWS::ElasticLoadBalancingV2::Listener", service="elbv2", id="Listeners[0].ListenerArn",
        who="ListenerArn", create="CreateListener", delete="DeleteListener", takes=f"LoadBalancerArn {_LISTENER}",
        steps=(Step(operation="ModifyListener", of=_LISTENER),
               _attributes("ModifyListenerAttributes", "ListenerArn", "ListenerAttributes")),
        found={"ListenerArn": "={id}"}, tagging=_TAGGING, arn="{id}",
    ),
    Kind(
        type="AWS::ElasticLoadBalancingV2::ListenerRule", service="elbv2", id="Rules[0].RuleArn", who="RuleArn",
        create="CreateRule", delete="DeleteRule", takes="ListenerArn Actions Conditions Priority",
        steps=(Step(operation="ModifyRule", of="Actions Conditions"), Own(of="Priority", settle=_priority)),
        found={"RuleArn": "={id}"}, tagging=_TAGGING, arn="{id}",
    ),
)  # fmt: skip
