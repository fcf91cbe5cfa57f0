"""What CodePipeline remembers. Statuses are the API's words (InProgress, Succeeded, ...)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Declaration = dict[str, Any]
"""A PipelineDeclaration of the API."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """An artifact's object. `region` is that of its store, `revision` the source's where an action knows it."""

    name: str
    bucket: str
    key: str
    region: str


@dataclass(slots=True, kw_only=True)
class Revision:
    """What a source action took."""

    id: str
    summary: str = ""
    url: str = ""
    created: datetime = field(default_factory=now)


@dataclass(slots=True, kw_only=True)
class ActionRun:
    """One attempt at one action. `updated_by` is the role session or the person who ended it."""

    id: str
    stage: str
    action: str
    declaration: Declaration
    status: str = "InProgress"
    started: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    configuration: dict[str, str] = field(default_factory=dict)
    inputs: list[Artifact] = field(default_factory=list)
    outputs: list[Artifact] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    revision: Revision | None = None
    summary: str = ""
    external_id: str = ""
    external_url: str = ""
    error_code: str = ""
    error_message: str = ""
    token: str = ""
    updated_by: str = ""


@dataclass(slots=True, kw_only=True)
class StageRun:
    """An execution's passage through one stage; `actions` are each action's latest attempt. `automatic`: how many of
    the retries were the stage's own (onFailure)."""

    status: str = "InProgress"
    attempt: int = 1
    automatic: int = 0
    actions: dict[str, ActionRun] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Execution:
    """One execution of a pipeline, by the declaration (and version) that was in force when it began.

    number     counts executions of a pipeline; the greater is the newer
    overrides  source action -> the revision that StartPipelineExecution asked for
    variables  namespace -> name -> value
    history    all attempts at all actions, oldest first
    target     of a rollback: the execution whose artifacts, variables and revisions it uses; else empty
    """

    id: str
    number: int
    version: int
    declaration: Declaration
    trigger: str
    trigger_detail: str
    status: str = "InProgress"
    summary: str = ""
    stop_reason: str = ""
    started: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    overrides: dict[str, str] = field(default_factory=dict)
    stages: dict[str, StageRun] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    history: list[ActionRun] = field(default_factory=list)
    target: str = ""

    @property
    def mode(self) -> str:
        """SUPERSEDED, QUEUED or PARALLEL."""
        return str(self.declaration.get("executionMode", "SUPERSEDED"))

    @property
    def type(self) -> str:
        return "ROLLBACK" if self.target else "STANDARD"

    def is_over(self) -> bool:
        return self.status not in ("InProgress", "Stopping")


@dataclass(slots=True, kw_only=True)
class Transition:
    """Whether executions may pass, and who said so."""

    enabled: bool = True
    reason: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Lane:
    """One stage of a pipeline: the execution that holds it, the one that waits to enter, and the two transitions.

    queue   executions that wait in the modes QUEUED and PARALLEL, in their order
    inside  executions that are in the stage in the mode PARALLEL, where nobody holds it
    latest  the execution that entered last
    left    an execution that has succeeded here but is held back by the disabled outbound transition
    """

    holder: str = ""
    waiting: str = ""
    latest: str = ""
    left: str = ""
    queue: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    inbound: Transition = field(default_factory=Transition)
    outbound: Transition = field(default_factory=Transition)


@dataclass(slots=True, kw_only=True)
class Pipeline:
    """One pipeline. `versions` are its declarations; `lanes` its stages as they now are, by name."""

    account: str
    region: str
    name: str
    arn: str
    version: int
    versions: dict[int, Declaration]
    created: datetime
    updated: datetime
    tags: dict[str, str] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)

    @property
    def declaration(self) -> Declaration:
        return self.versions[self.version]

    def lane(self, stage: str) -> Lane:
        return self.lanes.setdefault(stage, Lane())


@dataclass(slots=True, kw_only=True)
class Webhook:
    """A webhook as PutWebhook defined it. `key`: the secret part of its URL; `registered`: its git host calls it."""

    arn: str
    name: str
    key: str
    definition: dict[str, Any]
    registered: bool = False
    triggered: datetime | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """Pipelines and webhooks by ARN."""

    pipelines: dict[str, Pipeline] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
