"""One execution of a pipeline as it goes: stages, actions, the running action's log, the target stack's events.

Statuses: CodePipeline API reference (PipelineExecution, ActionExecutionDetail). Why an execution failed is gathered in
`aws.reasons`.
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
from crossdock.aws.pipelines import Approval, actions, result
from crossdock.aws.stacks import events as stack_events
from crossdock.errors import CloudError
from crossdock.model.assembly import Delivery
from crossdock.model.events import Event, Kind

_DEPLOYS = frozenset({"CREATE_UPDATE", "CHANGE_SET_EXECUTE", "REPLACE_ON_FAILURE", "DELETE_ONLY"})


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
