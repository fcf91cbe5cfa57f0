"""A platform in a temporary folder, and an assembly deployed on paper: parameters and intrinsics resolved, no cloud."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from crossdock import compose
from crossdock.model.assembly import Literal, Stack
from crossdock.model.platform import Platform
from crossdock.template import Pseudo, Scope, load, parameters, resolve

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


@dataclass
class Deployed:
    """Stacks as they would be: per stack id, parameters, resources (logical id -> type, properties) and outputs."""

    parameters: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    resources: dict[str, dict[str, tuple[str, Any]]] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    def of_type(self, kind: str) -> dict[str, Any]:
        """`stack id/logical id` -> properties, of every resource of a type."""
        return {
            f"{stack}/{name}": properties
            for stack, resources in self.resources.items()
            for name, (type_, properties) in resources.items() if type_ == kind
        }


def on_paper(platform: Platform) -> Deployed:
    deployed, templates = Deployed(), compose.templates(platform)
    for stack in compose.compose(platform).stacks:
        _deploy(stack, templates[stack.template], deployed)
    return deployed


def _deploy(stack: Stack, text: str, deployed: Deployed) -> None:
    body = load(text).body
    given = {
        name: value.value if isinstance(value, Literal) else deployed.outputs[value.stack][value.name]
        for name, value in stack.parameters.items()
    }
    values = parameters.resolve(body, given)
    pseudo = Pseudo(account=stack.account_id, region=stack.region, stack_name=stack.name, stack_id=stack.name)
    bare = Scope(parameters=values, mappings={}, conditions={}, pseudo=pseudo)

    def name_of(logical: str, key: str) -> str:
        return str(resolve.resolve(body["Resources"][logical]["Properties"][key], scope))

    def reference(logical: str) -> str:
        keys = {"AWS::S3::Bucket": "BucketName", "AWS::Logs::LogGroup": "LogGroupName", "AWS::IAM::Role": "RoleName",
                "AWS::CodePipeline::Pipeline": "Name", "AWS::CodeBuild::Project": "Name"}
        type_ = body["Resources"][logical]["Type"]
        if type_ == "AWS::IAM::ManagedPolicy":
            return f"arn:aws:iam::{stack.account_id}:policy/{name_of(logical, 'ManagedPolicyName')}"
        return name_of(logical, keys[type_]) if type_ in keys else f"{stack.name}-{logical}".lower()

    def attribute(logical: str, attribute: str) -> str:
        makers: dict[tuple[str, str], Callable[[], str]] = {
            ("AWS::IAM::Role", "Arn"): lambda: f"arn:aws:iam::{stack.account_id}:role/{name_of(logical, 'RoleName')}",
            ("AWS::S3::Bucket", "Arn"): lambda: f"arn:aws:s3:::{name_of(logical, 'BucketName')}",
            ("AWS::KMS::Key", "Arn"): lambda: (
                f"arn:aws:kms:{stack.region}:{stack.account_id}:key/12345678-1234-1234-1234-123456789012"),
            ("AWS::CodeCommit::Repository", "Name"): lambda: name_of(logical, "RepositoryName"),
        }
        return makers[body["Resources"][logical]["Type"], attribute]()

    conditions = resolve.conditions(body, bare)
    scope = Scope(parameters=values, mappings={}, conditions=conditions, pseudo=pseudo, reference=reference,
                  attribute=attribute)
    deployed.parameters[stack.id] = values
    deployed.resources[stack.id] = {
        logical: (resource["Type"], resolve.resolve(resource.get("Properties", {}), scope))
        for logical, resource in body["Resources"].items()
    }
    deployed.outputs[stack.id] = {
        name: str(resolve.resolve(output["Value"], scope)) for name, output in body["Outputs"].items()
    }


@pytest.fixture
def deploy() -> Callable[[Platform], Deployed]:
    return on_paper


@pytest.fixture
def deployed(folder: Folder) -> Deployed:
    return on_paper(folder.read())
