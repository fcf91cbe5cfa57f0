"""What the store's ElastiCache was asked for, as far as a Valkey or Redis server follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moto.backends import get_backend


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One replication group. `key` is its id; `plain`: without shards, and without users of its own."""

    key: str
    engine: str
    password: str
    tls: bool
    plain: bool


def asked(account: str, region: str) -> tuple[Asked, ...]:
    """Every replication group of an account and region. Call it with the store's lock."""
    return tuple(
        Asked(key=group.replication_group_id, engine=group.engine, password=getattr(group, "token_here", None) or "",
              tls=bool(group.transit_encryption_enabled), plain=not group.cluster_enabled and not group.user_group_ids)
        for group in get_backend("elasticache")[account][region].replication_groups.values()
    )  # fmt: skip


def tell(account: str, region: str, places: Mapping[str, tuple[str, int]]) -> None:
    """Where each server, by key, really is: what ElastiCache answers from now on. Call it with the store's lock."""
    groups = get_backend("elasticache")[account][region].replication_groups
    for key, (host, port) in places.items():
        if key in groups:
            [node] = groups[key].node_groups
            for name in ("primary_endpoint", "reader_endpoint"):
                node[name] = {"address": host, "port": port}
            for member in node["node_group_members"]:
                member["read_endpoint"] = {"address": host, "port": port}
