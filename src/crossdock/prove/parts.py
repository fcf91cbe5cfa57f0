"""Who plays which part: every role of the scene, what it is for, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from crossdock.prove.collect import Role
from crossdock.prove.resources import of_type
from crossdock.prove.reviews import part_of
from crossdock.prove.scene import Scene, environment


class Kind(StrEnum):
    """What a role is for."""

    PIPELINE = "pipeline"
    BUILD = "build"
    TRIGGER = "trigger"
    DEPLOYMENT = "deployment"
    EXECUTION = "execution"
    FUNCTION = "function"
    TASK = "task"
    AGENT = "task preparation"
    DEVELOPER = "developer"
    APPROVER = "approver"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A role and what it is for. `service` is empty for roles that serve a whole environment."""

    role: Role
    kind: Kind
    environment: str
    service: str

    @property
    def who(self) -> str:
        return self.role.arn

    @property
    def home(self) -> str:
        """The environment that it belongs to, in words."""
        return self.environment or "the platform"

    @property
    def ours(self) -> bool:
        return self.role.resource.home.ours

    @property
    def account(self) -> str:
        return self.role.account


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An object that one service's delivery to one environment hands on; its key's end is not known.

    folder  what its service's rights end at
    """

    bucket: str
    folder: str
    key: str
    environment: str
    service: str


def parts(scene: Scene) -> tuple[Part, ...]:
    """Every role, by what pipelines, projects, rules and functions use it for."""
    kinds: dict[str, Kind] = {}
    for role in of_type(scene.platform, "AWS::IAM::Role"):
        if part_of(role) in (Kind.DEVELOPER, Kind.APPROVER):
            kinds[role.arn] = Kind(part_of(role))
    for line in scene.lines:
        kinds[line.pipeline.properties["RoleArn"]] = Kind.PIPELINE
        for project in line.projects:
            kinds[project.properties["ServiceRole"]] = Kind.BUILD
        for action in line.actions:
            if action.role:
                kinds[action.role] = Kind.DEPLOYMENT
            if "RoleArn" in action.configuration:
                kinds[action.configuration["RoleArn"]] = Kind.EXECUTION
    for rule in of_type(scene.platform, "AWS::Events::Rule"):
        kinds |= {t["RoleArn"]: Kind.TRIGGER for t in rule.properties.get("Targets") or () if "RoleArn" in t}
    for task in of_type(scene.resources, "AWS::ECS::TaskDefinition"):
        for name, kind in (("TaskRoleArn", Kind.TASK), ("ExecutionRoleArn", Kind.AGENT)):
            if name in task.properties:
                kinds[task.properties[name]] = kind
    for function in of_type(scene.resources, "AWS::Lambda::Function"):
        kinds[function.properties["Role"]] = Kind.FUNCTION
    return tuple(_part(role, kinds.get(role.arn, Kind.OTHER)) for role in scene.in_force.roles.values())


def _part(role: Role, kind: Kind) -> Part:
    home = role.resource.home
    return Part(role=role, kind=kind, environment=home.environment, service=home.service)


def things(scene: Scene) -> Iterator[Thing]:
    """What is handed on through artifact stores: artifacts, packages, configuration, of each line one."""
    for line in scene.lines:
        where = {"bucket": line.bucket, "environment": line.home.environment, "service": line.home.service}
        for name in dict.fromkeys(name for action in line.actions for name in action.outputs):
            yield Thing(folder=line.folder, key=line.artifact(name), **where)
        for project in line.projects:
            told = environment(project)
            for variable in ("PACKAGE_PREFIX", "CONFIGURATION_PREFIX"):
                if variable in told:
                    yield Thing(folder=told[variable], key=f"{told[variable]}/*", **where)
