"""Platform -> the stacks that deliver it, in order, each parameter wired.

    logs -> artifacts -+-> stack sets -+
    bootstrap (target account) --------+-> targets of each environment -+
                       +-> infrastructure of each (target account)      |
                       +-> build of each service and environment -------+-> pipeline of each of these
    repository of each service -----------------------------------------+
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import PurePosixPath

from crossdock import library
from crossdock.compose import assets, extending, names
from crossdock.compose.assets import template_path
from crossdock.compose.infrastructure import stack as infrastructure
from crossdock.model.assembly import Asset, Literal, Output, Stack
from crossdock.model.infrastructure import Infrastructure
from crossdock.model.platform import Environment, Extension, Platform, Service
from crossdock.template import load

Value = Literal | Output
_IAM = ("CAPABILITY_NAMED_IAM",)
_NESTED = (*_IAM, "CAPABILITY_AUTO_EXPAND")

LOGS, ARTIFACTS, STACK_SETS = "shared/logs", "shared/artifacts", "shared/stack-sets"
NOTICE_KEY, NOTICES = "shared/notice-key", "shared/notices"
SHARED = "shared"
"""What stands for the environment in names of what the shared account has one of."""


def repository_id(service: Service) -> str:
    return f"shared/repository/{service.name}"


def bootstrap_id(account: str) -> str:
    return f"{account}/bootstrap"


def targets_id(environment: Environment) -> str:
    return f"shared/targets/{environment.name}"


def infrastructure_id(environment: Environment) -> str:
    return f"{environment.account}/infrastructure/{environment.name}"


def build_id(environment: Environment, service: Service) -> str:
    return f"shared/build/{environment.name}/{service.name}"


def pipeline_id(environment: Environment, service: Service) -> str:
    return f"shared/pipeline/{environment.name}/{service.name}"


def stacks(platform: Platform, templates: Mapping[str, str]) -> Iterator[Stack]:
    """Every stack, each after those whose outputs it takes. `templates` by the path that `Stack.template` names."""
    make = _Maker(platform, templates)
    shared = ("accounts", platform.shared.name)
    yield make.shared("logs", "foundation/logs", {"Platform": platform.name}, source=shared, keep=True)
    yield make.shared("artifacts", "foundation/artifacts", _artifacts(platform), source=shared, keep=True)
    for service in platform.services:
        values = {"Platform": platform.name, "Service": service.name}
        yield make.shared(
            f"repository/{service.name}", "delivery/repository", values, source=("services", service.name), keep=True
        )
    for account in platform.targets:
        yield make.stack(
            account.name, "bootstrap", "foundation/bootstrap", _bootstrap(platform), tags={}, capabilities=_IAM,
            source=("accounts", account.name),
        )
    code = assets.code("stack_set")
    yield make.shared(
        "stack-sets", "foundation/stack-sets", _stack_sets(platform, code), source=shared, capabilities=_IAM,
        found=code,
    )
    yield from make.notices()
    for environment in platform.environments:
        yield make.targets(environment)
        if environment.infrastructure is not None:
            yield make.infrastructure(environment, environment.infrastructure)
    for extension in platform.extensions:
        for environment in extending.environments(platform, extension):
            yield make.extension(environment, extension)
    for environment in platform.environments:
        for service in platform.services:
            tags, source = {"environment": environment.name, "service": service.name}, ("services", service.name)
            yield make.shared(
                f"build/{environment.name}/{service.name}", "delivery/build", _build(platform, environment, service),
                source=source, tags=tags, capabilities=_IAM,
            )
            yield make.shared(
                f"pipeline/{environment.name}/{service.name}", "delivery/pipeline",
                _pipeline(platform, environment, service), source=source, tags=tags, capabilities=_IAM,
            )


class _Maker:
    """Makes stacks of one platform."""

    def __init__(self, platform: Platform, templates: Mapping[str, str]) -> None:
        self.platform, self.templates = platform, templates
        self._by_name = {name: templates[template_path(name)] for name in library.names()}

    def shared(
        self, purpose: str, template: str, values: Mapping[str, str | Value], *, source: tuple[str, ...],
        tags: Mapping[str, str] | None = None, capabilities: tuple[str, ...] = (), keep: bool = False,
        found: tuple[Asset, ...] = (), after: tuple[str, ...] = (),
    ) -> Stack:
        return self.stack(
            self.platform.shared.name, purpose, template, values, source=source, tags=tags or {},
            capabilities=capabilities, keep=keep, found=found, after=after,
        )

    def notices(self) -> Iterator[Stack]:
        """Who is told what becomes of deliveries, where the platform names anybody."""
        told, source = self.platform.notifications, ("notifications",)
        if told is None or not told.email:
            return
        naming = {"Platform": self.platform.name, "Environment": SHARED}
        yield self.shared("notice-key", "security/notice-key", naming, source=source, keep=True)
        wired = {**naming, "NoticeEmails": ",".join(told.email), **_outputs(NOTICE_KEY, "NoticeKeyArn")}
        yield self.shared("notices", "observability/notices", wired, source=source, capabilities=_NESTED)
        rules: dict[str, str | Value] = {"Platform": self.platform.name, **_outputs(NOTICES, "NoticeTopicArn")}
        yield self.shared("pipeline-notices", "observability/pipeline-notices", rules, source=source)

    def targets(self, environment: Environment) -> Stack:
        """The stack sets of an environment, with the templates of their instances."""
        found = assets.templates(infrastructure.nested(self._by_name, "delivery/targets"), self._by_name)
        return self.shared(
            f"targets/{environment.name}", "delivery/targets",
            _targets(self.platform, environment, assets.prefix(found)),
            source=("environments", environment.name), tags={"environment": environment.name}, found=found,
            after=(bootstrap_id(environment.account),),
        )

    def infrastructure(self, environment: Environment, held: Infrastructure) -> Stack:
        """The root stack of an environment's infrastructure, with the templates that it nests."""
        found = assets.templates(infrastructure.nested(self._by_name), self._by_name)
        return self.stack(
            environment.account, f"infrastructure/{environment.name}", infrastructure.ROOT,
            infrastructure.parameters(self.platform, environment, held, assets.prefix(found)),
            source=("environments", environment.name), tags={"environment": environment.name}, capabilities=_NESTED,
            found=found, after=(ARTIFACTS,),
        )

    def extension(self, environment: Environment, extension: Extension) -> Stack:
        """A stack of the user's own in one environment."""
        outputs = load(self._by_name[infrastructure.ROOT], infrastructure.ROOT).body["Outputs"]
        values, taken = extending.wired(self.platform, environment, extension, outputs)
        return self.stack(
            environment.account, f"extend/{environment.name}/{extension.name}", extending.path(extension),
            {**values, **_outputs(infrastructure_id(environment), *taken)}, capabilities=_NESTED,
            source=("extend", extension.name), tags={"environment": environment.name},
        )

    def stack(
        self, account: str, purpose: str, template: str, values: Mapping[str, str | Value], *, source: tuple[str, ...],
        tags: Mapping[str, str], capabilities: tuple[str, ...] = (), keep: bool = False,
        found: tuple[Asset, ...] = (), after: tuple[str, ...] = (),
    ) -> Stack:
        parameters = {k: Literal(value=v) if isinstance(v, str) else v for k, v in values.items()}
        path = template if template in self.templates else template_path(template)
        return Stack(
            id=f"{account}/{purpose}",
            name=f"{self.platform.name}-{purpose.replace('/', '-')}",
            account=account,
            account_id=self.platform.account(account).id,
            region=self.platform.region,
            template=path,
            sha256=sha256(self.templates[path].encode()).hexdigest(),
            parameters=parameters,
            capabilities=capabilities,
            tags={"platform": self.platform.name, **tags},
            after=tuple(dict.fromkeys([*after, *(v.stack for v in parameters.values() if isinstance(v, Output))])),
            protected=keep,
            assets=found,
            source=source_of(self.platform, *source),
        )


