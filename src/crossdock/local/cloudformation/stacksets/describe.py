"""Stack sets, instances, operations and their results in the shapes of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.cloudformation.describe import tags
from crossdock.local.cloudformation.stacksets.state import Instance, Operation, Result, StackSet
from crossdock.template import parameters

Shown = dict[str, Any]


def _texts(values: Mapping[str, str]) -> list[Shown]:
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]


def _given(optional: Mapping[str, Any]) -> Shown:
    return {name: value for name, value in optional.items() if value not in ("", None, {})}


def stack_set(one: StackSet) -> Shown:
    shown = {
        "StackSetName": one.name, "StackSetId": one.id, "StackSetARN": one.arn, "Status": one.status,
        "TemplateBody": one.text, "Capabilities": list(one.capabilities), "Tags": tags(one.tags),
        "Parameters": _texts(parameters.masked(one.body, one.given)), **_permissions(one),
        "OrganizationalUnitIds": sorted(one.units), "ManagedExecution": {"Active": one.managed},
        "Regions": sorted({region for _, region in one.instances}),
        "StackSetDriftDetectionDetails": one.drift or {
            "DriftStatus": "NOT_CHECKED", "TotalStackInstancesCount": len(one.instances)},
    }  # fmt: skip
    return shown | _given({"Description": one.description})


def _permissions(one: StackSet) -> Shown:
    if not one.managed_by_service:
        roles = {"AdministrationRoleARN": one.administration_role, "ExecutionRoleName": one.execution_role}
        return {"PermissionModel": one.model, **roles}
    return {"PermissionModel": one.model, "AutoDeployment": automatic(one)}


def automatic(one: StackSet) -> Shown:
    if not one.automatic:
        return {"Enabled": False}
    return {"Enabled": True, "RetainStacksOnAccountRemoval": one.keeps_stacks}


def summary(one: StackSet) -> Shown:
    shown = {
        "StackSetName": one.name, "StackSetId": one.id, "Status": one.status, "PermissionModel": one.model,
        **({"AutoDeployment": automatic(one)} if one.managed_by_service else {}),
        "DriftStatus": one.drift.get("DriftStatus", "NOT_CHECKED"), "ManagedExecution": {"Active": one.managed},
    }  # fmt: skip
    checked = one.drift.get("LastDriftCheckTimestamp")
    return shown | _given({"Description": one.description, "LastDriftCheckTimestamp": checked})


def instance(of: StackSet, one: Instance, *, full: bool) -> Shown:
    """`full` as DescribeStackInstance answers, else as ListStackInstances."""
    shown: Shown = {
        "StackSetId": of.id, "Account": one.account, "Region": one.region, "Status": one.status,
        "StackInstanceStatus": {"DetailedStatus": one.detailed}, "OrganizationalUnitId": one.unit,
        "DriftStatus": one.drift,
    }  # fmt: skip
    if full:
        shown["ParameterOverrides"] = _texts(parameters.masked(of.body, one.overrides))
    optional = {
        "StackId": one.stack_id, "StatusReason": one.reason, "LastOperationId": one.operation,
        "LastDriftCheckTimestamp": one.drift_checked,
    }  # fmt: skip
    return shown | _given(optional)


def operation(of: StackSet, one: Operation, *, full: bool) -> Shown:
    """`full` as DescribeStackSetOperation answers, else as ListStackSetOperations."""
    shown: Shown = {
        "OperationId": one.id, "Action": one.action, "Status": one.status, "CreationTimestamp": one.created,
        "OperationPreferences": {"RegionOrder": [], **(one.preferences.named or {})},
        "StatusDetails": {"FailedStackInstancesCount": one.failed},
    }  # fmt: skip
    if full:
        shown["StackSetId"] = of.id
        if of.managed_by_service:
            units = {result.unit for result in one.results.values() if result.unit}
            shown["DeploymentTargets"] = {"OrganizationalUnitIds": sorted(units)}
        else:
            shown |= {"AdministrationRoleARN": one.administration_role, "ExecutionRoleName": one.execution_role}
        shown |= _given({"RetainStacks": one.retain, "StackSetDriftDetectionDetails": one.drift})
    return shown | _given({"StatusReason": one.reason, "EndTimestamp": one.ended})


def drift(of: StackSet, one: Operation) -> Shown:
    """StackSetDriftDetectionDetails after a detection."""
    held = [of.instances[place].drift for place in one.results if place in of.instances]
    drifted = held.count("DRIFTED")
    return {
        "DriftStatus": "DRIFTED" if drifted else "IN_SYNC", "LastDriftCheckTimestamp": one.ended,
        "DriftDetectionStatus": {"SUCCEEDED": "COMPLETED"}.get(one.status, one.status) if not one.failed
        else "PARTIAL_SUCCESS" if one.status == "SUCCEEDED" else "FAILED",
        "TotalStackInstancesCount": len(one.results), "DriftedStackInstancesCount": drifted,
        "InSyncStackInstancesCount": held.count("IN_SYNC"), "InProgressStackInstancesCount": 0,
        "FailedStackInstancesCount": one.failed,
    }  # fmt: skip


def result(one: Result) -> Shown:
    shown: Shown = {
        "Account": one.account, "Region": one.region, "Status": one.status, "OrganizationalUnitId": one.unit}
    if one.gate[0]:
        shown["AccountGateResult"] = _given({"Status": one.gate[0], "StatusReason": one.gate[1]})
    return shown | _given({"StatusReason": one.reason})
