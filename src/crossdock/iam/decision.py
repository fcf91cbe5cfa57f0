"""What a decision is made of: a verdict, the statements it rests on, the sides that lack an Allow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crossdock.iam.compiled import Cause
from crossdock.iam.statement import PolicyKind


class Verdict(StrEnum):
    """IMPLICIT_DENY: nothing grants it. UNKNOWN: it hangs on a key whose value is not known; never let it through."""

    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicit_deny"
    EXPLICIT_DENY = "explicit_deny"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A side that must allow and does not.

    kind     the kind of policy that lacks an Allow; RESOURCE also for key, trust and repository policies
    account  whose policies they are, 12 digits
    level    for SCPs and RCPs: 0 is the organization's root, the last the account
    """

    kind: PolicyKind
    account: str = ""
    level: int = 0

    def __str__(self) -> str:
        match self.kind:
            case PolicyKind.SCP | PolicyKind.RCP:
                at = "the organization's root" if self.level == 0 else f"level {self.level + 1} of its path"
                return f"no {self.kind.words} at {at} allows it to account {self.account}"
            case PolicyKind.RESOURCE:
                return f"no resource-based policy of account {self.account} allows it: the resource's side is missing"
            case _:
                return f"no {self.kind.words} of account {self.account} allows it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict and its reasons.

    because  the statements that allow or deny; for UNKNOWN those that hang on an unknown key
    missing  for IMPLICIT_DENY (and UNKNOWN, as far as certain): each side without an Allow
    """

    verdict: Verdict
    because: tuple[Cause, ...] = ()
    missing: tuple[Leg, ...] = ()

    @property
    def allowed(self) -> bool:
        """True only when it is certain."""
        return self.verdict is Verdict.ALLOWED