def source_of(platform: Platform, *path: str) -> str:
    """`crossdock.yaml:12`: the line that caused something, whatever folder the file was read from."""
    position = platform.position(*path)
    return f"{PurePosixPath(position.file).name}:{position.line}"


def _outputs(stack: str, *outputs: str) -> dict[str, str | Value]:
    """Parameters that take the outputs of the same name."""
    return {name: Output(stack=stack, name=name) for name in outputs}


def _artifacts(platform: Platform) -> dict[str, str | Value]:
    region, accounts = platform.region, {e.account: platform.account(e.account).id for e in platform.environments}
    roles = [
        names.role_arn(region, accounts[e.account], f"{platform.name}-{e.name}-*") for e in platform.environments
    ]
    return {
        "Platform": platform.name,
        "OrganizationId": platform.organization,
        "ReaderAccountIds": ",".join(accounts.values()),
        "ReaderRoleArns": ",".join(roles),
        **_outputs(LOGS, "LogBucketName"),
    }


def _bootstrap(platform: Platform) -> dict[str, str | Value]:
    return {
        "Platform": platform.name, "SharedAccountId": platform.shared.id, "OrganizationId": platform.organization,
    }


def _stack_sets(platform: Platform, code: tuple[Asset, ...]) -> dict[str, str | Value]:
    def roles(purpose: str) -> str:
        name = f"{platform.name}-stack-set-{purpose}"
        return ",".join(names.role_arn(platform.region, account.id, name) for account in platform.targets)

    return {
        "Platform": platform.name,
        "ExecutionRoleArns": roles("execution"),
        "ReaderRoleArns": roles("reader"),
        **_outputs(ARTIFACTS, "ArtifactBucketName"),
        "AssetPrefix": assets.prefix(code),
    }


