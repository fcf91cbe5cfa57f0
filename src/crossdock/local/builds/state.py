"""Projects and builds as plain data, and how the API draws them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crossdock.local.identity import Caller

Settings = Mapping[str, Any]
"""A project's members as CreateProject takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactLocation:
    """An artifact of a pipeline: its name there, and the object that holds its zip."""

    name: str
    bucket: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineBuild:
    """What an action of CodePipeline asks CodeBuild to do.

    caller          starts the build: the pipeline's role or the action's
    inputs          artifacts to build from, the primary source first
    outputs         artifacts to make: one from `artifacts`, several from `secondary-artifacts` of the same names
    environment     the action's EnvironmentVariables: [{name, value, type}]
    encryption_key  of the artifact store; a key of the project's own wins
    revision        the primary source's revision (a commit), where known
    """

    project: str
    account: str
    region: str
    caller: Caller
    pipeline: str
    inputs: tuple[ArtifactLocation, ...] = ()
    outputs: tuple[ArtifactLocation, ...] = ()
    environment: tuple[Mapping[str, str], ...] = ()
    encryption_key: str = ""
    revision: str = ""


@dataclass(slots=True, kw_only=True)
class Project:
    """A build project. `settings` hold what was given; defaults are added when it is drawn. `webhook`: see webhooks."""

    name: str
    arn: str
    settings: Settings
    created: datetime
    modified: datetime
    builds: int = 0
    webhook: dict[str, Any] | None = None


@dataclass(slots=True, kw_only=True)
class Phase:
    """One phase of a build. `status` is empty while it runs."""

    name: str
    started: datetime
    ended: datetime | None = None
    status: str = ""
    code: str = ""
    message: str = ""

    @property
    def seconds(self) -> int:
        return int((self.ended - self.started).total_seconds()) if self.ended else 0

    def draw(self) -> dict[str, Any]:
        """As BatchGetBuilds answers it."""
        drawn: dict[str, Any] = {"phaseType": self.name, "startTime": self.started}
        if self.ended:
            drawn |= {
                "phaseStatus": self.status, "endTime": self.ended, "durationInSeconds": self.seconds,
                "contexts": [{"statusCode": self.code, "message": self.message}],
            }
        return drawn


@dataclass(slots=True, kw_only=True)
class Build:
    """A build, from its start to its end and after. `settings`: the project's, with this build's overrides."""

    id: str
    arn: str
    account: str
    region: str
    project: str
    number: int
    initiator: str
    settings: Settings
    overrides: tuple[Mapping[str, str], ...] = ()
    order: PipelineBuild | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    status: str = "IN_PROGRESS"
    phases: list[Phase] = field(default_factory=list)
    exported: dict[str, str] = field(default_factory=dict)
    resolved: str = ""
    uploaded: dict[str, dict[str, Any]] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)

    @property
    def uuid(self) -> str:
        return self.id.partition(":")[2]

    @property
    def default_key(self) -> str:
        return f"{self.arn.partition(':codebuild:')[0]}:kms:{self.region}:{self.account}:alias/aws/s3"

    @property
    def encryption_key(self) -> str:
        """The project's key, else the pipeline's, else the account's own key for S3."""
        own = str(self.settings.get("encryptionKey", ""))
        return own or (self.order.encryption_key if self.order else "") or self.default_key

    @property
    def log_group(self) -> str:
        given = self.settings.get("logsConfig", {}).get("cloudWatchLogs", {})
        return str(given.get("groupName") or f"/aws/codebuild/{self.project}")

    @property
    def log_stream(self) -> str:
        given = self.settings.get("logsConfig", {}).get("cloudWatchLogs", {})
        return f"{given['streamName']}/{self.uuid}" if given.get("streamName") else self.uuid

    @property
    def source_version(self) -> str:
        """What was asked to be built; for a pipeline the ARN of its artifact."""
        if self.order and self.order.inputs:
            first = self.order.inputs[0]
            return f"arn:{self.arn.split(':')[1]}:s3:::{first.bucket}/{first.key}"
        return str(self.settings.get("sourceVersion", ""))

    def draw(self) -> dict[str, Any]:
        """As BatchGetBuilds answers it."""
        settings, environment = self.settings, dict(self.settings["environment"])
        environment["environmentVariables"] = merged(environment.get("environmentVariables", ()), self.overrides)
        main = self.uploaded.get("", {})
        drawn: dict[str, Any] = {
            "id": self.id, "arn": self.arn, "buildNumber": self.number, "startTime": self.started,
            "currentPhase": self.phases[-1].name if self.phases else "SUBMITTED", "buildStatus": self.status,
            "projectName": self.project, "phases": [phase.draw() for phase in list(self.phases)],
            "source": settings["source"], "secondarySources": list(settings.get("secondarySources", ())),
            "artifacts": main, "cache": settings.get("cache") or {"type": "NO_CACHE"}, "environment": environment,
            "secondaryArtifacts": [value for name, value in self.uploaded.items() if name],
            "serviceRole": settings["serviceRole"], "logs": self._logs(),
            "timeoutInMinutes": settings.get("timeoutInMinutes", 60),
            "queuedTimeoutInMinutes": settings.get("queuedTimeoutInMinutes", 480),
            "buildComplete": self.ended is not None, "initiator": self.initiator,
            "encryptionKey": self.encryption_key,
            "exportedEnvironmentVariables": [{"name": k, "value": v} for k, v in self.exported.items()],
        }
        optional = {
            "endTime": self.ended, "sourceVersion": self.source_version, "resolvedSourceVersion": self.resolved,
            "vpcConfig": settings.get("vpcConfig"), "reportArns": list(self.reports),
        }
        return drawn | {name: value for name, value in optional.items() if value}

    def _logs(self) -> dict[str, Any]:
        partition, config = self.arn.split(":")[1], self.settings.get("logsConfig", {})
        watched = config.get("cloudWatchLogs", {"status": "ENABLED"})
        stored = config.get("s3Logs", {"status": "DISABLED"})
        logs: dict[str, Any] = {"cloudWatchLogs": watched, "s3Logs": stored}
        if watched.get("status", "ENABLED") == "ENABLED":
            group, stream = self.log_group, self.log_stream
            logs |= {
                "groupName": group, "streamName": stream,
                "deepLink": f"https://console.aws.amazon.com/cloudwatch/home?region={self.region}#logsV2:log-groups/"
                            f"log-group/{group.replace('/', '$252F')}/log-events/{stream.replace('/', '$252F')}",
                "cloudWatchLogsArn":
                    f"arn:{partition}:logs:{self.region}:{self.account}:log-group:{group}:log-stream:{stream}",
            }
        if stored.get("status") == "ENABLED":
            logs["s3LogsArn"] = f"arn:{partition}:s3:::{stored.get('location', '')}/{self.uuid}.gz"
        return logs


@dataclass(slots=True)
class State:
    """All of CodeBuild, by ARN; idempotency tokens with the build that each began.

    credentials  of git hosts: ARN -> {serverType, authType}; the tokens themselves are not kept
    groups       report groups as CreateReportGroup was given them, with their times
    reports      as the API shows them; cases: theirs
    """

    projects: dict[str, Project] = field(default_factory=dict)
    builds: dict[str, Build] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    credentials: dict[str, dict[str, str]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    cases: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def merged(*lists: Any) -> list[Mapping[str, str]]:
    """Lists of environment variables as one; a later list wins by name."""
    found: dict[str, Mapping[str, str]] = {}
    for entries in lists:
        found |= {entry["name"]: {"type": "PLAINTEXT", **entry} for entry in entries}
    return list(found.values())
