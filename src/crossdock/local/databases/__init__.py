"""Amazon RDS: real PostgreSQL servers behind the clusters and instances that the store keeps."""

from crossdock.local.databases.databases import Databases

__all__ = ["Databases"]
