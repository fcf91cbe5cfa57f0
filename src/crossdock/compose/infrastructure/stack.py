"""What an environment's root stack is told, and the templates that it nests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network

from crossdock.compose import names
from crossdock.compose.assets import nested_in
from crossdock.model.infrastructure import Infrastructure, Nat
from crossdock.model.platform import Environment, Platform, ServiceKind

ROOT = "environment/root"
_SIXTEENTH = 4
"""Bits by which a subnet is smaller than its VPC: room for sixteen, of which three in each of three zones are used."""
_BASTION = "t4g.nano"
_WITHOUT_INTERNET = ("ecr.api", "ecr.dkr", "ec2messages", "logs", "secretsmanager", "ssm", "ssmmessages")
"""What machines and tasks ask for when nothing leads from their subnets to the internet (ECS Developer Guide, VPC
endpoints; Systems Manager User Guide, VPC endpoints)."""


def nested(templates: Mapping[str, str], name: str = ROOT) -> Iterator[str]:
    """Names of the templates below one, each once. `templates`: name -> text."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        for inner in nested_in(templates[waiting.pop()]):
            if inner not in found:
                found[inner] = None
                waiting.append(inner)
    yield from sorted(found)


def parameters(platform: Platform, environment: Environment, held: Infrastructure, prefix: str) -> dict[str, str]:
    """The root stack's parameters. `prefix`: below which key the nested templates lie in the artifact bucket."""
    network = held.network
    if network is None:
        raise ValueError(f"{environment.name} has no network")
    return {
        "Platform": platform.name,
        "Environment": environment.name,
        "TemplatePrefixUrl": names.object_url(platform.name, platform.shared.id, platform.region, prefix),
        "VpcCidr": network.cidr,
        "SubnetHostBits": str(32 - IPv4Network(network.cidr).prefixlen - _SIXTEENTH),
        "ZoneCount": str(network.zones),
        "NatGateways": network.nat.value,
        "InterfaceEndpointServices": ",".join(_endpoints(platform.region)) if network.nat is Nat.NONE else "",
        "BastionInstanceType": _BASTION if held.bastion else "",
        "TaskCluster": "fargate" if any(s.kind is ServiceKind.TASK for s in platform.services) else "none",
        "SharedAccountId": platform.shared.id,
        **_data(held, network.zones),
        "DataZoneNames": ",".join(held.zones),
        "OrganizationId": platform.organization,
        "NoticeEmails": ",".join(platform.notifications.email) if platform.notifications else "",
        "LogRetentionDays": str(held.retention),
    }


def _data(held: Infrastructure, zones: int) -> dict[str, str]:
    found = {"AuroraEngineVersion": "", "CacheEngine": "none", "SearchInstances": "0"}
    if held.aurora:
        least, most = held.aurora.capacity
        found |= {
            "AuroraEngineVersion": held.aurora.engine, "AuroraMinCapacity": f"{least:g}",
            "AuroraMaxCapacity": f"{most:g}", "AuroraBackupDays": str(held.aurora.backups),
            "AuroraDeletionProtection": str(held.aurora.protected).lower(),
        }
    if held.cache:
        found |= {"CacheEngine": held.cache.engine.value, "CacheNodeType": held.cache.type,
                  "CacheNodes": str(held.cache.nodes)}
    if held.search:
        found |= {"SearchInstances": str(held.search.instances), "SearchInstanceType": held.search.type,
                  "SearchZones": str(spread(held.search.instances, zones))}
    return found


def spread(instances: int, zones: int) -> int:
    """Zones among which instances of OpenSearch stand evenly."""
    return next(count for count in range(zones, 0, -1) if instances % count == 0)


def _endpoints(region: str) -> Iterator[str]:
    for service in _WITHOUT_INTERNET:
        china = region.startswith("cn-") and service.startswith("ecr")
        yield f"{'cn.' if china else ''}com.amazonaws.{region}.{service}"
