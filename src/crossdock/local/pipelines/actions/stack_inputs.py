"""Template, parameters and tags of a CloudFormation action (CloudFormation User Guide, continuous delivery:
configuration properties, artifacts, parameter override functions)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from crossdock.local.pipelines.actions.job import ActionError, Job

INLINE = 51_200
"""Bytes of a template that may stand in a request; a longer one is handed over by URL."""


def template(job: Job) -> dict[str, str]:
    """TemplateBody or TemplateURL for the template at TemplatePath."""
    artifact, path = file_reference(job, "TemplatePath")
    body = job.read_file(artifact, path)
    if len(body) <= INLINE:
        try:
            return {"TemplateBody": body.decode()}
        except UnicodeDecodeError as error:
            raise ActionError("InvalidArtifact", f"File [{path}] in artifact [{artifact}] is not UTF-8") from error
    return {"TemplateURL": _address(job, artifact, body)}


def _address(job: Job, artifact: str, body: bytes) -> str:
    """Store the template beside its artifact and sign a URL as the action's caller, so that CloudFormation's role
    needs no access to artifacts (rule A3)."""
    from botocore.config import Config
    from botocore.session import Session

    given = job.input(artifact)
    key = f"{given.key}-{uuid.uuid4().hex[:8]}.template"
    job.client("s3").put_object(
        Bucket=given.bucket, Key=key, Body=body, ServerSideEncryption="aws:kms",
        **({"SSEKMSKeyId": job.encryption_key} if job.encryption_key else {}),
    )
    credentials = job.world.credentials(job.caller)
    session = Session()
    session.set_credentials(credentials.access_key, credentials.secret_key, credentials.token)
    s3 = session.create_client(
        "s3", region_name=given.region, endpoint_url=job.world.endpoint,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    return str(s3.generate_presigned_url("get_object", Params={"Bucket": given.bucket, "Key": key}, ExpiresIn=3600))


def file_reference(job: Job, option: str) -> tuple[str, str]:
    """`Artifact::path` as (artifact, path)."""
    artifact, separator, path = job.configuration.get(option, "").partition("::")
    if not (artifact and separator and path):
        raise ActionError("InvalidActionConfiguration", f"{option} must have the form ArtifactName::FileName")
    return artifact, path


def arguments(job: Job) -> dict[str, Any]:
    """What CreateStack, UpdateStack and CreateChangeSet have in common, template and name included.

    Parameters of ParameterOverrides win over those of the TemplateConfiguration file.
    """
    configuration = _configuration_file(job)
    parameters = {key: _text(value) for key, value in (configuration.get("Parameters") or {}).items()}
    parameters |= overrides(job)
    made: dict[str, Any] = {
        "StackName": job.configuration["StackName"],
        **template(job),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": [c.strip() for c in job.configuration.get("Capabilities", "").split(",") if c.strip()],
        "Tags": [{"Key": key, "Value": _text(v)} for key, v in (configuration.get("Tags") or {}).items()],
    }
    if "RoleArn" in job.configuration:
        made["RoleARN"] = job.configuration["RoleArn"]
    if configuration.get("StackPolicy"):
        made["StackPolicyBody"] = json.dumps(configuration["StackPolicy"])
    return made


def _configuration_file(job: Job) -> Mapping[str, Any]:
    if "TemplateConfiguration" not in job.configuration:
        return {}
    artifact, path = file_reference(job, "TemplateConfiguration")
    content = job.read_json(artifact, path)
    if not isinstance(content, dict) or not set(content) <= {"Parameters", "Tags", "StackPolicy"}:
        raise ActionError(
            "InvalidArtifact", f"File [{path}] in artifact [{artifact}] may have Parameters, Tags and StackPolicy only"
        )
    return content


def overrides(job: Job) -> dict[str, str]:
    """ParameterOverrides with Fn::GetArtifactAtt and Fn::GetParam evaluated (rule A6)."""
    text = job.configuration.get("ParameterOverrides")
    if not text:
        return {}
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ActionError("InvalidActionConfiguration", f"ParameterOverrides is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise ActionError("InvalidActionConfiguration", "ParameterOverrides must be an object")
    return {key: _value(job, key, value) for key, value in given.items()}


def _value(job: Job, key: str, value: Any) -> str:
    match value:
        case {"Fn::GetArtifactAtt": [str(artifact), str(attribute)], **rest} if not rest:
            return _attribute(job, artifact, attribute)
        case {"Fn::GetParam": [str(artifact), str(path), str(name)], **rest} if not rest:
            content = job.read_json(artifact, path)
            if not isinstance(content, dict) or name not in content:
                what = f"File [{path}] in artifact [{artifact}] has no {name}"
                raise ActionError("InvalidActionConfiguration", what)
            return _text(content[name])
        case dict():
            raise ActionError(
                "InvalidActionConfiguration",
                f"ParameterOverrides: {key} must be text, Fn::GetArtifactAtt [artifact, attribute] or Fn::GetParam "
                f"[artifact, file, key]",
            )
        case _:
            return _text(value)


def _attribute(job: Job, artifact: str, attribute: str) -> str:
    given = job.input(artifact)
    match attribute:
        case "BucketName":
            return given.bucket
        case "ObjectKey":
            return given.key
        case "URL":
            return f"https://s3.{given.region}.amazonaws.com/{given.bucket}/{given.key}"
        case _:
            raise ActionError("InvalidActionConfiguration", f"Fn::GetArtifactAtt knows no attribute {attribute}")


def _text(value: Any) -> str:
    """A parameter's value as CloudFormation takes it: lists joined by commas."""
    if isinstance(value, list):
        return ",".join(_text(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value)
