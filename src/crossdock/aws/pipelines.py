"""CodePipeline: an execution found by its commit and followed to its end, retried, started, approved.

Statuses: CodePipeline API reference (PipelineExecution, ActionExecutionDetail). The caller of a follow sees events of
`model.events`; why an execution failed is gathered in `aws.reasons`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock.aws import sentences
from crossdock.aws.cloud import Account
from crossdock.aws.faults import code
from crossdock.aws.logs import Stream
from crossdock.aws.pace import Pace
from crossdock.aws.stacks import events as stack_events
from crossdock.errors import CloudError, DeliveryFailed, UsageError
from crossdock.model.assembly import Delivery
from crossdock.model.events import Event, Kind

PATIENCE = 180.0
"""Seconds after a push in which the event rule must have started the pipeline."""

_DEPLOYS = frozenset({"CREATE_UPDATE", "CHANGE_SET_EXECUTE", "REPLACE_ON_FAILURE", "DELETE_ONLY"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approval that an execution waits for."""

    pipeline: str
    stage: str
    action: str
    token: str


def find(account: Account, pipeline: str, commit: str, *, region: str | None = None) -> str | None:
    """The newest execution whose source is this commit, or None."""
    pages = account.client("codepipeline", region).get_paginator("list_pipeline_executions")
    for page in pages.paginate(pipelineName=pipeline, PaginationConfig={"MaxItems": 100}):
        for execution in page["pipelineExecutionSummaries"]:
            if any(r.get("revisionId") == commit for r in execution.get("sourceRevisions", ())):
                return str(execution["pipelineExecutionId"])
    return None


def newest(account: Account, pipeline: str, *, region: str | None = None) -> Mapping[str, Any] | None:
    """The newest execution's summary, or None where the pipeline never ran."""
    client = account.client("codepipeline", region)
    found = client.list_pipeline_executions(pipelineName=pipeline, maxResults=1)["pipelineExecutionSummaries"]
    latest: Mapping[str, Any] | None = found[0] if found else None
    return latest


def await_execution(account: Account, delivery: Delivery, commit: str, *, patience: float = PATIENCE) -> str:
    """The execution that a push of this commit started. Raises DeliveryFailed when none starts in time."""
    pace = Pace(slowest=2.0)
    while (execution := find(account, delivery.pipeline, commit, region=delivery.region)) is None:
        pace.wait()
        if pace.waited > patience:
            raise DeliveryFailed(
                service=delivery.service, environment=delivery.environment,
                why=f"no execution of {delivery.pipeline} started for commit {commit[:12]}",
                details=[f"waited {patience:.0f} s since the push to {delivery.repository}, branch {delivery.branch}"],
                hint="look at the event rule of the pipeline: its pattern, its target's role",
            )
    return execution


def start(account: Account, pipeline: str, *, region: str | None = None) -> str:
    """Start an execution with the branch's tip; its id."""
    started = account.client("codepipeline", region).start_pipeline_execution(name=pipeline)
    return str(started["pipelineExecutionId"])


def retry(account: Account, pipeline: str, *, region: str | None = None) -> tuple[str, str]:
    """Retry the failed actions of the stage in which the newest execution failed; (execution id, stage).

    Raises UsageError when nothing failed.
    """
    client = account.client("codepipeline", region)
    for stage in client.get_pipeline_state(name=pipeline)["stageStates"]:
        latest = stage.get("latestExecution", {})
        if latest.get("status") == "Failed":
            client.retry_stage_execution(
                pipelineName=pipeline, stageName=stage["stageName"],
                pipelineExecutionId=latest["pipelineExecutionId"], retryMode="FAILED_ACTIONS",
            )
            return str(latest["pipelineExecutionId"]), str(stage["stageName"])
    raise UsageError(message=f"nothing to retry: no stage of {pipeline} has failed", hint="push a commit instead")


def answer(
    account: Account, approval: Approval, *, approved: bool, summary: str, region: str | None = None
) -> None:
    """Approve or reject what an execution waits for, as this account's caller."""
    account.client("codepipeline", region).put_approval_result(
        pipelineName=approval.pipeline, stageName=approval.stage, actionName=approval.action, token=approval.token,
        result={"summary": summary, "status": "Approved" if approved else "Rejected"},
    )


def actions(account: Account, pipeline: str, execution: str, *, region: str | None = None) -> list[Mapping[str, Any]]:
    """Every action execution of an execution, oldest first, those of earlier attempts included."""
    pages = account.client("codepipeline", region).get_paginator("list_action_executions")
    found: list[Mapping[str, Any]] = []
    for page in pages.paginate(pipelineName=pipeline, filter={"pipelineExecutionId": execution}):
        found += page["actionExecutionDetails"]
    return found[::-1]


