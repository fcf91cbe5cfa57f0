"""What is known of a function: configuration, versions, aliases, who may invoke it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

LATEST = "$LATEST"


@dataclass(slots=True, kw_only=True)
class Version:
    """One version of a function's configuration and code. `$LATEST` changes, published ones do not.

    code       directory name of the unpacked package, below the function's folder
    settings   the API's own members (Runtime, Handler, Timeout, ...)
    """

    version: str
    code: str
    code_sha256: str
    code_size: int
    settings: dict[str, Any]
    revision: str
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True, kw_only=True)
class Alias:
    name: str
    version: str
    description: str = ""
    routing: dict[str, float] = field(default_factory=dict)
    revision: str = ""


@dataclass(slots=True, kw_only=True)
class Function:
    """A function with all its versions. `policies`: qualifier (empty for none) -> statements of its resource policy."""

    name: str
    account: str
    region: str
    arn: str
    versions: dict[str, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    policies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    concurrency: int | None = None

    @property
    def latest(self) -> Version:
        return self.versions[LATEST]


Key = tuple[str, str, str]
"""(account, region, name)"""
