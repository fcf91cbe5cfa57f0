"""Proof: who must reach what and does, who must never and doesn't, and what is granted for nothing. Made by `prove`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

DECLARED = "declared"


class Given(StrEnum):
    """What is taken for granted beside the policies in force.

    CALLER    the caller's own policies allow everything: the resource's side alone must decide. So does an account that
              is not ours, or whose administrator is not trusted
    RESOURCE  the resource's policy delegates everything to the caller's account: the caller's side alone decides
    BOUNDARY  both: the caller's permissions boundary alone decides. So it does for roles whose policies others write
    """

    NOTHING = "nothing"
    CALLER = "caller"
    RESOURCE = "resource"
    BOUNDARY = "boundary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where in a delivery something happens.

    environment, service  names of crossdock.yaml; empty where it is for all of them
    action                `Build/Build` (stage/action of the pipeline), `start`, `run`, `upkeep`, `declared`
    """

    environment: str = ""
    service: str = ""
    action: str = ""

    @property
    def declared(self) -> bool:
        """What a service itself says that it needs. It excuses nothing: what must never be stays so."""
        return self.action == DECLARED


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One action on one resource by one principal.

    who       a role's ARN, the name of an AWS service, or `*` for an anonymous caller
    resource  an ARN; `*` stands for what is not known beforehand (random keys, ids), and is a plain character to
              policies, so only a pattern of theirs matches it
    owner     12 digits of the account that owns the resource
    context   condition keys beyond those that the caller and the resource give; an empty value: the key is absent
    via       AWS services that make the call with the caller's rights, first to last (forward access)
    why       one sentence, without a full stop
    """

    who: str
    action: str
    resource: str
    owner: str
    step: Step
    why: str
    session: str = "session"
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    via: tuple[str, ...] = ()
    given: Given = Given.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A statement, or the policy where one is missing. `file` is relative to the assembly or to the platform's folder;
    line 0: the file as a whole."""

    policy: str
    file: str
    line: int = 0
    statement: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        named = f"{self.statement} of {self.policy}" if self.statement else self.policy
        return f"{named} ({where})" if where else named


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A side that does not allow: why in words, where its statement belongs, and that statement (YAML, one line)."""

    leg: str
    place: Place | None = None
    add: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A request decided. `verdict` is that of `iam.decide`; `because` are the statements it rests on."""

    need: Need
    verdict: str
    because: tuple[Place, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether it is certain that the request is allowed."""
        return self.verdict == "allowed"

    @property
    def refused(self) -> bool:
        """Whether it is certain that it is not."""
        return self.verdict in ("implicit_deny", "explicit_deny")


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """Something that must not be possible: how many requests were asked, and those that were not refused."""

    what: str
    asked: int
    breaches: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """An action that a statement allows and nothing needs.

    ours    the statement stands in a composed template, not in a service's own
    reason  why it is granted nevertheless, from the Metadata `Crossdock: {Unused: {SID: REASON}}` beside the statement
    """

    place: Place
    action: str
    ours: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What holds for one assembly.

    assembly  its digest
    unread    what CloudFormation would refuse in services' templates; of these services only the contract is proven
    mistakes  in policy documents: actions that do not exist, ARNs that nothing has; AWS stores them all the same
    notes     what AWS's own limits leave open, and no policy can close
    """

    platform: str
    assembly: str
    needs: tuple[Finding, ...]
    nevers: tuple[Never, ...]
    unused: tuple[Unused, ...]
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()

    @property
    def failing(self) -> tuple[Finding, ...]:
        """Needs that are not certain to be met."""
        return tuple(finding for finding in self.needs if not finding.allowed)

    @property
    def breached(self) -> tuple[Never, ...]:
        """Nevers of which some request is not certain to be refused."""
        return tuple(never for never in self.nevers if never.breaches)

    @property
    def ok(self) -> bool:
        """Whether every need is met, every never kept, and all was read and understood. Grants that nobody uses do not
        count."""
        return not (self.failing or self.breached or self.unread or self.mistakes)
