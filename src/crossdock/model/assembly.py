"""Assembly: what should exist, in order, parameters wired. Made by `compose` from a Platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from crossdock.model.codec import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A parameter's value, known when composing."""

    TAGGED: ClassVar[bool] = True
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A parameter's value: an output of another stack of the assembly, known once that stack exists."""

    TAGGED: ClassVar[bool] = True
    stack: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file that a stack takes from the artifact bucket, such as a nested template.

    path    relative to the assembly's directory
    key     of its object in the bucket; it holds the digest of all assets, so that a rollback finds those it had
    sha256  digest of the file's bytes
    """

    path: str
    key: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One CloudFormation stack in one account and region.

    id        unique in the assembly and stable: `<account>/<purpose>`, e.g. `shared/foundation`
    template  path of its template, relative to the assembly's directory
    sha256    digest of that template's bytes
    assets    what must lie in the artifact bucket before the stack is changed
    source    the `file:line` of crossdock.yaml that caused it
    """

    id: str
    name: str
    account: str
    account_id: str
    region: str
    template: str
    sha256: str
    parameters: Mapping[str, Literal | Output] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    protected: bool = False
    assets: tuple[Asset, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One request to a delivered service, and the answer that is right."""

    path: str
    method: str = "GET"
    expect: int = 200
    contains: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a service may do beyond what its kind implies. In an assembly, resources are ARNs; `*` may stand in them."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One service on its way to one environment: repository and branch -> pipeline -> stack in the target account."""

    service: str
    environment: str
    kind: str
    account: str
    account_id: str
    region: str
    repository: str
    branch: str
    pipeline: str
    stack: str
    source: str
    approval: bool
    checks: tuple[Check, ...] = ()
    needs: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """Everything that should exist for one platform. `stacks` are in an order in which each follows what it needs."""

    platform: str
    organization: str
    region: str
    shared: str
    accounts: Mapping[str, str]
    stacks: tuple[Stack, ...]
    deliveries: tuple[Delivery, ...]
    platform_digest: str

    @property
    def digest(self) -> str:
        """Names this assembly in plans, tags and runs."""
        return digest(self)

    def stack(self, id_: str) -> Stack:
        """The stack of this id. KeyError if there is none."""
        for stack in self.stacks:
            if stack.id == id_:
                return stack
        raise KeyError(id_)
