"""CloudFormation: change sets and stacks, as the action's caller (rule D1; CodePipeline User Guide, CloudFormation
action reference; CloudFormation User Guide, continuous delivery)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, assert_never, cast, get_args

from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError
from crossdock.local.pipelines.actions import stack_inputs
from crossdock.local.pipelines.actions.job import ActionError, Job, Result, code_of
from crossdock.local.pipelines.actions.stack_follow import TIMEOUT, describe, follow, outputs

Mode = Literal["CREATE_UPDATE", "REPLACE_ON_FAILURE", "DELETE_ONLY", "CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"]
OPTIONAL = ("ChangeSetName", "TemplatePath", "TemplateConfiguration", "ParameterOverrides", "Capabilities", "RoleArn",
            "OutputFileName")
_REPLACED = ("ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED")
_NOTHING = ("didn't contain changes", "No updates are to be performed")
_NEEDS: Mapping[Mode, tuple[str, ...]] = {
    "CREATE_UPDATE": ("TemplatePath", "RoleArn"),
    "REPLACE_ON_FAILURE": ("TemplatePath", "RoleArn"),
    "DELETE_ONLY": ("RoleArn",),
    "CHANGE_SET_REPLACE": ("ChangeSetName", "TemplatePath", "RoleArn"),
    "CHANGE_SET_EXECUTE": ("ChangeSetName",),
}


def check(action: str, configuration: Mapping[str, str]) -> None:
    """The mode must exist and have what it needs; ParameterOverrides is at most 1,024 bytes."""
    mode = configuration["ActionMode"]
    if mode not in get_args(Mode):
        raise AwsError("InvalidActionDeclarationException", f"ActionMode {mode} of action {action} is not valid")
    for key in _NEEDS[cast("Mode", mode)]:
        if key not in configuration:
            raise AwsError("InvalidActionDeclarationException", f"Action {action} in mode {mode} needs {key}")
    if len(configuration.get("ParameterOverrides", "").encode()) > 1024:
        raise AwsError("InvalidActionDeclarationException", f"ParameterOverrides of action {action} exceeds 1 KB")


def run(job: Job) -> Result:
    """Do what the action mode says; the stack's outputs become output variables (and a file, if asked for)."""
    mode = cast("Mode", job.configuration["ActionMode"])
    match mode:
        case "CHANGE_SET_REPLACE":
            stack = _replace_change_set(job)
        case "CHANGE_SET_EXECUTE":
            stack = _execute_change_set(job)
        case "CREATE_UPDATE":
            stack = _create_or_update(job)
        case "REPLACE_ON_FAILURE":
            stack = _replace_on_failure(job)
        case "DELETE_ONLY":
            _delete(job)
            stack = {}
        case _:
            assert_never(mode)
    values = outputs(stack)
    if job.outputs and "OutputFileName" in job.configuration:
        job.write_files(job.outputs[0], {job.configuration["OutputFileName"]: json.dumps(values).encode()})
    return Result(variables=values)


def _create_or_update(job: Job) -> Mapping[str, Any]:
    cloudformation, arguments = job.client("cloudformation"), stack_inputs.arguments(job)
    stack = describe(job, job.configuration["StackName"])
    if stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        return follow(job, cloudformation.create_stack(**arguments)["StackId"])
    try:
        return follow(job, cloudformation.update_stack(**arguments)["StackId"])
    except ClientError as error:
        if not _nothing_to_do(error.response["Error"]["Message"]):
            raise
        job.run.summary = "No updates are to be performed."
        return stack


def _replace_on_failure(job: Job) -> Mapping[str, Any]:
    stack = describe(job, job.configuration["StackName"])
    if stack is not None and stack["StackStatus"] in _REPLACED:
        _delete(job)
    return _create_or_update(job)


def _delete(job: Job) -> None:
    """Delete the stack. One that isn't there is deleted already."""
    stack = describe(job, job.configuration["StackName"])
    if stack is None:
        job.run.summary = f"Stack {job.configuration['StackName']} does not exist"
        return
    role = {"RoleARN": job.configuration["RoleArn"]} if "RoleArn" in job.configuration else {}
    job.client("cloudformation").delete_stack(StackName=stack["StackId"], **role)
    follow(job, stack["StackId"])


def _replace_change_set(job: Job) -> Mapping[str, Any]:
    """Create the change set anew. One without changes is fine: executing it will do nothing."""
    cloudformation, arguments = job.client("cloudformation"), stack_inputs.arguments(job)
    if "StackPolicyBody" in arguments:
        raise ActionError("NotEmulated", "the local AWS does not emulate a StackPolicy with change sets")
    name, change_set = job.configuration["StackName"], job.configuration["ChangeSetName"]
    stack = describe(job, name)
    is_new = stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS"
    if stack is not None:
        cloudformation.delete_change_set(StackName=name, ChangeSetName=change_set)
        job.poll(lambda: _change_set(job) is None, limit=TIMEOUT)
    made = cloudformation.create_change_set(
        ChangeSetName=change_set, ChangeSetType="CREATE" if is_new else "UPDATE", **arguments
    )
    job.run.external_id = made["Id"]
    answer = job.poll(lambda: _settled(_change_set(job)), limit=TIMEOUT)
    reason = answer.get("StatusReason", "")
    if answer["Status"] != "CREATE_COMPLETE" and not _nothing_to_do(reason):
        raise ActionError("JobFailed", f"Change set {change_set} of stack {name} was not created: {reason}")
    changes = len(answer.get("Changes") or [])
    job.run.summary = f"Change set {change_set} was created with {changes} change{'s' if changes != 1 else ''}."
    return stack or {}


def _execute_change_set(job: Job) -> Mapping[str, Any]:
    name, change_set = job.configuration["StackName"], job.configuration["ChangeSetName"]
    answer = _change_set(job)
    if answer is None:
        raise ActionError("JobFailed", f"Change set {change_set} of stack {name} does not exist")
    if answer["Status"] == "FAILED" and _nothing_to_do(answer.get("StatusReason", "")):
        job.run.summary = f"Change set {change_set} has no changes; nothing was executed."
        return describe(job, name) or {}
    if answer["ExecutionStatus"] != "AVAILABLE":
        raise ActionError(
            "JobFailed", f"Change set {change_set} of stack {name} can't be executed: it is {answer['ExecutionStatus']}"
        )
    job.client("cloudformation").execute_change_set(StackName=name, ChangeSetName=change_set)
    return follow(job, answer["StackId"])


def _change_set(job: Job) -> Mapping[str, Any] | None:
    try:
        return dict(
            job.client("cloudformation").describe_change_set(
                StackName=job.configuration["StackName"], ChangeSetName=job.configuration["ChangeSetName"]
            )
        )
    except ClientError as error:
        if code_of(error) in ("ChangeSetNotFound", "ChangeSetNotFoundException"):
            return None
        if code_of(error) == "ValidationError" and "does not exist" in error.response["Error"]["Message"]:
            return None
        raise


def _settled(change_set: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return change_set if change_set and change_set["Status"] in ("CREATE_COMPLETE", "FAILED") else None


def _nothing_to_do(message: str) -> bool:
    return any(sign in message for sign in _NOTHING)
