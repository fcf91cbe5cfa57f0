"""DOWNLOAD_SOURCE: everything a build needs before its first command: sources, buildspec, variables, runtimes."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.local import toolchain
from crossdock.local.builds import source, variables
from crossdock.local.builds.buildspec import Buildspec, BuildspecError, parse
from crossdock.local.builds.shell import Start
from crossdock.local.builds.state import Build
from crossdock.local.builds.workspace import Workspace
from crossdock.local.engine import NotEmulated
from crossdock.local.identity import Caller
from crossdock.local.repositories.connections import use_connection
from crossdock.local.world import World

AT_HOSTS = frozenset({"GITHUB", "GITHUB_ENTERPRISE", "BITBUCKET", "GITLAB", "GITLAB_SELF_MANAGED"})
"""Source types that are repositories at git hosts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a build may use of the world around it.

    role      the build's; client: makes AWS clients that act as it
    aws       AWS_* variables of that role; packages: variables for pip and uv
    say/line  write a log line: CodeBuild's own, a command's
    """

    world: World
    role: Caller
    client: Callable[[str], Any]
    start: Start
    say: Callable[[str], None]
    line: Callable[[str], None]
    aws: Mapping[str, str]
    packages: Mapping[str, str]
    cache: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A build that can start. `hidden`: values to mask; `hidden_names`: variables that hold them."""

    spec: Buildspec
    environment: Mapping[str, str]
    hidden: tuple[str, ...]
    hidden_names: frozenset[str]


def prepare(build: Build, workspace: Workspace, outside: Outside) -> Ready:
    """Bring everything in place. Raises BuildspecError, SourceError, ArtifactError, VariableError, ClientError."""
    outside.say("Phase is DOWNLOAD_SOURCE")
    directories = _sources(build, workspace, outside)
    outside.say(f"CODEBUILD_SRC_DIR={workspace.source}")
    spec = parse(_buildspec(build, workspace, outside))
    for sentence in spec.ignored:
        outside.say(sentence)
    outside.say("Processing environment variables")
    project = build.settings["environment"].get("environmentVariables", ())
    found = variables.resolve(variables.collect(spec, project, build.overrides), outside.client)
    _runtimes(build, spec, workspace, outside)
    workspace.git_config(credentials=spec.git_credentials)
    outside.say(f"Moving to directory {workspace.source}")
    outside.say(f"Phases found in YAML: {len(spec.phases)}")
    for name, phase in spec.phases.items():
        outside.say(f" {name.upper()}: {len(phase.commands)} commands")
    return Ready(
        spec=spec,
        environment={
            **workspace.environment(), **outside.packages, **outside.aws, **found.values,
            **_own(build, workspace.source), **directories,
        },
        hidden=tuple(found.values[name] for name in found.hidden), hidden_names=found.hidden,
    )


def substitutions(build: Build) -> list[str]:
    """What of the environment that was asked for this machine does not have, one sentence each."""
    environment = build.settings["environment"]
    machine = f"{platform.system()} {platform.machine()}"
    said = [f"builds asked for image {environment['image']}, ran on this machine ({machine})"]
    if environment.get("privilegedMode"):
        said.append(f"build of {build.project} asked for privileged mode; there is no container engine for it here")
    if build.settings.get("vpcConfig", {}).get("vpcId"):
        said.append(f"build of {build.project} asked for VPC {build.settings['vpcConfig']['vpcId']}, ran outside of it")
    return said


def _sources(build: Build, workspace: Workspace, outside: Outside) -> dict[str, str]:
    """Download all; variables that tell where the secondary ones are."""
    directories: dict[str, str] = {}
    if build.order is not None:
        build.resolved = build.order.revision
        for number, artifact in enumerate(build.order.inputs):
            target = workspace.secondary() if number else workspace.source
            if number:
                directories[f"CODEBUILD_SRC_DIR_{artifact.name}"] = str(target)
            source.from_artifact(
                outside.client("s3"), artifact.bucket, artifact.key, target, _cloning(workspace, outside),
                what="secondary source" if number else "primary source",
            )
        return directories
    main = build.settings["source"]
    build.resolved = _one(main, str(build.settings.get("sourceVersion", "")), workspace.source, workspace, outside)
    asked = build.settings.get("secondarySourceVersions", ())
    versions = {one["sourceIdentifier"]: one["sourceVersion"] for one in asked}
    for one in build.settings.get("secondarySources", ()):
        target, name = workspace.secondary(), one["sourceIdentifier"]
        _one(one, versions.get(name, ""), target, workspace, outside)
        directories[f"CODEBUILD_SRC_DIR_{name}"] = str(target)
    return directories


