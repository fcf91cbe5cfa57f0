"""Stacks, events, resources, change sets and templates in the shapes of the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crossdock.local.cloudformation import capabilities
from crossdock.local.cloudformation.macros import snippets
from crossdock.local.cloudformation.state import ChangeSet, Resource, Stack, StackEvent
from crossdock.local.engine import AwsError
from crossdock.template import parameters, transforms

PAGE = 100


def page(call_params: Mapping[str, Any], key: str, items: Sequence[Any], size: int = PAGE) -> dict[str, Any]:
    """One page of a list; the token is where the next one starts."""
    token = str(call_params.get("NextToken") or "0")
    if not token.isdigit():
        raise AwsError("ValidationError", "Invalid NextToken")
    start = int(token)
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return {key: list(items[start : start + size]), **more}


def tags(pairs: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def given(body: Mapping[str, Any], stored: Mapping[str, str], values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Parameters as DescribeStacks lists them; SSM parameters with the value that was read."""
    shown = []
    declared = body.get("Parameters") or {}
    for name, value in parameters.masked(body, stored).items():
        entry = {"ParameterKey": name, "ParameterValue": value}
        if str((declared.get(name) or {}).get("Type", "")).startswith("AWS::SSM::Parameter::Value"):
            read = values.get(name, "")
            entry["ResolvedValue"] = ",".join(read) if isinstance(read, list) else str(read)
        shown.append(entry)
    return shown


def stack(one: Stack) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "StackId": one.id, "StackName": one.name, "CreationTime": one.created, "StackStatus": one.status,
        "DisableRollback": one.on_failure == "DO_NOTHING" and not one.parent,
        "NotificationARNs": list(one.target.notification_arns), "Capabilities": list(one.target.capabilities),
        "Parameters": given(one.target.body, one.target.given, one.target.parameters),
        "Tags": tags(one.target.tags), "EnableTerminationProtection": one.protected,
        "DriftInformation": _drift("StackDriftStatus", one.drift, one.drift_checked), "RollbackConfiguration": {},
        "Outputs": [_output(name, output) for name, output in one.outputs.items()],
    }  # fmt: skip
    optional = {
        "Description": one.target.body.get("Description"), "StackStatusReason": one.reason, "RoleARN": one.role,
        "LastUpdatedTime": one.updated, "DeletionTime": one.deleted, "TimeoutInMinutes": one.timeout_minutes,
        "ParentId": one.parent, "RootId": one.root, "ChangeSetId": one.change_set,
    }  # fmt: skip
    return shown | {key: value for key, value in optional.items() if value}


def _drift(name: str, status: str, checked: datetime | None) -> dict[str, Any]:
    return {name: status, **({"LastCheckTimestamp": checked} if checked else {})}


def _output(name: str, output: Any) -> dict[str, str]:
    shown = {"OutputKey": name, "OutputValue": output.value}
    if output.description:
        shown["Description"] = output.description
    if output.export:
        shown["ExportName"] = output.export
    return shown


def summary(one: Stack) -> dict[str, Any]:
    full = stack(one)
    names = (
        "StackId StackName CreationTime LastUpdatedTime DeletionTime StackStatus StackStatusReason ParentId RootId "
        "DriftInformation"
    )
    shown = {name: full[name] for name in names.split() if name in full}
    return shown | ({"TemplateDescription": full["Description"]} if "Description" in full else {})


def event(one: Stack, line: StackEvent) -> dict[str, Any]:
    shown = {
        "StackId": one.id, "StackName": one.name, "EventId": line.id, "LogicalResourceId": line.logical_id,
        "PhysicalResourceId": line.physical_id, "ResourceType": line.type, "Timestamp": line.at,
        "ResourceStatus": line.status,
    }  # fmt: skip
    optional = {
        "ResourceStatusReason": line.reason, "ResourceProperties": line.properties, "ClientRequestToken": line.token,
    }  # fmt: skip
    return shown | {key: value for key, value in optional.items() if value}


def resource(held: Resource, timestamp: str = "Timestamp") -> dict[str, Any]:
    drift = held.drift
    shown: dict[str, Any] = {
        "LogicalResourceId": held.logical_id, "ResourceType": held.type, timestamp: held.updated,
        "ResourceStatus": held.status, "DriftInformation": _drift(
            "StackResourceDriftStatus", drift.status if drift else "NOT_CHECKED", drift.at if drift else None),
    }  # fmt: skip
    optional = {"PhysicalResourceId": held.physical_id, "ResourceStatusReason": held.reason}
    return shown | {key: value for key, value in optional.items() if value}


def change_set(one: Stack, change: ChangeSet, *, full: bool) -> dict[str, Any]:
    """`full` as DescribeChangeSet answers, else as ListChangeSets."""
    shown: dict[str, Any] = {
        "ChangeSetId": change.id, "ChangeSetName": change.name, "StackId": one.id, "StackName": one.name,
        "CreationTime": change.created, "Status": change.status, "ExecutionStatus": change.execution,
        "IncludeNestedStacks": change.nested,
    }  # fmt: skip
    optional = {
        "Description": change.description, "StatusReason": change.reason, "ParentChangeSetId": change.parent,
        "RootChangeSetId": change.root,
    }  # fmt: skip
    shown |= {key: value for key, value in optional.items() if value}
    if full and change.target is not None:
        target = change.target
        shown |= {
            "Parameters": given(target.body, target.given, target.parameters), "Tags": tags(target.tags),
            "Capabilities": list(target.capabilities), "NotificationARNs": list(target.notification_arns),
            "RollbackConfiguration": {},
        }  # fmt: skip
    return shown


def template(body: Mapping[str, Any]) -> dict[str, Any]:
    """What ValidateTemplate and GetTemplateSummary both tell of a template."""
    wanted, types = capabilities.needed((body.get("Resources") or {}).values())
    macros = list(dict.fromkeys([*transforms.declared(body), *snippets(body)]))
    lacking = [wanted] if wanted else []
    reason = f"The following resource(s) require capabilities: [{', '.join(types)}]" if types else ""
    if macros:
        lacking.append("CAPABILITY_AUTO_EXPAND")
        reason = reason or "The template declares macros"
    shown: dict[str, Any] = {"Parameters": [], "Capabilities": lacking, "DeclaredTransforms": macros}
    optional = {"Description": body.get("Description"), "CapabilitiesReason": reason}
    return shown | {key: value for key, value in optional.items() if value}


def declared_parameters(body: Mapping[str, Any], *, full: bool) -> list[dict[str, Any]]:
    shown = []
    for name, one in (body.get("Parameters") or {}).items():
        entry: dict[str, Any] = {"ParameterKey": name, "NoEcho": str(one.get("NoEcho", "")).lower() == "true"}
        if "Default" in one:
            entry["DefaultValue"] = str(parameters.stored({"Parameters": {name: one}}, {})[name])
        if "Description" in one:
            entry["Description"] = one["Description"]
        if full:
            entry["ParameterType"] = one.get("Type", "String")
            entry["ParameterConstraints"] = (
                {"AllowedValues": [str(value) for value in one["AllowedValues"]]} if "AllowedValues" in one else {}
            )
        shown.append(entry)
    return shown
