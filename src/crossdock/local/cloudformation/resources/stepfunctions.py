"""AWS::StepFunctions: state machines, activities."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Failed, Props, pick, tag_list, tags_of
from crossdock.local.cloudformation.resources.shapes import text

_TAGGING = Tagging(put=("TagResource", "resourceArn", "tags"), drop=("UntagResource", "resourceArn", "tagKeys"),
                   create="tags")
_DEFINITION = "Definition DefinitionString DefinitionS3Location DefinitionSubstitutions"
_SETTINGS = "RoleArn LoggingConfiguration TracingConfiguration"


def _definition(ctx: Context, props: Props) -> str:
    """The definition as JSON text, its `${name}` replaced (CloudFormation reference, DefinitionSubstitutions)."""
    if "Definition" in props:
        found = json.dumps(props["Definition"], default=str)
    elif "DefinitionString" in props:
        found = text(props["DefinitionString"])
    elif "DefinitionS3Location" in props:
        place: Mapping[str, Any] = props["DefinitionS3Location"]
        version = {"VersionId": place["Version"]} if "Version" in place else {}
        given = {"Bucket": place["Bucket"], "Key": place["Key"], **version}
        found = ctx.client("s3").get_object(**given)["Body"].read().decode()
        found = _as_json(found)
    else:
        raise Failed("A definition is required: Definition, DefinitionString or DefinitionS3Location")
    for name, value in (props.get("DefinitionSubstitutions") or {}).items():
        found = found.replace("${" + name + "}", text(value))
    return found


def _as_json(document: str) -> str:
    """Definitions in S3 may be YAML."""
    if document.lstrip().startswith("{"):
        return document
    import yaml

    return json.dumps(yaml.safe_load(document), default=str)


_QUIET = {"LoggingConfiguration": {"level": "OFF", "includeExecutionData": False},
          "TracingConfiguration": {"enabled": False}}
"""What is so where nothing is said (Step Functions API, CreateStateMachine)."""


def _logging(props: Props) -> dict[str, Any]:
    return {**_QUIET, **pick(props, "LoggingConfiguration TracingConfiguration")}


def _create(ctx: Context, props: Props) -> str:
    name = str(props.get("StateMachineName") or ctx.name(80))
    given = {"name": name, "definition": _definition(ctx, props), "roleArn": props["RoleArn"], **_logging(props)}
    if "StateMachineType" in props:
        given["type"] = props["StateMachineType"]
    if tags := tags_of(props):
        given["tags"] = tag_list(tags)
    return str(ctx.call("stepfunctions", "CreateStateMachine", given)["stateMachineArn"])


def _update(ctx: Context, machine: str, _old: Props, new: Props) -> None:
    given = {"definition": _definition(ctx, new), "roleArn": new["RoleArn"], **_logging(new)}
    ctx.call("stepfunctions", "UpdateStateMachine", {"stateMachineArn": machine, **given})


_MACHINE = Kind(
    type="AWS::StepFunctions::StateMachine", service="stepfunctions", who="stateMachineArn",
    create="CreateStateMachine", delete="DeleteStateMachine", takes="StateMachineName StateMachineType",
    make=_create, steps=(Own(of=f"{_DEFINITION} {_SETTINGS}", settle=_update),),
    read=("DescribeStateMachine", ""), found={"Arn": "stateMachineArn", "Name": "name",
                                              "StateMachineRevisionId": "revisionId || 'INITIAL'"},
    tagging=_TAGGING, arn="{id}",
)  # fmt: skip

TYPES = handlers(
    _MACHINE,
    Kind(
        type="AWS::StepFunctions::Activity", service="stepfunctions", who="activityArn", name="Name", id="activityArn",
        create="CreateActivity", delete="DeleteActivity", takes="", found={"Arn": "={id}"},
        tagging=_TAGGING, arn="{id}",
    ),
)  # fmt: skip
