"""A platform in a temporary folder, and an assembly deployed on paper: parameters and intrinsics resolved, no cloud."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crossdock import compose
from crossdock.model.platform import Platform
from crossdock.prove.resources import Resource, platform_stacks

HELLO = """\
    platform: psl
    organization: o-a1b2c3d4e5
    region: us-east-1
    accounts: {shared: "111111111111", nonprod: "222222222222", prod: "333333333333"}
    environments:
      development: {account: nonprod, branch: develop, approval: false}
      staging: {account: nonprod, branch: staging}
      production: {account: prod, branch: master}
    services:
      survey: {kind: serverless, source: services/survey}
      collector: {kind: serverless, source: services/collector, checks: [{get: /health}]}
    """


@dataclass
class Folder:
    """A platform's folder; `read` takes the text of its file, indented as one likes."""

    root: Path

    def write(self, text: str = HELLO, *services: str) -> Path:
        for service in services or ("survey", "collector"):
            folder = self.root / "services" / service
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "template.yaml").touch()
            (folder / "buildspec.yaml").touch()
        file = self.root / "crossdock.yaml"
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def read(self, text: str = HELLO, *services: str) -> Any:
        return compose.read(self.write(text, *services))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@dataclass(frozen=True)
class Deployed:
    """Stacks as they would be: resources, and what each stack gives, by its id."""

    resources: tuple[Resource, ...]
    outputs: Mapping[str, Mapping[str, str]]

    def of_type(self, kind: str) -> dict[str, Any]:
        """`stack id/logical id` -> properties, of every resource of a type."""
        return {f"{r.home.id}/{r.logical_id}": r.properties for r in self.resources if r.type == kind}


def on_paper(platform: Platform) -> Deployed:
    found = platform_stacks(compose.compose(platform), compose.templates(platform))
    return Deployed(
        tuple(resource for stack in found.values() for resource in stack.resources),
        {id_: stack.outputs for id_, stack in found.items()},
    )


@pytest.fixture
def deploy() -> Callable[[Platform], Deployed]:
    return on_paper


@pytest.fixture
def deployed(folder: Folder) -> Deployed:
    return on_paper(folder.read())
