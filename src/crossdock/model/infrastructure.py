"""Infrastructure: what an environment holds beside its services. Made by `compose.read`, one for each environment.

A part that is None is not there. Defaults are those of a small environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Nat(StrEnum):
    """How private subnets reach the internet: not at all, through one gateway, or through one in each zone."""

    NONE = "none"
    SINGLE = "single"
    PER_ZONE = "per-zone"


class Cache(StrEnum):
    """What answers a cache's protocol."""

    VALKEY = "valkey"
    REDIS = "redis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A VPC. `zones`: how many availability zones it spans; each has a public, a private and an isolated subnet."""

    cidr: str = "10.0.0.0/16"
    zones: int = 2
    nat: Nat = Nat.SINGLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Aurora:
    """An Aurora PostgreSQL cluster.

    engine     its version, such as `15.10`
    capacity   fewest and most Aurora capacity units (2 GiB each), by halves
    backups    days for which backups are kept
    protected  it refuses to be deleted
    """

    engine: str = "16.6"
    capacity: tuple[float, float] = (0.5, 4.0)
    backups: int = 7
    protected: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheCluster:
    """An ElastiCache replication group: one primary node and `nodes - 1` replicas."""

    engine: Cache = Cache.VALKEY
    nodes: int = 1
    type: str = "cache.t4g.micro"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """An OpenSearch domain of `instances` data nodes."""

    instances: int = 1
    type: str = "t3.small.search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Infrastructure:
    """Everything of one environment. `zones`: names of S3 buckets, a key each; `retention`: days that logs are kept."""

    network: Network | None = None
    bastion: bool = False
    aurora: Aurora | None = None
    cache: CacheCluster | None = None
    search: Search | None = None
    zones: tuple[str, ...] = ()
    retention: int = 90
