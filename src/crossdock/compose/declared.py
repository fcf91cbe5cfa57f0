"""What services declare that they need (`needs:` of crossdock.yaml), spelled out for each environment.

Resources are ARNs in which names stand as in the service's own template: `${Environment}`, `${AWS::AccountId}` (that of
the environment's account) and the like. `zone:raw` stands for what is in that data zone of the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from crossdock.compose import names
from crossdock.errors import Position, Problem
from crossdock.iam import mistakes
from crossdock.model.assembly import Grant
from crossdock.model.platform import Environment, Platform, Service

ZONE = "zone:"
_ZONES = "arn:${AWS::Partition}:s3:::${Platform}-${Environment}"
_NAME = re.compile(r"\$\{([^}]*)\}")


def declared(platform: Platform, environment: Environment, service: Service) -> tuple[Grant, ...]:
    """The needs of a service in one environment, their resources spelled out."""
    known = values(platform, environment, service)
    return tuple(
        Grant(actions=need.actions,
              resources=tuple(_NAME.sub(lambda m: known[m[1]], spelled(one)) for one in need.resources))
        for need in service.needs
    )


def spelled(resource: str) -> str:
    """The ARN that a need's resource is, its names as they stand in templates."""
    if not resource.startswith(ZONE):
        return resource
    return f"{_ZONES}-{resource.removeprefix(ZONE)}-${{AWS::AccountId}}/*"


def values(platform: Platform, environment: Environment, service: Service) -> Mapping[str, str]:
    """What each name in a resource stands for."""
    return {
        "Platform": platform.name, "Environment": environment.name, "Service": service.name,
        "SharedAccountId": platform.shared.id, "AWS::AccountId": platform.account(environment.account).id,
        "AWS::Region": platform.region, "AWS::Partition": names.partition(platform.region),
    }  # fmt: skip


def problems(platform: Platform) -> Iterator[Problem]:
    """Every need that no policy could grant, where it stands."""
    for service in platform.services:
        for index, need in enumerate(service.needs):
            path = ("services", service.name, "needs", index)
            for i, action in enumerate(need.actions):
                if wrong := mistakes.action(action):
                    yield Problem(platform.position(*path, "actions", i), *wrong)
            for i, resource in enumerate(need.resources):
                yield from _resource(platform, service, resource, platform.position(*path, "resources", i))


def _resource(platform: Platform, service: Service, resource: str, where: Position) -> Iterator[Problem]:
    known = values(platform, platform.environments[0], service)  # any: the names are the same
    if resource.startswith(ZONE):
        zone = resource.removeprefix(ZONE)
        without = [e.name for e in platform.environments if not e.infrastructure or zone not in e.infrastructure.zones]
        if without:
            yield Problem(where, f"there is no zone {zone} in {', '.join(without)}",
                          "add it to `zones` under infrastructure")
    elif unknown := next((name for name in _NAME.findall(resource) if name not in known), ""):
        near = mistakes.nearest(unknown, known)
        yield Problem(where, f"`{resource}` holds ${{{unknown}}}, which stands for nothing", near or (
            f"known are {', '.join(known)}"))
    elif what := mistakes.arn(_NAME.sub(lambda m: known[m[1]], resource)):
        yield Problem(where, what, "such as arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:queue")
