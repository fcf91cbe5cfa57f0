"""Where two clouds answer differently, and why we think that ours is right.

Every difference must be explained in `tests/witness/differences.yaml`, a list of

    facts    globs over `<question>:<fact>`
    verdict  documented  AWS's documentation says what crossdock answers
             unsaid      AWS's documentation does not say; `why` tells what ours follows
             absent      one of the two does not do what is asked, or says that it does not
             fault       AWS does otherwise than crossdock: known and not mended; such a fact may be one in which the
                         witness errs alike
    why      one or two sentences
    page     the page of AWS's documentation, where there is one
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from witnessing.asking import Facts

NOTHING = "(not told)"


class Verdict(StrEnum):
    DOCUMENTED = "documented"
    UNSAID = "unsaid"
    ABSENT = "absent"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that two clouds tell differently."""

    question: str
    fact: str
    ours: Any
    theirs: Any

    @property
    def name(self) -> str:
        return f"{self.question}:{self.fact}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why facts differ."""

    facts: tuple[str, ...]
    verdict: Verdict
    why: str
    page: str = ""

    def covers(self, difference: Difference) -> bool:
        return any(fnmatchcase(difference.name, pattern) for pattern in self.facts)


def differences(ours: Mapping[str, Facts], theirs: Mapping[str, Facts]) -> Iterator[Difference]:
    """Facts that differ, in the order of the questions; mappings are compared member by member, lists as wholes."""
    for question, answer in ours.items():
        other = flat(theirs.get(question, {}))
        mine = flat(answer)
        for fact in dict.fromkeys([*mine, *other]):
            mine_told, other_told = mine.get(fact, NOTHING), other.get(fact, NOTHING)
            if mine_told != other_told:
                yield Difference(question, fact, mine_told, other_told)


def flat(facts: Facts, above: str = "") -> Facts:
    """Facts within facts by their path: `prod/queue`."""
    found: Facts = {}
    for name, value in facts.items():
        if isinstance(value, dict) and value:
            found |= flat(value, f"{above}{name}/")
        else:
            found[above + name] = value
    return found


def read(path: Path) -> list[Explanation]:
    """The table. ValueError names an entry that is not one."""
    table = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
        try:
            table.append(Explanation(facts=tuple(entry["facts"]), verdict=Verdict(entry["verdict"]),
                                     why=" ".join(entry["why"].split()), page=entry.get("page", "")))
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path.name}: {entry!r} lacks {error}") from error
        if table[-1].verdict is Verdict.DOCUMENTED and not table[-1].page:
            raise ValueError(f"{path.name}: {entry['facts']} is documented on no page")
    return table


def explained(found: Sequence[Difference], table: Sequence[Explanation]) -> dict[str, Explanation]:
    """Difference's name -> the first explanation that covers it; unexplained ones are missing."""
    return {difference.name: explanation for difference in found
            for explanation in reversed(table) if explanation.covers(difference)}


def unused(found: Sequence[Difference], table: Sequence[Explanation], ours: Mapping[str, Facts]) -> list[str]:
    """Globs that cover no difference any more, or for a fault no fact: what they explained was mended, or never was."""
    differing = [difference.name for difference in found]
    every = [f"{question}:{fact}" for question, facts in ours.items() for fact in flat(facts)]
    return [pattern for explanation in table for pattern in explanation.facts
            if not any(fnmatchcase(name, pattern) for name in (
                every if explanation.verdict is Verdict.FAULT else differing))]
