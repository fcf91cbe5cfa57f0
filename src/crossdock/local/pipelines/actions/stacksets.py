"""Stack sets and their instances (rule D2; CodePipeline User Guide, CloudFormation StackSets action reference)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError
from crossdock.local.pipelines.actions import stack_inputs
from crossdock.local.pipelines.actions.job import ActionError, Job, Result, code_of
from crossdock.local.pipelines.actions.stack_follow import TIMEOUT

SET_REQUIRED = ("StackSetName", "TemplatePath")
SET_OPTIONAL = ("Description", "Parameters", "Capabilities", "PermissionModel", "AdministrationRoleArn",
                "ExecutionRoleName", "OrganizationsAutoDeployment", "DeploymentTargets", "Regions",
                "FailureTolerancePercentage", "MaxConcurrentPercentage", "CallAs")
INSTANCES_REQUIRED = ("StackSetName", "DeploymentTargets", "Regions")
INSTANCES_OPTIONAL = ("ParameterOverrides", "FailureTolerancePercentage", "MaxConcurrentPercentage", "CallAs")


def check_set(action: str, configuration: Mapping[str, str]) -> None:
    """Targets and regions go together; auto-deployment belongs to service-managed sets."""
    if ("DeploymentTargets" in configuration) is not ("Regions" in configuration):
        raise AwsError("InvalidActionDeclarationException",
                       f"Action {action} needs both DeploymentTargets and Regions, or neither")
    if configuration.get("PermissionModel", "SELF_MANAGED") not in ("SELF_MANAGED", "SERVICE_MANAGED"):
        raise AwsError("InvalidActionDeclarationException", f"PermissionModel of action {action} is not valid")


def stack_set(job: Job) -> Result:
    """Create the stack set, with instances where targets are given, or update it and the instances that it has."""
    where, client = job.configuration, job.client("cloudformation")
    name, managed = where["StackSetName"], where.get("PermissionModel", "SELF_MANAGED") == "SERVICE_MANAGED"
    template = stack_inputs.template(job)
    given: dict[str, Any] = {
        "StackSetName": name, **template, **_call_as(job), "Parameters": _parameters(job, "Parameters"),
        "Capabilities": _list(where.get("Capabilities", "")),
        "PermissionModel": "SERVICE_MANAGED" if managed else "SELF_MANAGED",
        **{key: where[option] for option, key in (("Description", "Description"), (
            "AdministrationRoleArn", "AdministrationRoleARN"), ("ExecutionRoleName", "ExecutionRoleName"))
           if option in where},
    }
    if managed:
        enabled = where.get("OrganizationsAutoDeployment", "Disabled")
        given["AutoDeployment"] = {"Enabled": enabled.startswith("Enabled"), **(
            {"RetainStacksOnAccountRemoval": enabled.endswith("Retention")} if enabled.startswith("Enabled") else {})}
    targets = _targets(job, managed)
    if _exists(job):
        operation = client.update_stack_set(**given, **targets, **_preferences(job))["OperationId"]
    else:
        job.run.external_id = str(client.create_stack_set(**given)["StackSetId"])
        operation = client.create_stack_instances(
            StackSetName=name, **_call_as(job), **targets, **_preferences(job))["OperationId"] if targets else ""
    return _followed(job, operation)


def instances(job: Job) -> Result:
    """Create instances of a stack set in these targets, and update those that are there already."""
    client, name = job.client("cloudformation"), job.configuration["StackSetName"]
    found = client.describe_stack_set(StackSetName=name, **_call_as(job))["StackSet"]
    managed = found.get("PermissionModel") == "SERVICE_MANAGED"
    overrides = _parameters(job, "ParameterOverrides")
    given = {"StackSetName": name, **_call_as(job), **_targets(job, managed), **_preferences(job),
             **({"ParameterOverrides": overrides} if overrides else {})}
    return _followed(job, client.create_stack_instances(**given)["OperationId"])


def _followed(job: Job, operation: str) -> Result:
    """Wait for the operation. Raises ActionError with the instances that failed."""
    client, name = job.client("cloudformation"), job.configuration["StackSetName"]
    found = client.describe_stack_set(StackSetName=name, **_call_as(job))["StackSet"]
    job.run.external_id = str(found["StackSetId"])
    variables = {"StackSetId": str(found["StackSetId"]), "OperationId": str(operation)}
    if not operation:
        return Result(variables={"StackSetId": variables["StackSetId"]})

    def look() -> Mapping[str, Any] | None:
        one = client.describe_stack_set_operation(StackSetName=name, OperationId=operation, **_call_as(job))
        status = one["StackSetOperation"]["Status"]
        return None if status in ("RUNNING", "QUEUED", "STOPPING") else dict(one["StackSetOperation"])

    ended: Mapping[str, Any] = job.poll(look, limit=TIMEOUT)
    if ended["Status"] != "SUCCEEDED":
        results = client.list_stack_set_operation_results(
            StackSetName=name, OperationId=operation, **_call_as(job))["Summaries"]
        told = [f"\n{one['Account']} {one['Region']}: {one.get('StatusReason', one['Status'])}"
                for one in results if one["Status"] == "FAILED"]
        raise ActionError("JobFailed", f"Operation {operation} on stack set {name} ended in {ended['Status']}"
                          + "".join(told))
    return Result(variables=variables)


def _exists(job: Job) -> bool:
    try:
        job.client("cloudformation").describe_stack_set(
            StackSetName=job.configuration["StackSetName"], **_call_as(job))
    except ClientError as error:
        if code_of(error) != "StackSetNotFoundException":
            raise
        return False
    return True


def _call_as(job: Job) -> dict[str, str]:
    return {"CallAs": job.configuration["CallAs"]} if "CallAs" in job.configuration else {}


def _preferences(job: Job) -> dict[str, Any]:
    names = ("FailureTolerancePercentage", "MaxConcurrentPercentage")
    found = {name: int(job.configuration[name]) for name in names if name in job.configuration}
    return {"OperationPreferences": found} if found else {}


def _targets(job: Job, managed: bool) -> dict[str, Any]:
    """Accounts or organizational units, and regions: written as a list, or in a file of an artifact."""
    text = job.configuration.get("DeploymentTargets", "")
    if not text:
        return {}
    if "::" in text:
        told = job.read_json(*stack_inputs.file_reference(job, "DeploymentTargets"))
        found = told.get("OrganizationalUnitIds", told.get("Accounts")) if isinstance(told, dict) else told
        if not isinstance(found, list):
            raise ActionError("InvalidArtifact", "DeploymentTargets must be a JSON list of accounts or units")
    else:
        found = _list(text)
    names = [str(one) for one in found]
    where: dict[str, Any] = {"DeploymentTargets": {"OrganizationalUnitIds": names}} if managed else {"Accounts": names}
    return {**where, "Regions": _list(job.configuration["Regions"])}


def _parameters(job: Job, option: str) -> list[dict[str, Any]]:
    """`ParameterKey=a,ParameterValue=b ParameterKey=...`, JSON of the same, or a file of an artifact with it."""
    text = job.configuration.get(option, "").strip()
    if not text:
        return []
    if re.fullmatch(r"[\w-]+::\S+", text):
        told = job.read_json(*stack_inputs.file_reference(job, option))
    elif text.startswith("["):
        try:
            told = json.loads(text)
        except ValueError as error:
            raise ActionError("InvalidActionConfiguration", f"{option} is not JSON: {error}") from error
    else:
        told = [_spoken(one) for one in re.findall(r"ParameterKey=\S+(?: (?!ParameterKey=)\S+)*", text)]
    if not isinstance(told, list):
        raise ActionError("InvalidActionConfiguration", f"{option} must be a list of ParameterKey and ParameterValue")
    return [dict(one) for one in told]


def _spoken(one: str) -> dict[str, Any]:
    key, _, rest = one.removeprefix("ParameterKey=").partition(",")
    if rest == "UsePreviousValue=true":
        return {"ParameterKey": key, "UsePreviousValue": True}
    return {"ParameterKey": key, "ParameterValue": rest.removeprefix("ParameterValue=")}


def _list(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
