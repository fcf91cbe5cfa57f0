"""Why an execution failed: the action, the last lines of its log, the stack events that failed, the denial."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.aws import pipelines, stacks
from crossdock.aws.cloud import Account
from crossdock.aws.faults import code
from crossdock.aws.logs import Stream
from crossdock.aws.origin import denied
from crossdock.errors import CloudError, DeliveryFailed
from crossdock.model.assembly import Delivery

LAST_LINES = 20


def failure(
    account: Account, target: Account, delivery: Delivery, execution: str, status: str
) -> DeliveryFailed:
    """The error of an execution that ended otherwise than Succeeded."""
    details: list[str] = []
    failed = [a for a in _latest(account, delivery, execution) if a["status"] in ("Failed", "Abandoned")]
    for action in failed:
        said = pipelines.result(action)
        why = said.get("errorDetails", {}).get("message") or said.get("externalExecutionSummary") or "no reason given"
        first, *more = why.splitlines()
        details.append(f"action {action['stageName']}/{action['actionName']} {action['status']}: {first}")
        events = [text for text, reason in _stack(target, action) if reason not in why]
        details += [f"  {line}" for line in [*more, *_log(account, action), *events]]
    details += denied("\n".join(details), (account, target))
    where = ", ".join(f"{a['stageName']}/{a['actionName']}" for a in failed)
    why = f"{where} failed" if failed else f"execution {execution} ended as {status}"
    return DeliveryFailed(
        service=delivery.service, environment=delivery.environment, why=why, details=details, execution=execution,
        status=status, hint=_hint(delivery, status, why="\n".join(details)),
    )


def _hint(delivery: Delivery, status: str, why: str) -> str:
    if status == "Superseded":
        return "a newer execution took its place: crossdock status"
    again = f"crossdock retry {delivery.service} {delivery.environment}"
    if "is in ROLLBACK_COMPLETE state" in why:
        return f"delete what the first delivery left, and deliver this commit: {again}"
    if "UPDATE_ROLLBACK_FAILED" in why:
        return f"correct the cause, then roll back to the end and deliver this commit: {again}"
    return f"correct the cause and push again, or: {again}"


def _latest(account: Account, delivery: Delivery, execution: str) -> list[Mapping[str, Any]]:
    """The last execution of each action."""
    last = {
        (action["stageName"], action["actionName"]): action
        for action in pipelines.actions(account, delivery.pipeline, execution, region=delivery.region)
    }
    return list(last.values())


def _log(account: Account, action: Mapping[str, Any]) -> list[str]:
    build = pipelines.result(action).get("externalExecutionId", "")
    if action["input"]["actionTypeId"]["provider"] != "CodeBuild" or not build:
        return []
    builds = account.client("codebuild", action["input"].get("region")).batch_get_builds(ids=[build])["builds"]
    logs = builds[0].get("logs", {}) if builds else {}
    if not logs.get("streamName"):
        return []
    return Stream(account, logs["groupName"], logs["streamName"]).read()[-LAST_LINES:]


def _stack(target: Account, action: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The stack events that failed since the action began: (in words, its reason alone)."""
    if action["input"]["actionTypeId"]["provider"] != "CloudFormation":
        return []
    stack, region = action["input"].get("configuration", {}).get("StackName", ""), action["input"].get("region")
    try:
        found = [e for e in stacks.failed(target, stack, region) if e.at >= action["startTime"]]
    except CloudError as error:
        if code(error) == "ValidationError":  # the stack is gone or was never made: there are no events to tell
            return []
        raise
    return [(f"{e.logical_id} ({e.type}) {e.status}: {e.reason}", e.reason) for e in found]
