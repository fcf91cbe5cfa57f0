"""Systems Manager: maintenance windows, their targets and tasks can be changed; windows tell more of themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores

from crossdock.local.store.additions.base import Added, NoSuch, Wrapped

_WINDOW = ("Name Description StartDate EndDate Schedule ScheduleTimezone ScheduleOffset Duration Cutoff "
           "AllowUnassociatedTargets Enabled")
_TARGET = "Targets OwnerInformation Name Description"
_TASK = ("Targets TaskArn ServiceRoleArn TaskParameters TaskInvocationParameters Priority MaxConcurrency MaxErrors "
         "LoggingInfo Name Description CutoffBehavior")


def _settle(self: Any, held: Any, names: str) -> None:
    """With `Replace`, what isn't said is taken away (SSM API, UpdateMaintenanceWindow)."""
    whole = self._get_bool_param("Replace")
    for name in names.split():
        value = self._get_param(name)
        if value is not None or (whole and name not in ("AllowUnassociatedTargets", "Enabled")):
            setattr(held, camelcase_to_underscores(name), value)


def _part(held: Mapping[str, Any], id_: str) -> Any:
    if id_ not in held:
        raise NoSuch("DoesNotExistException", f"Maintenance window part {id_} does not exist")
    return held[id_]


def _update_window(self: Any) -> ActionResult:
    window = self.ssm_backend.get_maintenance_window(self._get_param("WindowId"))
    _settle(self, window, _WINDOW)
    return ActionResult(window.to_json())


def _update_target(self: Any) -> ActionResult:
    window = self.ssm_backend.get_maintenance_window(self._get_param("WindowId"))
    target = _part(window.targets, self._get_param("WindowTargetId"))
    _settle(self, target, _TARGET)
    return ActionResult(target.to_json())


def _update_task(self: Any) -> ActionResult:
    window = self.ssm_backend.get_maintenance_window(self._get_param("WindowId"))
    task = _part(window.tasks, self._get_param("WindowTaskId"))
    _settle(self, task, _TASK)
    return ActionResult(task.to_json())


def _get_task(self: Any) -> ActionResult:
    window = self.ssm_backend.get_maintenance_window(self._get_param("WindowId"))
    return ActionResult(_part(window.tasks, self._get_param("WindowTaskId")).to_json())


def _unassociated(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def create_maintenance_window(self: Any) -> Any:
        answer = as_written(self)
        window = self.ssm_backend.get_maintenance_window(answer.result["WindowId"])
        window.allow_unassociated_targets = self._get_bool_param("AllowUnassociatedTargets")
        return answer

    return create_maintenance_window


def _window_told(as_written: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def to_json(self: Any) -> dict[str, Any]:
        return as_written(self) | {
            "AllowUnassociatedTargets": getattr(self, "allow_unassociated_targets", False),
            "Enabled": getattr(self, "enabled", True)}

    return to_json


def _target_told(as_written: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def to_json(self: Any) -> dict[str, Any]:
        return as_written(self) | {"OwnerInformation": self.owner_information}

    return to_json


def _task_told(as_written: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def to_json(self: Any) -> dict[str, Any]:
        return as_written(self) | {"Type": self.task_type, "CutoffBehavior": self.cutoff_behavior}

    return to_json


ADDED: Added = {"SimpleSystemManagerResponse": {
    "update_maintenance_window": _update_window, "update_maintenance_window_target": _update_target,
    "update_maintenance_window_task": _update_task, "get_maintenance_window_task": _get_task,
}}
WRAPPED: Wrapped = (
    ("SimpleSystemManagerResponse", "create_maintenance_window", _unassociated),
    ("FakeMaintenanceWindow", "to_json", _window_told),
    ("FakeMaintenanceWindowTarget", "to_json", _target_told),
    ("FakeMaintenanceWindowTask", "to_json", _task_told),
)
