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
    """A function with all its versions. `policies`: qualifier (empty for none) -> statements of its resource policy;
    `asynchronous`: qualifier -> how often and where to (PutFunctionEventInvokeConfig); `urls`: qualifier -> its URL."""

    name: str
    account: str
    region: str
    arn: str
    versions: dict[str, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    policies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    concurrency: int | None = None
    asynchronous: dict[str, dict[str, Any]] = field(default_factory=dict)
    urls: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def latest(self) -> Version:
        return self.versions[LATEST]


Key = tuple[str, str, str]
"""(account, region, name)"""


@dataclass(slots=True, kw_only=True)
class Layer:
    """One version of a layer. `members`: as PublishLayerVersion was given them; `code`: as of a function's version."""

    arn: str
    name: str
    number: int
    code: str
    code_sha256: str
    code_size: int
    members: dict[str, Any]
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    policy: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class EventSource:
    """An event source mapping: what a function is fed from. `positions`: shard -> sequence number of the last record
    that was dealt with."""

    uuid: str
    account: str
    region: str
    function: str
    source: str
    settings: dict[str, Any]
    enabled: bool = True
    result: str = "No records processed"
    positions: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """Layers by the ARN of their version, event sources by UUID."""

    functions: dict[Key, Function] = field(default_factory=dict)
    layers: dict[str, Layer] = field(default_factory=dict)
    sources: dict[str, EventSource] = field(default_factory=dict)
