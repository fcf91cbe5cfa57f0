"""EC2 Auto Scaling: what an update of a group says besides, which moto doesn't look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped

_MORE = {"PlacementGroup": "placement_group", "TerminationPolicies": "termination_policies"}


def _more_of_group(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def update_auto_scaling_group(self: Any) -> Any:
        answer = as_written(self)
        group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
        for member, attribute in _MORE.items():
            if (value := self._get_param(member)) is not None:
                setattr(group, attribute, value)
        if (cooldown := self._get_int_param("DefaultCooldown")) is not None:
            group.default_cooldown = cooldown
        if (rebalance := self._get_bool_param("CapacityRebalance")) is not None:
            group.capacity_rebalance = rebalance
        return answer

    return update_auto_scaling_group


WRAPPED: Wrapped = (("AutoScalingResponse", "update_auto_scaling_group", _more_of_group),)
