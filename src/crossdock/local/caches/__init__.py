"""Amazon ElastiCache: a real Valkey or Redis behind the replication groups that the store keeps."""

from crossdock.local.caches.caches import Caches

__all__ = ["Caches"]