def _one(config: Mapping[str, Any], version: str, target: Path, workspace: Workspace, outside: Outside) -> str:
    match config["type"]:
        case "NO_SOURCE":
            return ""
        case "S3":
            bucket, _, key = str(config["location"]).removeprefix("arn:aws:s3:::").partition("/")
            return source.from_s3(
                outside.client("s3"), bucket, key, target, scratch=workspace.control, what="primary source"
            )
        case "CODECOMMIT":
            return source.clone(config["location"], version, target, _cloning(workspace, outside),
                                depth=int(config.get("gitCloneDepth", 0)))
        case kind if kind in AT_HOSTS:
            host, name = source.at_host(str(config["location"]))
            arn = str((config.get("auth") or {}).get("resource", ""))
            if (config.get("auth") or {}).get("type") == "CODECONNECTIONS":
                use_connection(outside.world, outside.role, arn, name, "")
            return source.from_host(host, name, version, target, _cloning(workspace, outside),
                                    depth=int(config.get("gitCloneDepth", 0)))
        case other:
            raise NotEmulated(f"CodeBuild source type {other}")


def _cloning(workspace: Workspace, outside: Outside) -> source.Cloning:
    return source.Cloning(
        world=outside.world, role=outside.role, workspace=workspace, start=outside.start, line=outside.line,
        env={**workspace.environment(), **outside.aws},
    )


def _buildspec(build: Build, workspace: Workspace, outside: Outside) -> str:
    """Its text: inline, an object in S3, or a file of the primary source (buildspec.yml at its root by default)."""
    given = str(build.settings["source"].get("buildspec") or "")
    if given.startswith("arn:") and ":s3:::" in given:
        bucket, _, key = given.partition(":s3:::")[2].partition("/")
        return str(outside.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode())
    if "\n" in given.strip() or given.lstrip().startswith(("version:", "{")):
        return given
    path = (workspace.source / (given or "buildspec.yml")).resolve()
    outside.say(f"YAML location is {path}")
    if not path.is_relative_to(workspace.source) or not path.is_file():
        raise BuildspecError(f"stat {path}: no such file or directory")
    return path.read_text(encoding="utf-8")


def _runtimes(build: Build, spec: Buildspec, workspace: Workspace, outside: Outside) -> None:
    who = f"build of {build.project}"
    for name, version in spec.runtimes.items():
        outside.say(f"Selecting '{name}' runtime version '{version}' based on manual selections...")
        _other_runtime(name, version, who, outside)
    node = toolchain.node(spec.runtimes.get("nodejs", ""))
    if node is not None:
        workspace.node(node.program)
    if "nodejs" in spec.runtimes:
        if node is None:
            raise BuildspecError(f"Unknown runtime version named '{spec.runtimes['nodejs']}' of nodejs: "
                                 "this machine has no Node.js; install it and run again")
        _note(node, who, outside)
    python = toolchain.python(spec.runtimes.get("python", ""))
    try:
        toolchain.make_python(python, workspace.python, outside.cache)
    except OSError as error:
        fallback = toolchain.python()
        if python.program == fallback.program:
            raise
        outside.say(str(error))
        toolchain.make_python(fallback, workspace.python, outside.cache)
        python = toolchain.instead(python, fallback)
    _note(python, who, outside)


def _other_runtime(name: str, version: str, who: str, outside: Outside) -> None:
    """A runtime beside Python and Node.js: the machine's own, whatever its version. Where it has none, commands that
    need it say so when they are called. Raises BuildspecError for a name that CodeBuild doesn't know."""
    known = {"python", "nodejs", "docker", *toolchain.PROGRAMS}
    if name not in known:
        raise BuildspecError(f"Unknown runtime named '{name}'. This build environment has the following runtimes: "
                             f"{', '.join(sorted(known))}")
    if name not in toolchain.PROGRAMS:
        return
    program = toolchain.PROGRAMS[name]
    here = f"ran on the {program} of this machine" if toolchain.on_system(program) else f"there is no {program} here"
    note = f"{who} asked for {name} {version}; {here}"
    outside.say(note)
    outside.world.substitution(note)


def _note(found: toolchain.Found, who: str, outside: Outside) -> None:
    note = found.note(who)
    if note:
        outside.say(note)
        outside.world.substitution(note)


def _own(build: Build, directory: Path) -> dict[str, str]:
    """The variables that CodeBuild sets (CodeBuild User Guide, environment variables in build environments)."""
    settings = build.settings
    own = {
        "CODEBUILD_BUILD_ARN": build.arn,
        "CODEBUILD_BUILD_ID": build.id,
        "CODEBUILD_BUILD_IMAGE": settings["environment"]["image"],
        "CODEBUILD_BUILD_NUMBER": str(build.number),
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        "CODEBUILD_INITIATOR": build.initiator,
        "CODEBUILD_KMS_KEY_ID": build.encryption_key,
        "CODEBUILD_LOG_PATH": build.log_stream,
        "CODEBUILD_RESOLVED_SOURCE_VERSION": build.resolved,
        "CODEBUILD_SOURCE_REPO_URL": settings["source"].get("location", ""),
        "CODEBUILD_SOURCE_VERSION": build.source_version,
        "CODEBUILD_SRC_DIR": str(directory),
        "CODEBUILD_START_TIME": str(int(build.started.timestamp() * 1000)),
    }
    return {name: value for name, value in own.items() if value}
