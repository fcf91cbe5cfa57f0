"""Platform -> Assembly: pure, the same platform gives the same assembly, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from crossdock import library
from crossdock.compose import declared, extending, names, readers, room, stacks, unbuilt
from crossdock.compose.assets import code_path, template_path
from crossdock.compose.infrastructure.stack import ROOT
from crossdock.errors import PlatformError, Problem
from crossdock.model.assembly import Assembly, Delivery
from crossdock.model.codec import digest
from crossdock.model.platform import Platform
from crossdock.template import load

LONGEST_POLICY = 20 * 1024
"""Bytes of a bucket policy (S3 User Guide, bucket policies)."""
LONGEST_PARAMETER = 4096
"""Characters of a stack parameter's value (CloudFormation quotas)."""
_STATEMENT = 560
"""What one reader's statement takes at most as JSON: 330 of its own, ids and ARNs of the longest names."""


def compose(platform: Platform) -> Assembly:
    """Everything that should exist for a platform.

    Raises PlatformError for each key that can't be composed yet, and where AWS has no room for so many readers.
    """
    outputs = load(library.load(ROOT), ROOT).body["Outputs"] if platform.extensions else {}
    problems = [*unbuilt.problems(platform), *declared.problems(platform), *room.problems(platform), *_limits(platform),
                *extending.problems(platform, outputs)]
    if problems:
        raise PlatformError(problems, what=platform.position().file)
    return Assembly(
        platform=platform.name,
        organization=platform.organization,
        region=platform.region,
        shared=platform.shared.name,
        accounts={account.name: account.id for account in platform.accounts},
        stacks=tuple(stacks.stacks(platform, templates(platform))),
        deliveries=tuple(_deliveries(platform)),
        # Where a value stands is no part of what it says.
        platform_digest=digest(replace(platform, positions={})),
    )


def templates(platform: Platform) -> Mapping[str, str]:
    """The text of every template that the platform's stacks use, by its path in the assembly."""
    texts = {template_path(name): library.load(name) for name in library.names()}
    artifacts, boundary = template_path("foundation/artifacts"), template_path("delivery/boundary")
    return texts | {
        artifacts: readers.written(texts[artifacts], platform), boundary: room.written(texts[boundary], platform),
    } | {extending.path(extension): extension.text for extension in platform.extensions}


def sources(platform: Platform, root: Path) -> Mapping[str, str]:
    """The user's own templates: path in the assembly -> the file below `root` that it was taken from."""
    return {extending.path(one): str(root / one.template) for one in platform.extensions}


def files(platform: Platform) -> Mapping[str, bytes]:
    """Everything that stacks are made of, by its path in the assembly: templates, and the code of functions."""
    texts = {path: text.encode() for path, text in templates(platform).items()}
    return texts | {code_path(name): library.code(name) for name in library.functions()}


def _deliveries(platform: Platform) -> Iterator[Delivery]:
    for environment in platform.environments:
        for service in platform.services:
            base = names.base(platform.name, environment.name, service.name)
            yield Delivery(
                service=service.name,
                environment=environment.name,
                kind=service.kind.value,
                account=environment.account,
                account_id=platform.account(environment.account).id,
                region=platform.region,
                repository=names.repository(platform.name, service.name),
                branch=environment.branch,
                pipeline=base,
                stack=base,
                source=service.source,
                approval=environment.approval,
                checks=service.checks,
                needs=declared.declared(platform, environment, service),
            )


def _limits(platform: Platform) -> Iterator[Problem]:
    count = len(platform.environments) * (len(platform.services) + 2)
    most = LONGEST_POLICY // _STATEMENT
    if count > most:
        yield Problem(
            platform.position("services"),
            f"{len(platform.services)} services in {len(platform.environments)} environments need {count} statements in"
            f" the artifact bucket's policy, which has room for {most}", "split the platform in two",
        )
