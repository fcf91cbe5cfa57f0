"""Images of a scene: the repositories that hold them, and who runs one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.prove.resources import Resource, of_type
from crossdock.prove.scene import Line, Scene, environment

_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>[a-z0-9._/-]+)(?:[:@].*)?")


def repository_of(scene: Scene, image: str) -> Resource | None:
    """The repository of a scene that an image lies in (ECR User Guide, registry URIs); None for other registries."""
    found = _IMAGE.fullmatch(image)
    for repository in of_type(scene.resources, "AWS::ECR::Repository") if found else ():
        home = repository.home
        if found and (found["account"], found["region"], found["name"]) == (
                home.account, home.region, repository.names.name):
            return repository
    return None


def pushed(scene: Scene, project: Resource) -> Iterator[Resource]:
    """The repositories that a build is told of by its environment: by name or by URI. To those it pushes."""
    told = set(environment(project).values())
    for repository in of_type(scene.platform, "AWS::ECR::Repository"):
        if {repository.names.name, repository.names.attribute("RepositoryUri")} & told:
            yield repository


def containers(task: Resource) -> Iterator[Mapping[str, Any]]:
    """The containers of a task definition."""
    yield from task.properties.get("ContainerDefinitions") or ()


def tasks(line: Line) -> Iterator[Resource]:
    """The task definitions of a line's service."""
    yield from of_type(line.service, "AWS::ECS::TaskDefinition")
