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

    sha256   of its original template
    created  seconds since the epoch
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
class Step:
    """One change to one stack in one account and region, and why."""

    stack: Stack
    verb: Verb
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps in the order in which they are done. Valid for one assembly and one state of one cloud."""

    platform: str
    identity: Identity
    assembly_digest: str
    observed_digest: str
    steps: tuple[Step, ...]

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that do something."""
        return tuple(step for step in self.steps if step.verb is not Verb.KEEP)
