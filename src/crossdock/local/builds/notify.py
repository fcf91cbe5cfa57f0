"""CodeBuild's events on the default bus (CodeBuild User Guide, build notifications input format reference)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crossdock.local.builds.state import Build, Phase
from crossdock.local.world import World

_TIME = "%b %d, %Y %I:%M:%S %p"


def state_changed(world: World, build: Build) -> None:
    """`CodeBuild Build State Change`: at the start and at the end."""
    _emit(world, build, "CodeBuild Build State Change", {
        "build-status": build.status,
        "current-phase": build.phases[-1].name if build.phases else "SUBMITTED",
        "current-phase-context": _context(build.phases[-1]) if build.phases else "[]",
    })


def phase_changed(world: World, build: Build, phase: Phase) -> None:
    """`CodeBuild Build Phase Change`: at the end of each phase."""
    _emit(world, build, "CodeBuild Build Phase Change", {
        "completed-phase": phase.name,
        "completed-phase-status": phase.status,
        "completed-phase-context": _context(phase),
        "completed-phase-duration-seconds": phase.seconds,
        "completed-phase-start": _time(phase.started),
        "completed-phase-end": _time(phase.ended),
    })


def _emit(world: World, build: Build, kind: str, detail: dict[str, Any]) -> None:
    world.emit(
        account=build.account, region=build.region, source="aws.codebuild", detail_type=kind, resources=[build.arn],
        detail={
            "build-id": build.arn, "project-name": build.project, "version": "1", **detail,
            "additional-information": _information(build),
        },
    )


def _information(build: Build) -> dict[str, Any]:
    drawn = build.draw()
    environment, source, logs = drawn["environment"], drawn["source"], drawn["logs"]
    information: dict[str, Any] = {
        "artifact": {
            "location": drawn["artifacts"].get("location", ""),
            "md5sum": drawn["artifacts"].get("md5sum", ""),
            "sha256sum": drawn["artifacts"].get("sha256sum", ""),
        },
        "environment": {
            "image": environment["image"], "compute-type": environment["computeType"], "type": environment["type"],
            "privileged-mode": environment.get("privilegedMode", False),
            "image-pull-credentials-type": environment.get("imagePullCredentialsType", "CODEBUILD"),
            "environment-variables": environment["environmentVariables"],
        },
        "timeout-in-minutes": drawn["timeoutInMinutes"], "build-complete": drawn["buildComplete"],
        "initiator": build.initiator, "build-number": float(build.number), "build-start-time": _time(build.started),
        "source": {"type": source["type"], "location": source.get("location", "")},
        "source-version": drawn.get("sourceVersion", ""),
        "logs": {"deep-link": logs.get("deepLink", ""), "group-name": logs.get("groupName", ""),
                 "stream-name": logs.get("streamName", "")},
        "phases": [_phase(phase) for phase in list(build.phases)],
        "exported-environment-variables": drawn["exportedEnvironmentVariables"],
    }
    return information


def _phase(phase: Phase) -> dict[str, Any]:
    drawn: dict[str, Any] = {"phase-type": phase.name, "start-time": _time(phase.started)}
    if phase.ended:
        drawn |= {
            "phase-context": [f"{phase.code}: {phase.message}"], "end-time": _time(phase.ended),
            "duration-in-seconds": phase.seconds, "phase-status": phase.status,
        }
    return drawn


def _context(phase: Phase) -> str:
    return f"[{phase.code}: {phase.message}]"


def _time(when: datetime | None) -> str:
    return when.strftime(_TIME) if when else ""
