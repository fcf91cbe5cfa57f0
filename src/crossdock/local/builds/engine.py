"""The CodeBuild API: projects and builds. Each running build has a thread (`run.Run`)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from crossdock.local.builds.hosted import Hosted
from crossdock.local.builds.projects import checked, draw, invalid, overridden
from crossdock.local.builds.run import Run
from crossdock.local.builds.state import Build, Phase, PipelineBuild, Project, Settings, State
from crossdock.local.builds.workspace import sweep
from crossdock.local.engine import AwsError, Call
from crossdock.local.identity import Caller
from crossdock.local.packages import PackageIndex
from crossdock.local.packages.server import default_cache
from crossdock.local.world import World

_PAGE = 100
Answer = Mapping[str, Any]


class CodeBuild(Hosted):
    """Service `codebuild`. `packages`: the index that builds install from; a caching one of its own by default."""

    service: ClassVar[str] = "codebuild"

    def __init__(self, world: World, packages: PackageIndex | None = None) -> None:
        super().__init__(world)
        self.state = State()
        self._packages, self._listening = packages or PackageIndex(), False
        self._lock = threading.Lock()
        self._runs: dict[str, tuple[Run, threading.Thread]] = {}

    # -- life

    def start(self) -> None:
        """Remove what builds of an earlier start left; those that were running then have failed."""
        sweep()
        for build in self.state.builds.values():
            if build.ended is None:
                _interrupted(build)

    def stop(self) -> None:
        """Stop all builds and wait until their processes and directories are gone."""
        running = list(self._runs.values())
        for run, _ in running:
            run.stop()
        for _, thread in running:
            thread.join(30)
        with self._lock:
            if self._listening:
                self._packages.stop()
                self._listening = False

    # -- projects

    def create_project(self, call: Call) -> Answer:
        settings = checked(dict(call.params))
        arn = call.arn(f"project/{settings['name']}")
        if arn in self.state.projects:
            raise AwsError("ResourceAlreadyExistsException", f"Project already exists: {arn}")
        self._pass_role(call, settings["serviceRole"], arn)
        now = datetime.now(UTC)
        project = Project(name=settings["name"], arn=arn, settings=settings, created=now, modified=now)
        self.state.projects[arn] = project
        return {"project": draw(project)}

    def update_project(self, call: Call) -> Answer:
        project = self._project(call, call.params["name"])
        settings = dict(checked({**project.settings, **call.params}))
        if settings.get("concurrentBuildLimit") == -1:  # that takes the limit away (CodeBuild API, UpdateProject)
            del settings["concurrentBuildLimit"]
        if settings["serviceRole"] != project.settings["serviceRole"]:
            self._pass_role(call, settings["serviceRole"], project.arn)
        project.settings, project.modified = settings, datetime.now(UTC)
        return {"project": draw(project)}

    def delete_project(self, call: Call) -> None:
        """Deleting what isn't there succeeds; builds stay, as on AWS."""
        self.state.projects.pop(call.arn(f"project/{_bare(call.params['name'])}"), None)

    def batch_get_projects(self, call: Call) -> Answer:
        found, missing = [], []
        for name in call.params["names"]:
            project = self.state.projects.get(call.arn(f"project/{_bare(name)}"))
            found += [draw(project)] if project else []
            missing += [] if project else [name]
        return {"projects": found, "projectsNotFound": missing}

    def list_projects(self, call: Call) -> Answer:
        prefix = call.arn("project/")
        own = [project for arn, project in self.state.projects.items() if arn.startswith(prefix)]
        match call.params.get("sortBy", "NAME"):
            case "CREATED_TIME":
                own.sort(key=lambda project: project.created)
            case "LAST_MODIFIED_TIME":
                own.sort(key=lambda project: project.modified)
            case _:
                own.sort(key=lambda project: project.name)
        if call.params.get("sortOrder") == "DESCENDING":
            own.reverse()
        return _page("projects", [project.name for project in own], call)

    # -- builds

    def start_build(self, call: Call) -> Answer:
        params = call.params
        project = self._project(call, params["projectName"])
        token = f"{project.arn} {params['idempotencyToken']}" if params.get("idempotencyToken") else ""
        if token in self.state.tokens:
            return {"build": self.state.builds[self.state.tokens[token]].draw()}
        settings = overridden(project.settings, params)
        if settings["source"]["type"] == "CODEPIPELINE":
            raise invalid("a project with source type CODEPIPELINE is built by its pipeline")
        checked(settings)
        if "serviceRoleOverride" in params:
            self._pass_role(call, settings["serviceRole"], project.arn)
        build = self._start(
            project, settings, initiator=_initiator(call.caller),
            overrides=tuple(params.get("environmentVariablesOverride", ())),
        )
        if token:
            self.state.tokens[token] = build.arn
        return {"build": build.draw()}

    def start_pipeline_build(self, request: PipelineBuild) -> str:
        """Start a build for an action of CodePipeline, whose caller must be allowed to; the build's id.

        Raises AwsError: AccessDeniedException, ResourceNotFoundException, InvalidInputException.
        """
        arn = f"arn:{self.world.partition}:codebuild:{request.region}:{request.account}:project/{request.project}"
        self.world.authorize(
            request.caller, action="codebuild:StartBuild", resource=arn, account=request.account, region=request.region
        )
        project = self.state.projects.get(arn)
        if project is None:
            raise _no_project(arn)
        if project.settings["source"]["type"] != "CODEPIPELINE":
            raise invalid("Project source and artifacts must be of type CODEPIPELINE to be built by a pipeline")
        build = self._start(
            project, project.settings, initiator=f"codepipeline/{request.pipeline}", overrides=request.environment,
            order=request,
        )
        return build.id

    def retry_build(self, call: Call) -> Answer:
        """A new build with the same settings."""
        old = self._build(call, call.params["id"])
        project = self.state.projects.get(f"{old.arn.partition(':build/')[0]}:project/{old.project}")
        if project is None:
            raise _no_project(old.project)
        if old.ended is None:
            raise invalid("Build is still running")
        build = self._start(
            project, old.settings, initiator=_initiator(call.caller), overrides=old.overrides, order=old.order
        )
        return {"build": build.draw()}

    def stop_build(self, call: Call) -> Answer:
        build = self._build(call, call.params["id"])
        running = self._runs.get(build.arn)
        if running is not None:
            running[0].stop()
            running[1].join(10)
        return {"build": build.draw()}

    def batch_get_builds(self, call: Call) -> Answer:
        found, missing = [], []
        for id_ in call.params["ids"]:
            build = self.state.builds.get(_build_arn(call, id_))
            found += [build.draw()] if build else []
            missing += [] if build else [id_]
        return {"builds": found, "buildsNotFound": missing}

    def list_builds(self, call: Call) -> Answer:
        return self._list(call, [b for b in self.state.builds.values() if b.arn.startswith(call.arn("build/"))])

    def list_builds_for_project(self, call: Call) -> Answer:
        project = self._project(call, call.params["projectName"])
        return self._list(call, [b for b in self.state.builds.values() if b.arn.startswith(
            f"{call.arn('build/')}{project.name}:")])

    def tags(self, arn: str) -> Mapping[str, str]:
        project = self.state.projects.get(arn)
        tags = project.settings.get("tags", ()) if project else self.state.groups.get(arn, {}).get("tags", ())
        return {tag["key"]: tag["value"] for tag in tags}

    # -- inside

    def _start(
        self, project: Project, settings: Settings, *, initiator: str, overrides: Sequence[Mapping[str, str]],
        order: PipelineBuild | None = None,
    ) -> Build:
        id_ = f"{project.name}:{uuid.uuid4()}"
        head, _, _ = project.arn.partition(":project/")
        with self._lock:
            if not self._listening:
                self._packages.start()
                self._listening = True
            project.builds += 1
            build = Build(
                id=id_, arn=f"{head}:build/{id_}", account=head.split(":")[4], region=head.split(":")[3],
                project=project.name, number=project.builds, initiator=initiator, settings=settings,
                overrides=tuple(overrides), order=order,
            )
            self.state.builds[build.arn] = build
            run = Run(self.world, build, self._packages, cache=default_cache(), report=self.file_report)
            thread = threading.Thread(target=self._execute, args=(build.arn, run), name=f"build {id_}", daemon=True)
            self._runs[build.arn] = (run, thread)
        thread.start()
        return build

    def _execute(self, arn: str, run: Run) -> None:
        try:
            run.execute()
        finally:
            self._runs.pop(arn, None)

    def _list(self, call: Call, builds: list[Build]) -> Answer:
        builds.sort(key=lambda build: (build.started, build.number))
        if call.params.get("sortOrder", "DESCENDING") == "DESCENDING":
            builds.reverse()
        return _page("ids", [build.id for build in builds], call)

    def _project(self, call: Call, name: str) -> Project:
        arn = call.arn(f"project/{_bare(name)}")
        if arn not in self.state.projects:
            raise _no_project(arn)
        return self.state.projects[arn]

    def _build(self, call: Call, id_: str) -> Build:
        build = self.state.builds.get(_build_arn(call, id_))
        if build is None:
            raise AwsError("ResourceNotFoundException", f"Build does not exist: {id_}")
        return build

    def _pass_role(self, call: Call, role: str, project: str) -> None:
        """The caller must be allowed to pass the role, and CodeBuild to assume it, as CreateProject demands."""
        if not role.startswith("arn:"):
            raise invalid("Invalid service role: it must be the ARN of a role")
        self.world.authorize(
            call.caller, action="iam:PassRole", resource=role, account=role.split(":")[4], region=call.region,
            context={"iam:PassedToService": "codebuild.amazonaws.com"},
        )
        try:
            self.world.assume(
                role, service="codebuild.amazonaws.com", session="AWSCodeBuild", source_arn=project,
                source_account=call.account,
            )
        except AwsError as error:
            raise invalid(
                f"CodeBuild is not authorized to perform: sts:AssumeRole on {role} ({error.message})"
            ) from error


def _page(name: str, items: list[str], call: Call) -> Answer:
    start = int(call.params.get("nextToken") or 0)
    rest = {"nextToken": str(start + _PAGE)} if len(items) > start + _PAGE else {}
    return {name: items[start:start + _PAGE], **rest}


def _interrupted(build: Build) -> None:
    """It ran when the local AWS ended: its processes are gone."""
    now = datetime.now(UTC)
    for phase in build.phases:
        if phase.ended is None:
            phase.status, phase.ended = "FAILED", now
            phase.code, phase.message = "INTERNAL_ERROR", "The local AWS was stopped while this build ran"
    build.phases.append(Phase(name="COMPLETED", started=now))
    build.status, build.ended = "FAILED", now


def _bare(name: str) -> str:
    """A project's name, given as such or as its ARN."""
    return name.rpartition(":project/")[2]


def _build_arn(call: Call, id_: str) -> str:
    return call.arn(f"build/{id_.rpartition(':build/')[2]}")


def _no_project(arn: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"Project cannot be found: {arn}")


def _initiator(caller: Caller) -> str:
    """The user's name, or `role/session`, as builds show it."""
    return caller.user_name or caller.arn.rpartition(":")[2].removeprefix("assumed-role/")
