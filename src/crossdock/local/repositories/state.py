"""What CodeCommit remembers beside git's own files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class Repository:
    """One repository; its objects and references are git's, in a bare repository on disk.

    default_branch  empty until the first push
    """

    account: str
    region: str
    name: str
    arn: str
    id: str
    created: datetime
    modified: datetime
    description: str = ""
    default_branch: str = ""
    kms_key: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """All repositories, by ARN."""

    repositories: dict[str, Repository] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Remote:
    """A repository at a host: `host` as in its URL, `name` with its owner (`octocat/hello`)."""

    host: str
    name: str
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    default_branch: str = ""


@dataclass(slots=True, kw_only=True)
class Connection:
    """`host`: the name in the URLs of its repositories."""

    arn: str
    name: str
    account: str
    provider: str
    host: str
    host_arn: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Host:
    """An installation of a git host of one's own."""

    arn: str
    name: str
    provider: str
    endpoint: str
    vpc: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Hosts:
    """Connections and hosts by ARN; repositories that stand in for remote ones, by `host/owner/name`."""

    connections: dict[str, Connection] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    remotes: dict[str, Remote] = field(default_factory=dict)
