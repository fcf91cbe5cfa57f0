"""Attributes of resources beside their properties: which have an effect here, and what the others are refused with.

Source: CloudFormation Template Reference, "Resource attributes".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.local.cloudformation import signals
from crossdock.local.cloudformation.resources.shapes import truth
from crossdock.local.engine import NotEmulated
from crossdock.template.functions import intrinsic

_SIGNALLED = frozenset({
    "AWS::AppStream::Fleet", "AWS::AutoScaling::AutoScalingGroup", "AWS::CloudFormation::WaitCondition",
    "AWS::EC2::Instance",
})  # fmt: skip
"""Types with creation policies."""

_ONLY_HOW = frozenset({"EnableVersionUpgrade", "UseOnlineResharding"})
"""Update policies that say how a service gets to the same end; here it is there at once."""

_SCALING = frozenset({
    "AutoScalingReplacingUpdate", "AutoScalingRollingUpdate", "AutoScalingScheduledAction",
    "CodeDeployLambdaAliasUpdate",
})  # fmt: skip
GROUP = "AWS::AutoScaling::AutoScalingGroup"
_ROLLED = ("LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy", "VPCZoneIdentifier",
           "AvailabilityZones", "PlacementGroup")
"""Properties whose change makes an update policy replace a group's instances."""

_SNAPSHOTS = frozenset({
    "AWS::DocDB::DBCluster", "AWS::EC2::Volume", "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup", "AWS::Neptune::DBCluster", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
})  # fmt: skip
_POLICIES = {
    "DeletionPolicy": ("deletion policy", ("Delete", "Retain", "RetainExceptOnCreate")),
    "UpdateReplacePolicy": ("update replace policy", ("Delete", "Retain")),
}


POLICIES = tuple(_POLICIES)
"""Attributes that AWS::LanguageExtensions lets a template compute."""


def problems(declared: Mapping[str, Any], *, can_snapshot: bool = False) -> Iterator[str]:
    """Why a resource can't be made here, by its attributes, worded as AWS words it; nothing when it can.

    can_snapshot  whether the type's handler keeps a copy before a deletion
    """
    kind = str(declared.get("Type"))
    for name, (spoken, known) in _POLICIES.items():
        given = declared.get(name, "Delete")
        if not isinstance(given, str):
            yield f"Template format error: Every {name} member must be a string."
        elif given == "Snapshot":
            if kind in _SNAPSHOTS and not can_snapshot:
                yield f"the local AWS does not emulate {name} Snapshot of {kind}"
            elif not can_snapshot:
                yield f"Template error: resource type {kind} does not support {spoken} Snapshot"
        elif given not in known:
            yield f"Template error: Unrecognized {name} {given}"
    yield from _creation(kind, declared.get("CreationPolicy"))
    yield from _update(kind, declared.get("UpdatePolicy"))


def _creation(kind: str, policy: Any) -> Iterator[str]:
    if policy is None or intrinsic(policy):
        return
    if not isinstance(policy, Mapping):
        yield "Template error: CreationPolicy must be an object"
        return
    if kind not in _SIGNALLED:
        yield f"the local AWS does not emulate CreationPolicy of {kind}"
    for name in policy:
        if name not in ("ResourceSignal", "AutoScalingCreationPolicy"):
            yield f"the local AWS does not emulate {name} of a CreationPolicy"


def _update(kind: str, policy: Any) -> Iterator[str]:
    if policy is None or intrinsic(policy):
        return
    if not isinstance(policy, Mapping):
        yield "Template error: UpdatePolicy must be an object"
        return
    for name in policy:
        if name in _SCALING and kind == "AWS::Lambda::Alias":
            yield f"the local AWS does not emulate {name} of an UpdatePolicy"
        elif name not in _SCALING | _ONLY_HOW:
            yield f"Template error: Unrecognized UpdatePolicy {name}"


def unrolled(kind: str, policy: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Raises NotEmulated for a change that would have a group's instances replaced, which here none does. Until such a
    change, an update policy of a group has nothing to do."""
    if kind != GROUP or not isinstance(policy, Mapping) or all(old.get(name) == new.get(name) for name in _ROLLED):
        return
    replacing = policy.get("AutoScalingReplacingUpdate") or {}
    for name, acts in (("AutoScalingRollingUpdate", "AutoScalingRollingUpdate" in policy),
                       ("AutoScalingReplacingUpdate", truth(replacing.get("WillReplace", False)))):
        if acts:
            raise NotEmulated(f"{name} of an UpdatePolicy")


def read(policy: Any) -> Mapping[str, Any]:
    """A resolved creation policy, checked. Raises ValueError for one that can't be meant."""
    found = policy if isinstance(policy, Mapping) else {}
    signals.wanted(found)
    return found
