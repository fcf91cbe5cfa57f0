"""How a case ended."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

VERDICTS = ("works", "refused", "alike", "wrong", "failed")
REFUSAL = re.compile(
    r"the local AWS does not emulate ((?:the resource type |the property )?[^\";\n]+?)(?=[;\"\n]| \(|$)"
)


@dataclass(slots=True)
class Outcome:
    """One case's verdict and why.

    works    as the list's README means it       refused  something is not emulated, and was refused by name
    alike    AWS refuses it as well, for a reason that is known (alike.py)
    wrong    said to have worked, but did not    failed   anything else
    notes    what was tried and seen, a line each
    """

    verdict: str
    why: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def refusals(text: str) -> list[str]:
    """What a message says is not emulated, each once."""
    return list(dict.fromkeys(found.strip().rstrip(".") for found in REFUSAL.findall(text)))


def scrubbed(text: str) -> str:
    """Without what is of one run or one machine alone: places on its disk."""
    return re.sub(r"(?:/[\w.@+-]+)+/(case-\w+|\.cache|site-packages|\.pyenv)(?:/[\w.@+-]+)*", "...", text)


def judged(reasons: Iterable[str], *, notes: Iterable[str] = ()) -> Outcome:
    """Refused when what was said names something that is not emulated, else failed."""
    told = [reason for reason in reasons if reason]
    named = [name for reason in told for name in refusals(reason)]
    if named:
        return Outcome("refused", list(dict.fromkeys(named)), list(notes))
    return Outcome("failed", told, list(notes))
