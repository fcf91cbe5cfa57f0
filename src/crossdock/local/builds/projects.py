"""Projects: what is accepted, what is refused by name, what overrides a build may bring."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crossdock.local.builds.prepare import AT_HOSTS
from crossdock.local.builds.state import Project, Settings
from crossdock.local.engine import AwsError, NotEmulated

SOURCES = frozenset({"CODEPIPELINE", "S3", "CODECOMMIT", "NO_SOURCE"}) | AT_HOSTS
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-_]{1,149}\Z")
_REFUSED = ("buildBatchConfig", "fileSystemLocations", "autoRetryLimit", "resourceAccessRole")
_DIRECT = {
    "artifactsOverride": "artifacts", "secondaryArtifactsOverride": "secondaryArtifacts", "cacheOverride": "cache",
    "logsConfigOverride": "logsConfig", "encryptionKeyOverride": "encryptionKey", "serviceRoleOverride": "serviceRole",
    "timeoutInMinutesOverride": "timeoutInMinutes", "queuedTimeoutInMinutesOverride": "queuedTimeoutInMinutes",
    "secondarySourcesOverride": "secondarySources", "secondarySourcesVersionOverride": "secondarySourceVersions",
    "sourceVersion": "sourceVersion",
}
_SOURCE = {
    "sourceTypeOverride": "type", "sourceLocationOverride": "location", "buildspecOverride": "buildspec",
    "gitCloneDepthOverride": "gitCloneDepth",
}
_ENVIRONMENT = {
    "imageOverride": "image", "computeTypeOverride": "computeType", "environmentTypeOverride": "type",
    "privilegedModeOverride": "privilegedMode", "imagePullCredentialsTypeOverride": "imagePullCredentialsType",
}
_OTHERS = frozenset({"projectName", "environmentVariablesOverride", "idempotencyToken", "reportBuildStatusOverride"})


def invalid(message: str) -> AwsError:
    """CodeBuild's error for input that it doesn't take."""
    return AwsError("InvalidInputException", message)


def checked(settings: Settings) -> Settings:
    """The settings of a project, as they are. Raises AwsError for what CodeBuild or this emulation refuses."""
    if not _NAME.match(settings["name"]):
        raise invalid("Project name is invalid: it must match [A-Za-z0-9][A-Za-z0-9\\-_]{1,149}")
    for one in (settings["source"], *settings.get("secondarySources", ())):
        if one["type"] not in SOURCES:
            raise NotEmulated(f"CodeBuild source type {one['type']}")
    if settings["source"]["type"] == "NO_SOURCE" and not settings["source"].get("buildspec"):
        raise invalid("Invalid project source: buildspec must be specified when the source type is NO_SOURCE")
    if (settings["source"]["type"] == "CODEPIPELINE") != (settings["artifacts"]["type"] == "CODEPIPELINE"):
        raise invalid("Invalid artifacts: source and artifacts must both or neither be of type CODEPIPELINE")
    for name in _REFUSED:
        if settings.get(name):
            raise NotEmulated(f"{name} of a CodeBuild project")
    environment = settings["environment"]
    if "WINDOWS" in environment["type"] or environment["type"].startswith("MAC"):
        raise NotEmulated(f"CodeBuild environment type {environment['type']}")
    if environment.get("fleet", {}).get("fleetArn"):
        raise NotEmulated("reserved capacity (fleets) of CodeBuild")
    minutes = int(settings.get("timeoutInMinutes") or 60)
    if not 5 <= minutes <= 2160:
        raise invalid("Invalid timeoutInMinutes: it must be between 5 and 2160")
    return settings


def overridden(settings: Settings, params: Mapping[str, Any]) -> Settings:
    """A project's settings with the overrides of a StartBuild."""
    known = _OTHERS | set(_DIRECT) | set(_SOURCE) | set(_ENVIRONMENT)
    for name, value in params.items():
        if name not in known and value not in (None, False, [], {}):
            raise NotEmulated(f"{name} of StartBuild")
    changed = {**settings, **{to: params[name] for name, to in _DIRECT.items() if name in params}}
    changed["source"] = {**settings["source"], **{to: params[name] for name, to in _SOURCE.items() if name in params}}
    changed["environment"] = {
        **settings["environment"], **{to: params[name] for name, to in _ENVIRONMENT.items() if name in params}
    }
    return changed


def draw(project: Project) -> dict[str, Any]:
    """As BatchGetProjects answers it: what was given, and CodeBuild's defaults."""
    region, account = project.arn.split(":")[3:5]
    partition = project.arn.split(":")[1]
    defaults = {
        "timeoutInMinutes": 60, "queuedTimeoutInMinutes": 480, "cache": {"type": "NO_CACHE"}, "tags": [],
        "encryptionKey": f"arn:{partition}:kms:{region}:{account}:alias/aws/s3", "projectVisibility": "PRIVATE",
        "badge": {"badgeEnabled": False}, "secondarySources": [], "secondaryArtifacts": [],
    }
    given = {name: value for name, value in project.settings.items() if name != "badgeEnabled"}
    if project.webhook is not None:
        given["webhook"] = project.webhook
    return {**defaults, **given, "arn": project.arn, "created": project.created, "lastModified": project.modified}
