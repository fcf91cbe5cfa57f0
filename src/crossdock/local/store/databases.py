"""What the store's RDS was asked for, as far as a PostgreSQL server follows from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend

_CLUSTERS, _INSTANCES = frozenset({"aurora-postgresql"}), frozenset({"postgres"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One database server that RDS was asked for.

    key      its resource id, which no other has, before or after
    runs     whether there is an instance that answers and nobody stopped it
    tls      whether its parameter group refuses connections without (rds.force_ssl)
    """

    key: str
    name: str
    engine: str
    version: str
    user: str
    password: str
    database: str
    runs: bool
    tls: bool


def asked(account: str, region: str) -> tuple[Asked, ...]:
    """Every PostgreSQL of an account and region. Call it with the store's lock."""
    backend = get_backend("rds")[account][region]
    clusters = [_cluster(backend, held) for held in backend.clusters.values() if held.engine in _CLUSTERS]
    return (*clusters, *(_instance(backend, held) for held in backend.databases.values()
                         if held.engine in _INSTANCES and not getattr(held, "db_cluster_identifier", None)))


def tell(account: str, region: str, places: Mapping[str, tuple[str, int]]) -> None:
    """Where each server, by key, really is: what RDS answers from now on. Call it with the store's lock."""
    backend = get_backend("rds")[account][region]
    for cluster in backend.clusters.values():
        if cluster.db_cluster_resource_id in places:
            for held in (cluster, *cluster.members):
                held.host_here, held.port = places[cluster.db_cluster_resource_id]
    for instance in backend.databases.values():
        if instance.dbi_resource_id in places:
            instance.host_here, instance.port = places[instance.dbi_resource_id]


def _cluster(backend: Any, held: Any) -> Asked:
    up = [member for member in held.members if member.status not in ("stopped", "stopping")]
    group = backend.db_cluster_parameter_groups.get(held.parameter_group or "")
    return Asked(
        key=held.db_cluster_resource_id, name=held.db_cluster_identifier, engine=held.engine,
        version=held.engine_version, user=held.master_username, password=_password(held),
        database=held.database_name or "", runs=bool(up) and held._status != "stopped",
        tls=_forces_tls(group, unsaid=_major(held) >= 17),
    )  # fmt: skip


def _instance(backend: Any, held: Any) -> Asked:
    group = backend.db_parameter_groups.get(held.db_parameter_group_name or "")
    return Asked(
        key=held.dbi_resource_id, name=held.db_instance_identifier, engine=held.engine, version=held.engine_version,
        user=held.master_username, password=_password(held), database=held.db_name or "",
        runs=held.status not in ("stopped", "stopping"), tls=_forces_tls(group, unsaid=_major(held) >= 15),
    )  # fmt: skip


def _password(held: Any) -> str:
    """As given, or as Secrets Manager keeps it."""
    if not held.manage_master_user_password:
        return str(getattr(held, "_master_user_password", None) or getattr(held, "master_user_password", ""))
    secret = held.master_user_secret.secretsmanager.secrets[held.master_user_secret.secret_arn]
    current = next(one for one in secret.versions.values() if "AWSCURRENT" in one["version_stages"])
    return str(json.loads(current["secret_string"])["password"])


def _major(held: Any) -> int:
    return int(str(held.engine_version).partition(".")[0])


def _forces_tls(group: Any, *, unsaid: bool) -> bool:
    """`unsaid`: what a version does by itself (RDS User Guide, "Requiring an SSL connection to a PostgreSQL DB
    instance": from 15 on; Aurora User Guide, "Securing Aurora PostgreSQL data with SSL/TLS": from 17 on)."""
    said = group.parameters.get("rds.force_ssl", {}) if group is not None else {}
    value = said.get("ParameterValue")
    return unsaid if value is None else str(value) == "1"
