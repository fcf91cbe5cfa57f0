"""What the local AWS holds in an account, by name: what is there after a deletion and was not before is left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.core.base_backend import BackendDict

_SHOWN = frozenset({
    "ec2.reservations", "ec2.instances", "ec2.nat_gateways", "ec2.vpc_end_points", "ec2.vpc_pcxs", "ec2.tags",
    "ecs.clusters", "ecs.services", "ecs.task_definitions", "ecs.capacity_providers", "kms.keys",
    "codebuild.builds", "stepfunctions.executions", "events.failures", "events.pending", "appconfig.sessions",
})  # fmt: skip
"""Where what is deleted is still shown, as on AWS: terminated, inactive, pending deletion, done."""
_NO_RESOURCES = frozenset({
    "ec2.amis", "ec2.groups", "ec2.eni_store", "cloudwatch.metric_data", "ecr.registry_scanning_configuration",
    "ecr.replication_config", "route53.delegation_sets", "apigateway.log_roles",
})  # fmt: skip
_ENGINES = ("cloudformation", "organizations")
"""They keep what was, and their own tests look at that."""


def held(world: Any, account: str, region: str) -> frozenset[str]:
    """`service.collection: name` of everything that is kept for an account in a region, or for all regions. What comes
    with an account, or stands there for a test, is left out."""
    found = (*_of_store(account, region), *_of_engines(world))
    return frozenset(f"{place}: {name}" for place, name in found
                     if not name.startswith(("default", "layers-")) and not name.endswith("/default"))


def left(before: frozenset[str], after: frozenset[str]) -> list[str]:
    """What is there now and was not before, in services that had been used before: a service's first use brings what
    every account has."""
    used = {entry.partition(".")[0] for entry in before}
    return sorted(entry for entry in after - before if entry.partition(".")[0] in used)


def _of_store(account: str, region: str) -> Iterator[tuple[str, str]]:
    for backends in list(BackendDict._instances):
        if account not in backends:
            continue
        for where, backend in list(backends[account].items()):
            if where in (region, "aws", "global"):
                yield f"{backends.service_name}.used", where
                yield from _collections(backends.service_name, vars(backend))


def _of_engines(world: Any) -> Iterator[tuple[str, str]]:
    for service, engine in world._engines.items():
        state = getattr(engine, "state", None)
        if service in _ENGINES or state is None:
            continue
        own = {"all": state} if isinstance(state, Mapping) else {
            name: getattr(state, name) for name in type(state).__slots__}
        yield from _collections(service, own)


def _collections(service: str, members: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in members.items():
        place = f"{service}.{name}"
        if isinstance(value, Mapping) and not name.startswith("_") and place not in _SHOWN | _NO_RESOURCES:
            yield from ((place, str(key)) for key in list(value))
