"""What an assembly amounts to once everything is deployed: its resources, its lines of delivery, their services."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from crossdock.errors import PolicyError, Problem, TemplateError, UsageError
from crossdock.model.assembly import Assembly
from crossdock.prove import packaging
from crossdock.prove.collect import InForce, collect
from crossdock.prove.controls import Controls
from crossdock.prove.resources import Home, Resource, deploy, of_type, parsed, platform_stacks
from crossdock.template import schema
from crossdock.template.sam import SERVERLESS
from crossdock.template.transforms import declared

ARTIFACT_FOLDER, ARTIFACT_NAME = 20, 10
"""Characters that CodePipeline keeps of a pipeline's and an artifact's name (CodePipeline User Guide, artifacts)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A service's template: its path as it is shown, and its text."""

    file: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action of a pipeline. `role` is empty where the pipeline's own role runs it."""

    stage: str
    name: str
    provider: str
    category: str
    configuration: Mapping[str, str]
    role: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.stage}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One pipeline and what it delivers.

    folder       where it keeps artifacts, `bucket/folder`
    key          ARN of the key of its artifact store; empty: S3's own
    projects     its build projects
    service      resources of the service's stack
    contract     resources that any service of its kind may declare
    transforms   macros that the service's template declares
    unread       why nothing is known of the service: what CloudFormation would refuse in its template
    """

    pipeline: Resource
    actions: tuple[Action, ...]
    bucket: str
    folder: str
    key: str
    projects: tuple[Resource, ...]
    service: tuple[Resource, ...] = ()
    contract: tuple[Resource, ...] = ()
    transforms: tuple[str, ...] = ()
    unread: tuple[Problem, ...] = ()

    @property
    def home(self) -> Home:
        return self.pipeline.home

    def action(self, title: str) -> Action:
        return next(action for action in self.actions if action.title == title)

    def producer(self, artifact: str) -> Action:
        """The action that makes an artifact."""
        return next(action for action in self.actions if artifact in action.outputs)

    def project(self, action: Action) -> Resource:
        """The build project of a CodeBuild action."""
        name = action.configuration["ProjectName"]
        for project in self.projects:
            if project.names.name == name:
                return project
        raise UsageError(message=f"{action.title} of {self.pipeline.names.name} builds with {name}, which is no project"
                                 " of this assembly")

    def artifact(self, name: str) -> str:
        """Object key of an artifact; its end is random."""
        return f"{self.folder}/{name[:ARTIFACT_NAME]}/*"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything that needs and nevers are read from."""

    assembly: Assembly
    platform: tuple[Resource, ...] = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    controls: Controls | None = field(default=None, repr=False)

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        return (*self.platform, *(resource for line in self.lines for resource in line.service))

    @cached_property
    def in_force(self) -> InForce:
        return collect(self.resources)

    @cached_property
    def _owners(self) -> Mapping[str, str]:
        return {r.names.name: r.home.account for r in of_type(self.resources, "AWS::S3::Bucket")}

    def owner_of(self, bucket: str) -> str:
        """The account whose template makes a bucket; empty for buckets of nobody here."""
        return self._owners.get(bucket, "")

    def key_of(self, bucket: str) -> str:
        """ARN of the key that a bucket here encrypts with unless told otherwise; empty where that is no KMS key."""
        for resource in of_type(self.resources, "AWS::S3::Bucket"):
            if resource.names.name == bucket:
                rules = (resource.properties.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration", ())
                default: Mapping[str, Any] = next(
                    (rule["ServerSideEncryptionByDefault"] for rule in rules), {})
                key, home = str(default.get("KMSMasterKeyID", "")), resource.home
                if key and not key.startswith("arn:"):
                    key = f"arn:{home.partition}:kms:{home.region}:{home.account}:key/{key}"
                return key
        return ""

    def owner(self, bucket: str) -> str:
        """The account that owns a bucket; the shared one for buckets of nobody here."""
        return self._owners.get(bucket, self.assembly.accounts[self.assembly.shared])


def scene(assembly: Assembly, texts: Mapping[str, str], sources: Mapping[str, Source], contract: str) -> Scene:
    """Deploy an assembly on paper.

    texts     template path -> its text
    sources   service -> its template; one that is absent is taken to declare nothing
    contract  text of the template that declares all that a service may declare
    """
    stacks = platform_stacks(assembly, texts)
    platform = tuple(resource for stack in stacks.values() for resource in stack.resources)
    lines = [
        _line(pipeline, platform, sources, contract) for pipeline in of_type(platform, "AWS::CodePipeline::Pipeline")
    ]
    return Scene(assembly=assembly, platform=platform, lines=tuple(lines))


def _line(
    pipeline: Resource, platform: tuple[Resource, ...], sources: Mapping[str, Source], contract: str
) -> Line:
    properties = pipeline.properties
    actions = tuple(_actions(properties))
    used = {a.configuration.get("ProjectName") for a in actions}
    projects = tuple(p for p in of_type(platform, "AWS::CodeBuild::Project") if p.names.name in used)
    source = sources.get(pipeline.home.service)
    policies = tuple(of_type(platform, "AWS::IAM::ManagedPolicy"))
    made = [_services(action, pipeline, projects, source, contract, policies) for action in actions]
    return Line(
        pipeline=pipeline, actions=actions, bucket=properties["ArtifactStore"]["Location"],
        folder=pipeline.names.name[:ARTIFACT_FOLDER],
        key=(properties["ArtifactStore"].get("EncryptionKey") or {}).get("Id", ""), projects=projects,
        service=tuple(r for one in made for r in one.service), contract=tuple(r for one in made for r in one.contract),
        transforms=tuple(dict.fromkeys(name for one in made for name in one.transforms)),
        unread=tuple(problem for one in made for problem in one.unread),
    )


def _actions(properties: Mapping[str, Any]) -> Iterator[Action]:
    for stage in properties["Stages"]:
        for action in stage["Actions"]:
            kind = action["ActionTypeId"]
            yield Action(
                stage=stage["Name"], name=action["Name"], provider=kind["Provider"], category=kind["Category"],
                configuration=action.get("Configuration") or {}, role=action.get("RoleArn", ""),
                inputs=tuple(a["Name"] for a in action.get("InputArtifacts") or ()),
                outputs=tuple(a["Name"] for a in action.get("OutputArtifacts") or ()),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Services:
    """What one CloudFormation action deploys."""

    service: tuple[Resource, ...] = ()
    contract: tuple[Resource, ...] = ()
    transforms: tuple[str, ...] = ()
    unread: tuple[Problem, ...] = ()


def _services(
    action: Action, pipeline: Resource, projects: tuple[Resource, ...], source: Source | None, contract: str,
    policies: tuple[Resource, ...],
) -> _Services:
    """What a CloudFormation action makes of the service's template, and of the contract's. `policies`: those of the
    platform, which roles may carry."""
    settings = action.configuration
    if action.provider != "CloudFormation" or "TemplatePath" not in settings:
        return _Services()
    home = Home(
        id=f"{pipeline.home.service}/{pipeline.home.environment}", name=settings["StackName"],
        account=(action.role or settings["RoleArn"]).split(":")[4], region=pipeline.home.region,
        environment=pipeline.home.environment, service=pipeline.home.service, ours=False,
    )
    given = json.loads(settings.get("ParameterOverrides", "{}"))
    place = packaging.Place(bucket=pipeline.properties["ArtifactStore"]["Location"],
                            prefix=next((environment(p).get("PACKAGE_PREFIX", "") for p in projects), ""))

    def on_paper(text: str, file: str) -> tuple[Resource, ...]:
        document = parsed(text, file)
        return deploy(home, document, given, packaging.packaged(document.body, place)).resources

    promised = on_paper(contract, "the contract of services")
    if source is None:
        return _Services(contract=promised, transforms=(SERVERLESS,))
    try:
        made = on_paper(source.text, source.file)
        transforms = tuple(declared(parsed(source.text, source.file).body))
        unread = tuple(_refused(made, policies))
    except TemplateError as error:
        made, transforms, unread = (), (SERVERLESS,), error.problems
    return _Services(service=() if unread else made, contract=promised, transforms=transforms, unread=unread)


def _refused(resources: tuple[Resource, ...], policies: tuple[Resource, ...]) -> Iterator[Problem]:
    """What CloudFormation, or IAM, would refuse in a service's resources."""
    for resource in resources:
        for problem in schema.check(resource.type, resource.properties):
            yield Problem(resource.position(), f"{resource.logical_id}: {problem}")
    try:
        collect((*policies, *resources))
    except TemplateError as error:
        yield from error.problems
    except PolicyError as error:
        where: Any = error.facts.get("position")
        yield Problem(where or resources[0].position(), str(error))


def environment(project: Resource) -> Mapping[str, str]:
    """Environment variables of a build project."""
    listed = project.properties["Environment"].get("EnvironmentVariables") or ()
    return {variable["Name"]: str(variable["Value"]) for variable in listed}
