"""AWS::AutoScaling and AWS::ApplicationAutoScaling: groups, launch configurations, targets, policies. Kept and shown;
nothing is scaled.
"""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, handlers
from crossdock.local.cloudformation.resources.handler import Context, Handler, Props, pick, words

_GROUP = ("LaunchConfigurationName LaunchTemplate MixedInstancesPolicy MinSize MaxSize DesiredCapacity "
          "AvailabilityZones HealthCheckType HealthCheckGracePeriod PlacementGroup VPCZoneIdentifier "
          "TerminationPolicies NewInstancesProtectedFromScaleIn ServiceLinkedRoleARN MaxInstanceLifetime "
          "CapacityRebalance DefaultInstanceWarmup Cooldown InstanceMaintenancePolicy")
_SPELLED = {"Cooldown": "DefaultCooldown"}


def _subnets(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)


def _tags(group: str, props: Props) -> list[dict[str, Any]]:
    return [{"ResourceId": group, "ResourceType": "auto-scaling-group", **tag} for tag in props.get("Tags", [])]


def _retag(ctx: Context, group: str, old: Props, new: Props) -> None:
    names = {tag["Key"] for tag in new.get("Tags", [])}
    gone = [tag for tag in _tags(group, old) if tag["Key"] not in names]
    if gone:
        ctx.call("autoscaling", "DeleteTags", {"Tags": gone})
    if made := _tags(group, new):
        ctx.call("autoscaling", "CreateOrUpdateTags", {"Tags": made})


def _lists(ctx: Context, group: str, old: Props, new: Props) -> None:
    """Target groups and classic load balancers are attached and detached."""
    for name, noun, member in (("TargetGroupARNs", "LoadBalancerTargetGroups", "TargetGroupARNs"),
                               ("LoadBalancerNames", "LoadBalancers", "LoadBalancerNames")):
        before, after = old.get(name, []), new.get(name, [])
        for verb, some in (("Detach", [one for one in before if one not in after]),
                           ("Attach", [one for one in after if one not in before])):
            if some:
                ctx.call("autoscaling", f"{verb}{noun}", {"AutoScalingGroupName": group, member: some})


def _metrics(ctx: Context, group: str, _old: Props, new: Props) -> None:
    for one in new.get("MetricsCollection", []):
        ctx.call("autoscaling", "EnableMetricsCollection", {"AutoScalingGroupName": group, **one})


def _policy_name(_: Context, arn: str, props: Props) -> dict[str, Any]:
    return {"PolicyName": arn.rpartition("policyName/")[2], **pick(props, "AutoScalingGroupName")}


_POLICY = ("PolicyType AdjustmentType MinAdjustmentMagnitude ScalingAdjustment Cooldown MetricAggregationType "
           "StepAdjustments EstimatedInstanceWarmup TargetTrackingConfiguration PredictiveScalingConfiguration")


def _put_policy(ctx: Context, props: Props) -> str:
    given = {"PolicyName": ctx.name(255), **pick(props, f"AutoScalingGroupName {_POLICY}")}
    return str(ctx.call("autoscaling", "PutScalingPolicy", given)["PolicyARN"])


_HOOK = "LifecycleTransition RoleARN NotificationTargetARN NotificationMetadata HeartbeatTimeout DefaultResult"


def _hook(_: Context, name: str, props: Props) -> dict[str, Any]:
    return {"LifecycleHookName": name, **pick(props, "AutoScalingGroupName")}


_AAS = "application-autoscaling"
_TARGET = "ServiceNamespace ResourceId ScalableDimension"


def _register(ctx: Context, props: Props) -> str:
    ctx.call(_AAS, "RegisterScalableTarget", pick(props, f"{_TARGET} MinCapacity MaxCapacity RoleARN SuspendedState"))
    for action in props.get("ScheduledActions", []):
        ctx.call(_AAS, "PutScheduledAction", {**pick(props, _TARGET), **action})
    return "|".join(str(props[name]) for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))


def _of_policy(props: Props) -> dict[str, Any]:
    """A policy names its target by itself or by the target's physical id."""
    if "ScalingTargetId" in props:
        resource, dimension, namespace = str(props["ScalingTargetId"]).split("|")
        return {"ResourceId": resource, "ScalableDimension": dimension, "ServiceNamespace": namespace}
    return pick(props, _TARGET)


