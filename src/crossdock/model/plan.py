"""Plan: what will be done to which stack, bound to the assembly and to the cloud that were looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crossdock.model.assembly import Stack
from crossdock.model.codec import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A cloud: the account and caller that a profile stands for, and its endpoint URL (empty: AWS's own)."""

    account: str
    caller: str
    endpoint: str = ""
    partition: str = "aws"

    def __str__(self) -> str:
        return f"account {self.account} at {self.endpoint or 'AWS'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedStack:
    """One stack as CloudFormation describes it.

    sha256    of its original template
    created   seconds since the epoch
    template  its original text
    nested    templates that it takes from the artifact bucket, by key, where they are no longer those of the assembly
    """

    account: str
    account_id: str
    region: str
    name: str
    status: str
    sha256: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    protected: bool = False
    created: float = 0.0
    template: str = ""
    nested: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was found of a platform.

    stacks     the assembly's, by id
    orphans    stacks it once made and no longer names, oldest first
    delivered  the services' own stacks in the target accounts, by `service/environment`
    """

    identity: Identity
    stacks: Mapping[str, ObservedStack] = field(default_factory=dict)
    orphans: tuple[ObservedStack, ...] = ()
    delivered: Mapping[str, ObservedStack] = field(default_factory=dict)

    @property
    def stuck(self) -> tuple[ObservedStack, ...]:
        """Delivered stacks whose very first delivery failed: empty, and no pipeline can change them any more."""
        return tuple(seen for seen in self.delivered.values() if seen.status == "ROLLBACK_COMPLETE")

    @property
    def digest(self) -> str:
        """Names what was found of the stacks that a plan changes. Other deliveries move on by themselves."""
        return digest({"stacks": self.stacks, "orphans": self.orphans, "stuck": self.stuck})


class Verb(StrEnum):
    """What happens to a stack."""

    CREATE = "+"
    UPDATE = "~"
    REPLACE = "±"
    DELETE = "-"
    KEEP = "="


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of one resource.

    resource    its place in the stack: logical ids, through nested stacks
    properties  those that change
    certain     false: whether it is replaced shows only when it is done
    loses_data  what it holds is gone afterwards
    """

    resource: str
    type: str
    verb: Verb
    properties: tuple[str, ...] = ()
    certain: bool = True
    loses_data: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change to one stack in one account and region, why, and what becomes of its resources."""

    stack: Stack
    verb: Verb
    because: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the platform's policies will say and don't yet, and the reverse, a line each. `unknown`: why that can't be
    told."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps in the order in which they are done. Valid for one assembly and one state of one cloud."""

    platform: str
    identity: Identity
    assembly_digest: str
    observed_digest: str
    steps: tuple[Step, ...]
    access: Access | None = None

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that do something."""
        return tuple(step for step in self.steps if step.verb is not Verb.KEEP)
