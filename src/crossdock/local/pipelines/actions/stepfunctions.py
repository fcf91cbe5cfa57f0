"""Step Functions: an execution of a state machine, waited for (CodePipeline User Guide, Step Functions action)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import AwsError
from crossdock.local.pipelines.actions.job import ActionError, Job, Result
from crossdock.local.pipelines.actions.stack_inputs import file_reference

TIMEOUT = 7 * 24 * 3600.0
REQUIRED, OPTIONAL = ("StateMachineArn",), ("ExecutionNamePrefix", "InputType", "Input")


def check(action: str, configuration: Mapping[str, str]) -> None:
    if configuration.get("InputType", "Literal") not in ("Literal", "FilePath"):
        raise AwsError("InvalidActionDeclarationException", f"InputType of action {action} must be Literal or FilePath")


def run(job: Job) -> Result:
    """Start an execution with the input, wait for it, hand on what it put out."""
    states = job.client("stepfunctions")
    prefix = job.configuration.get("ExecutionNamePrefix", job.execution)
    started = states.start_execution(
        stateMachineArn=job.configuration["StateMachineArn"], name=f"{prefix}-{uuid.uuid4().hex[:8]}"[:80],
        input=_input(job))
    arn = str(started["executionArn"])
    job.run.external_id = arn
    found: Mapping[str, Any] = job.poll(lambda: _ended(states.describe_execution(executionArn=arn)), limit=TIMEOUT)
    if found["status"] != "SUCCEEDED":
        why = f": {found['cause']}" if found.get("cause") else ""
        raise ActionError("JobFailed", f"Execution {arn} ended in {found['status']}{why}")
    output = str(found.get("output", "{}"))
    if job.outputs:
        job.write_files(job.outputs[0], {"output.json": output.encode()})
    variables = {"ExecutionArn": arn, "StateMachineArn": job.configuration["StateMachineArn"]}
    told = json.loads(output)
    if isinstance(told, dict):
        variables |= {str(key): value if isinstance(value, str) else json.dumps(value) for key, value in told.items()}
    return Result(variables=variables)


def _input(job: Job) -> str:
    if job.configuration.get("InputType", "Literal") == "Literal":
        return job.configuration.get("Input", "{}")
    path = job.configuration.get("Input", "")
    artifact, name = file_reference(job, "Input") if "::" in path else (job.inputs[0].name, path)
    return job.read_file(artifact, name).decode()


def _ended(found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return None if found["status"] in ("RUNNING", "PENDING_REDRIVE") else found
