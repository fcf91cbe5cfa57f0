"""What CodeCommit remembers beside git's own files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


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
