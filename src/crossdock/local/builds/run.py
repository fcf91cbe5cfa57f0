"""One build from SUBMITTED to COMPLETED, in its own thread (CodeBuild User Guide, build phases)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossdock.local.builds import notify, prepare
from crossdock.local.builds.buildspec import PHASES, Buildspec, PhaseSpec, ReportSpec
from crossdock.local.builds.logs import BuildLog
from crossdock.local.builds.phases import Ended, Failed, Phases, Stopped
from crossdock.local.builds.reports import Case, found
from crossdock.local.builds.shell import Shell
from crossdock.local.builds.state import Build
from crossdock.local.builds.upload import upload_all, upload_log
from crossdock.local.builds.workspace import Workspace
from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller
from crossdock.local.packages import PackageIndex
from crossdock.local.processes import Process
from crossdock.local.world import World


class Run:
    """Runs a build and writes what happens into its record. `stop` may come from any thread, at any time.

    cache   where virtual environments are made from, shared by builds
    report  files a report of test cases as the build's role
    """

    def __init__(
        self, world: World, build: Build, index: PackageIndex, *, cache: Path,
        report: Callable[[Build, Caller, str, Sequence[Case]], None],
    ) -> None:
        self._world, self._build, self._index, self._cache = world, build, index, cache
        self._report = report
        self._deadline = time.monotonic() + 60 * int(build.settings.get("timeoutInMinutes", 60))
        watched = build.settings.get("logsConfig", {}).get("cloudWatchLogs", {}).get("status", "ENABLED") == "ENABLED"
        self._log = BuildLog(self._send if watched else None)
        self._phases = Phases(world, build, self._log)
        self._role: Caller | None = None
        self._workspace: Workspace | None = None
        self._shell: Shell | None = None
        self._stopping = threading.Event()
        self._running: Process | None = None
        self._hidden: frozenset[str] = frozenset()

    def execute(self) -> None:
        """Run to the end. Whatever happens, the record ends with a status, and nothing stays on disk."""
        notify.state_changed(self._world, self._build)
        status = "FAULT"
        try:
            status = self._all()
        except BaseException as error:
            self._log.say(f"The local AWS failed, not the build: {type(error).__name__}: {error}")
            self._log.flush()
            raise
        finally:
            if self._shell is not None:
                self._shell.close()
            if self._workspace is not None:
                self._workspace.remove()
            self._phases.complete()
            self._build.status = status
            self._build.ended = datetime.now(UTC)
            notify.state_changed(self._world, self._build)

    def stop(self) -> None:
        """Kill what runs and let the build end as STOPPED."""
        self._stopping.set()
        if self._shell is not None:
            self._shell.kill()
        if self._running is not None:
            self._running.kill()

    def _all(self) -> str:
        status = "SUCCEEDED"
        try:
            with self._phases.during("SUBMITTED"):
                self._assume()
            with self._phases.during("QUEUED"):
                self._go_on()
            with self._phases.during("PROVISIONING"):
                workspace = self._provision()
            with self._phases.during("DOWNLOAD_SOURCE"):
                spec = self._prepare(workspace)
            status = self._commands(spec)
        except Ended as end:
            status = end.status
        if self._role is not None:
            try:
                with self._phases.during("FINALIZING"):
                    upload_log(self._build, self._client, self._log)
            except Ended as end:
                status = end.status if status == "SUCCEEDED" else status
        return status

    def _assume(self) -> None:
        build, role = self._build, self._build.settings["serviceRole"]
        project = f"{build.arn.partition(':build/')[0]}:project/{build.project}"
        try:
            self._role = self._world.assume(
                role, service="codebuild.amazonaws.com", session=f"AWSCodeBuild-{build.uuid}",
                source_arn=project, source_account=build.account,
            )
        except AwsError as error:
            raise Failed(
                "ACCESS_DENIED", f"CodeBuild is not authorized to perform: sts:AssumeRole on {role}. {error.message}"
            ) from error

    def _provision(self) -> Workspace:
        self._go_on()
        self._workspace = Workspace()
        self._log.say("Waiting for DOWNLOAD_SOURCE")
        try:
            self._log.flush()
        except AwsError as error:
            raise Failed(
                "ACCESS_DENIED",
                f"Service role {self._build.settings['serviceRole']} does not allow AWS CodeBuild to create Amazon "
                f"CloudWatch Logs log streams for build {self._build.arn}. Error message: {error.message}",
            ) from error
        for sentence in prepare.substitutions(self._build):
            self._world.substitution(sentence)
        return self._workspace

    def _prepare(self, workspace: Workspace) -> Buildspec:
        self._go_on()
        assert self._role is not None  # noqa: S101  assumed in SUBMITTED
        outside = prepare.Outside(
            world=self._world, role=self._role, client=self._client, start=self._start, say=self._log.say,
            line=self._log.line, aws=self._world.environment(self._role, self._build.region), cache=self._cache,
            packages=self._index.environment(self._build.uuid),
        )
        ready = prepare.prepare(self._build, workspace, outside)
        self._log.mask(ready.hidden)
        self._hidden = ready.hidden_names
        self._go_on()
        self._shell = Shell(
            program=ready.spec.shell, start=self._start, env=ready.environment, cwd=workspace.source,
            control=workspace.control, deadline=self._deadline, line=self._log.line, idle=self._log.idle,
            live=ready.spec.one_shell,
        )
        return ready.spec

    def _commands(self, spec: Buildspec) -> str:
        """The four phases with commands, then the artifacts; the build's status.

        INSTALL or PRE_BUILD failing ends the build; after BUILD, POST_BUILD and UPLOAD_ARTIFACTS come in any case. A
        phase that failed with `on-failure: CONTINUE` lets the next ones run, and the build fails all the same.
        """
        shell, status = self._shell, "SUCCEEDED"
        assert shell is not None  # noqa: S101  made in DOWNLOAD_SOURCE
        for name in PHASES:
            phase = spec.phases.get(name, PhaseSpec())
            try:
                with self._phases.during(name.upper()):
                    if status != "SUCCEEDED":
                        shell.set("CODEBUILD_BUILD_SUCCEEDING", "0")
                    self._phase(name.upper(), phase, shell)
            except Ended as end:
                status = end.status
                if status != "FAILED" or phase.on_failure == "ABORT":
                    return status
                if phase.on_failure != "CONTINUE" and name in ("install", "pre_build"):
                    return status
        try:
            with self._phases.during("UPLOAD_ARTIFACTS"):
                self._export(spec, shell)
                self._go_on()
                assert self._workspace is not None  # noqa: S101
                self._reports(spec, self._workspace, shell)
                upload_all(
                    self._build, spec, workspace=self._workspace, shell=shell, client=self._client, say=self._log.say
                )
        except Ended as end:
            status = end.status if status == "SUCCEEDED" else status
        return status

    def _phase(self, name: str, phase: PhaseSpec, shell: Shell) -> None:
        self._go_on()
        self._log.say(f"Entering phase {name}")
        failure = self._sequence(phase.commands, shell)
        in_finally = self._sequence(phase.finally_, shell)
        failure = failure or in_finally
        if failure is not None:
            raise failure

    def _sequence(self, commands: Sequence[str], shell: Shell) -> Failed | None:
        """Commands one after the other until one fails."""
        for command in commands:
            self._go_on()
            self._log.say(f"Running command {command.rstrip()}")
            status = shell.run(command)
            self._go_on()
            for miss in self._index.misses(self._build.uuid):
                self._log.say(miss)
            if status:
                self._log.say(f"Command did not exit successfully {command.rstrip()} exit status {status}")
                return Failed(
                    "COMMAND_EXECUTION_ERROR",
                    f"Error while executing command: {command.rstrip()}. Reason: exit status {status}",
                )
        return None

    def _export(self, spec: Buildspec, shell: Shell) -> None:
        for name in spec.exported:
            if name.startswith("AWS_") or name in self._hidden:
                self._log.say(f"{name} is not exported: it holds credentials or a secret")
                continue
            value = shell.get(name)
            if value is not None:
                self._build.exported[name] = value

    def _reports(self, spec: Buildspec, workspace: Workspace, shell: Shell) -> None:
        assert self._role is not None  # noqa: S101  assumed in SUBMITTED
        for name, given in spec.reports.items():
            if given.format == "JUNITXML":
                expanded = ReportSpec(files=tuple(map(shell.expand, given.files)), base=shell.expand(given.base))
                cases = found(expanded, name, workspace.source)
                self._report(self._build, self._role, shell.expand(name), cases)
                self._log.say(f"Report {name}: {len(cases)} test case(s)")

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Stopped

    def _start(self, argv: list[str], env: Mapping[str, str], cwd: Path) -> Process:
        self._running = self._world.spawn(argv, env=env, cwd=cwd, name=f"build {self._build.id}", stdin=True)
        if self._stopping.is_set():
            self._running.kill()
        return self._running

    def _client(self, service: str) -> Any:
        return self._world.client(service, self._role, self._build.region)  # type: ignore[arg-type]  # assumed before

    def _send(self, lines: Sequence[str]) -> None:
        if self._role is not None:
            build = self._build
            self._world.log_lines(
                self._role, region=build.region, group=build.log_group, stream=build.log_stream, lines=lines
            )