def _scale(ctx: Context, props: Props) -> str:
    given = pick(props, "PolicyName PolicyType StepScalingPolicyConfiguration PredictiveScalingPolicyConfiguration "
                        "TargetTrackingScalingPolicyConfiguration")  # fmt: skip
    return str(ctx.call(_AAS, "PutScalingPolicy", {**given, **_of_policy(props)})["PolicyARN"])


TYPES = (
    *handlers(
        Kind(
            type="AWS::AutoScaling::AutoScalingGroup", service="autoscaling", name="AutoScalingGroupName", limit=255,
            who="AutoScalingGroupName", create="CreateAutoScalingGroup", delete="DeleteAutoScalingGroup",
            delete_fixed={"ForceDelete": True},
            takes=f"InstanceId LoadBalancerNames TargetGroupARNs LifecycleHookSpecificationList {_GROUP}",
            spelled=_SPELLED, shaped={"VPCZoneIdentifier": _subnets},
            unkept="LifecycleHookSpecificationList ServiceLinkedRoleARN MaxInstanceLifetime DefaultInstanceWarmup "
                   "InstanceMaintenancePolicy",
            steps=(Step(operation="UpdateAutoScalingGroup", of=_GROUP),
                   Own(of="TargetGroupARNs LoadBalancerNames", settle=_lists),
                   Own(of="Tags", settle=_retag, created=True),
                   Own(of="MetricsCollection", settle=_metrics, created=True)),
            read=("DescribeAutoScalingGroups", "AutoScalingGroups[0]"), read_who="AutoScalingGroupNames[]",
            accepted="NotificationConfigurations NotificationConfiguration", tags="launch",
        ),
        Kind(
            type="AWS::AutoScaling::LaunchConfiguration", service="autoscaling", name="LaunchConfigurationName",
            limit=255, who="LaunchConfigurationName", create="CreateLaunchConfiguration",
            delete="DeleteLaunchConfiguration",
            takes="AssociatePublicIpAddress BlockDeviceMappings EbsOptimized IamInstanceProfile ImageId InstanceId "
                  "InstanceMonitoring InstanceType KernelId KeyName MetadataOptions PlacementTenancy RamDiskId "
                  "SecurityGroups SpotPrice UserData",
            spelled={"InstanceMonitoring": "InstanceMonitoring"},
            shaped={"InstanceMonitoring": lambda value: {"Enabled": value}},
        ),
        Kind(
            type="AWS::AutoScaling::ScalingPolicy", service="autoscaling", who=_policy_name, create="PutScalingPolicy",
            delete="DeletePolicy", takes="AutoScalingGroupName", make=_put_policy,
            steps=(Step(operation="PutScalingPolicy", whole=True, of=_POLICY),),
            found={"Arn": "={id}"}, also=lambda _ctx, arn: {"PolicyName": arn.rpartition("policyName/")[2]},
        ),
        Kind(
            type="AWS::AutoScaling::LifecycleHook", service="autoscaling", name="LifecycleHookName", limit=255,
            who=_hook, create="PutLifecycleHook", delete="DeleteLifecycleHook",
            takes=f"AutoScalingGroupName {_HOOK}", steps=(Step(operation="PutLifecycleHook", whole=True, of=_HOOK),),
        ),
        Kind(
            type="AWS::ApplicationAutoScaling::ScalableTarget", service=_AAS, create="RegisterScalableTarget",
            who=lambda _ctx, _id, props: pick(props, _TARGET), delete="DeregisterScalableTarget", takes=_TARGET,
            make=_register,
            steps=(Step(operation="RegisterScalableTarget", of="MinCapacity MaxCapacity RoleARN SuspendedState"),),
            accepted="ScheduledActions", found={"Id": "={id}"},
        ),
    ),
    Handler(
        type="AWS::ApplicationAutoScaling::ScalingPolicy",
        emulated=words(f"PolicyName PolicyType ScalingTargetId {_TARGET} StepScalingPolicyConfiguration "
                       "TargetTrackingScalingPolicyConfiguration PredictiveScalingPolicyConfiguration"),
        create=_scale, update=lambda ctx, _id, _old, new: _scale(ctx, new),
        delete=lambda ctx, _, props: ctx.call(
            _AAS, "DeleteScalingPolicy", {**_of_policy(props), "PolicyName": props["PolicyName"]}),
        read=lambda _ctx, arn, _props: {"Arn": arn},
    ),
)  # fmt: skip