def result(action: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the action's provider reported: externalExecutionId, ...Summary, ...Url, errorDetails."""
    reported: Mapping[str, Any] = action.get("output", {}).get("executionResult", {})
    return reported


@dataclass(slots=True)
class Follower:
    """One execution as it goes. `earlier` are action executions of attempts before this one, not told again."""

    pipeline_account: Account
    target_account: Account
    delivery: Delivery
    execution: str
    clock: Callable[[], float]
    approve: Callable[[Approval], str] | None = None
    earlier: frozenset[str] = frozenset()
    status: str = "InProgress"
    _actions: dict[str, str] = field(default_factory=dict)
    _stages: dict[str, str] = field(default_factory=dict)
    _streams: dict[str, Stream] = field(default_factory=dict)
    _marks: dict[str, str] = field(default_factory=dict)
    _sentences: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _answered: set[str] = field(default_factory=set)

    def follow(self) -> Iterator[Event]:
        """Events until the execution has ended; `status` then tells how. Raises CloudError."""
        client, pace = self.pipeline_account.client("codepipeline", self.delivery.region), Pace(slowest=3.0)
        yield self._event(Kind.EXECUTION, self.delivery.pipeline, status="InProgress", service=self.delivery.service,
                          environment=self.delivery.environment)
        while True:
            now = client.get_pipeline_execution(
                pipelineName=self.delivery.pipeline, pipelineExecutionId=self.execution
            )["pipelineExecution"]
            quiet = True
            for event in self._look(client):
                quiet = False
                yield event
            if now["status"] not in ("InProgress", "Stopping"):
                self.status = str(now["status"])
                yield self._event(Kind.EXECUTION, self.delivery.pipeline, status=self.status,
                                  service=self.delivery.service, environment=self.delivery.environment)
                return
            if not quiet:
                pace.news()
            pace.wait()

    def _look(self, client: Any) -> Iterator[Event]:
        pipeline, region = self.delivery.pipeline, self.delivery.region
        for action in actions(self.pipeline_account, pipeline, self.execution, region=region):
            if action["actionExecutionId"] not in self.earlier:
                yield from self._action(action)
        state = client.get_pipeline_state(name=pipeline)
        for stage in state["stageStates"]:
            latest = stage.get("latestExecution", {})
            if latest.get("pipelineExecutionId") != self.execution:
                continue
            if self._stages.get(stage["stageName"]) != latest["status"]:
                self._stages[stage["stageName"]] = latest["status"]
                yield self._event(Kind.STAGE, stage["stageName"], status=latest["status"])
            yield from self._approvals(stage)

    def _action(self, action: Mapping[str, Any]) -> Iterator[Event]:
        """What is new about one action: its log and stack events first, then its change of status."""
        id_, status, said = action["actionExecutionId"], action["status"], result(action)
        told = self._actions.get(id_)
        if told in ("Succeeded", "Failed", "Abandoned"):
            return
        if told is None:
            yield self._action_event(action, "InProgress", said)
        self._actions[id_] = status
        provider = action["input"]["actionTypeId"]["provider"]
        if provider == "CodeBuild" and said.get("externalExecutionId"):
            yield from self._log(action, said["externalExecutionId"])
        elif provider == "CloudFormation" and action["input"].get("configuration", {}).get("ActionMode") in _DEPLOYS:
            yield from self._stack(action)
        if status != "InProgress":
            yield self._action_event(action, status, said)

    def _action_event(self, action: Mapping[str, Any], status: str, said: Mapping[str, Any]) -> Event:
        began, ended = action["startTime"].timestamp(), action["lastUpdateTime"].timestamp()
        error = said.get("errorDetails", {}).get("message", "")
        return self._event(
            Kind.ACTION, action["actionName"], stage=action["stageName"], status=status,
            summary=(error or said.get("externalExecutionSummary", "")) if status != "InProgress" else "",
            url=said.get("externalExecutionUrl", ""),
            **({"seconds": round(ended - began, 3)} if status != "InProgress" else {}),
        )

    def _log(self, action: Mapping[str, Any], build: str) -> Iterator[Event]:
        if build not in self._streams:
            codebuild = self.pipeline_account.client("codebuild", action["input"].get("region") or self.delivery.region)
            builds = codebuild.batch_get_builds(ids=[build])["builds"]
            logs = builds[0].get("logs", {}) if builds else {}
            if not logs.get("streamName"):
                return
            self._streams[build] = Stream(self.pipeline_account, logs["groupName"], logs["streamName"])
        for line in self._streams[build].read():
            yield self._event(Kind.LOG, action["actionName"], line=line)

    def _stack(self, action: Mapping[str, Any]) -> Iterator[Event]:
        """The target stack's events since the action began."""
        stack, region = action["input"]["configuration"]["StackName"], action["input"].get("region")
        try:
            fresh = stack_events(self.target_account, stack, region, after=self._marks.get(stack, ""))
        except CloudError as error:
            if code(error) == "ValidationError":  # the stack is not there yet, or not any more
                return
            raise
        if stack not in self._sentences and fresh:
            self._sentences[stack] = sentences.of_stack(self.target_account, stack, region)
        for event in fresh:
            self._marks[stack] = event.id
            if event.at >= action["startTime"]:
                yield self._event(
                    Kind.RESOURCE, event.logical_id, stack=stack, account=self.delivery.account, type=event.type,
                    status=event.status, reason=event.reason,
                    sentence=self._sentences.get(stack, {}).get(event.logical_id, ""),
                )

    def _approvals(self, stage: Mapping[str, Any]) -> Iterator[Event]:
        for action in stage.get("actionStates", ()):
            latest = action.get("latestExecution", {})
            token = latest.get("token", "")
            if latest.get("status") != "InProgress" or not token or token in self._answered or self.approve is None:
                continue
            self._answered.add(token)
            approval = Approval(
                pipeline=self.delivery.pipeline, stage=stage["stageName"], action=action["actionName"], token=token
            )
            yield self._event(Kind.LOG, action["actionName"], line=self.approve(approval))

    def _event(self, kind: Kind, subject: str, **facts: Any) -> Event:
        return Event(
            at=self.clock(), kind=kind, subject=subject,
            facts={"pipeline": self.delivery.pipeline, "execution": self.execution} | facts,
        )