def _targets(platform: Platform, environment: Environment, prefix: str) -> dict[str, str | Value]:
    return {
        "Platform": platform.name,
        "Environment": environment.name,
        "TemplatePrefixUrl": names.object_url(platform.name, platform.shared.id, platform.region, prefix),
        "TargetAccountIds": platform.account(environment.account).id,
        "TargetRegions": platform.region,
        **_outputs(STACK_SETS, "StackSetFunctionArn", "StackSetAdministrationRoleArn"),
        "OrganizationId": platform.organization,
        **_outputs(ARTIFACTS, "ArtifactBucketName", "ArtifactKeyArn"),
        "ArtifactFolderPrefix": names.artifact_folders(platform.name, environment.name),
    }


def _delivery(platform: Platform, environment: Environment, service: Service) -> dict[str, str | Value]:
    """What the build and the pipeline of a service into an environment both are told."""
    return {
        "Platform": platform.name,
        "Environment": environment.name,
        "Service": service.name,
        **_outputs(ARTIFACTS, "ArtifactBucketName", "ArtifactKeyArn"),
        "ArtifactFolder": names.artifact_folder(names.base(platform.name, environment.name, service.name)),
        "ConfigurationPrefix": names.configuration_prefix(environment.name, service.name),
    }


def _build(platform: Platform, environment: Environment, service: Service) -> dict[str, str | Value]:
    return _delivery(platform, environment, service) | {
        "PackagePrefix": names.package_prefix(environment.name, service.name),
        "BuildSpecPath": service.buildspec,
        **_outputs(LOGS, "LogBucketName"),
    }


def _pipeline(platform: Platform, environment: Environment, service: Service) -> dict[str, str | Value]:
    return _delivery(platform, environment, service) | {
        **_outputs(repository_id(service), "RepositoryName"),
        "BranchName": environment.branch,
        **_outputs(build_id(environment, service), "BuildProjectName"),
        **_outputs(targets_id(environment), "DeploymentRoleArn", "ExecutionRoleArn", "PermissionsBoundaryArn"),
        "Approval": "required" if environment.approval else "not-required",
    }
