"""Example values that tell a policy's conditions apart: for every combination of tests that some value of a key can
pass and fail, one such value. Deciding with each of them is deciding with every value there is."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise
from typing import TypeAlias

from crossdock.iam import operators
from crossdock.iam.keys import Value
from crossdock.iam.operators import Family, Operator
from crossdock.iam.patterns import Mode, Token, Variable, Wild, reaches, tokens


@dataclass(frozen=True, slots=True)
class Test:
    """One condition on the key: its operator, the policy's values, and whether `${...}` in them is special."""

    operator: Operator
    values: tuple[str, ...]
    variables: bool


_STATES = 3000
_SET_OF = 6


def values(tests: Sequence[Test]) -> list[Value | None] | None:
    """Examples for a key under these tests; None stands for its absence. None when no complete list can be made:
    values with variables, operators of different families on one key, too many combinations."""
    comparing = [test for test in tests if test.operator.base.family is not Family.NULL]
    families = {test.operator.base.family for test in comparing}
    found: list[str] | None
    if not families:
        found = ["a"]
    elif families == {Family.BOOL}:
        found = ["true", "false"]
    elif families <= {Family.STRING, Family.ARN, Family.BOOL}:
        found = _texts(comparing)
    else:
        found = _points(families.pop(), [v for test in comparing for v in test.values]) if len(families) == 1 else None
    if found is None:
        return None
    if any(test.operator.quantifier for test in tests):
        if len(found) > _SET_OF:
            return None
        return [None, *(chosen for size in range(1, len(found) + 1) for chosen in combinations(found, size))]
    return [None, *found]


def _points(family: Family, listed: list[str]) -> list[str] | None:
    """Each border of an ordered family, and values between and around them."""
    match family:
        case Family.NUMERIC | Family.DATE:
            read = operators.number if family is Family.NUMERIC else operators.moment
            borders = sorted({read(v) for v in listed}) or [Decimal(0)]
            between = [(a + b) / 2 for a, b in pairwise(borders)]
            # Written with a point, for four digits alone would be a year.
            return [f"{v:f}" if v % 1 else f"{v:.1f}" for v in (borders[0] - 1, *borders, *between, borders[-1] + 1)]
        case Family.IP:
            return list(_addresses([operators.network(v) for v in listed]))
        case _:
            return None


def _addresses(networks: list[operators.Network]) -> Iterator[str]:
    yield "0.0.0.0"  # noqa: S104 - an address to compare, none to listen on
    yield "::"
    for network in networks:
        first, last = int(network.network_address), int(network.broadcast_address)
        kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
        yield from (str(kind(n)) for n in (first, last + 1) if n < 2**network.max_prefixlen)


State: TypeAlias = frozenset[int]


class _Glob:
    """A pattern as an automaton: its state is the set of places that a text read so far may have reached."""

    def __init__(self, parts: tuple[Token, ...], reach: list[bool], *, case: bool) -> None:
        self.case = case
        self.steps: list[tuple[Token, bool]] = []
        for part, anywhere in zip(parts, reach, strict=True):
            if isinstance(part, str):
                self.steps += [(c if case else c.lower(), False) for c in part]
            else:
                self.steps.append((part, anywhere))
        self.start = self._closed({0})

    def _closed(self, places: set[int]) -> State:
        for place in sorted(places):
            at = place
            while at < len(self.steps) and self.steps[at][0] is Wild.RUN:
                at += 1
                places.add(at)
        return frozenset(places)

    def read(self, state: State, char: str) -> State:
        after: set[int] = set()
        for place in state:
            if place == len(self.steps):
                continue
            step, anywhere = self.steps[place]
            if isinstance(step, str):
                if step == (char if self.case else char.lower()):
                    after.add(place + 1)
            elif anywhere or char != ":":
                after.add(place if step is Wild.RUN else place + 1)
        return self._closed(after)

    def accepts(self, state: State) -> bool:
        return len(self.steps) in state


def _texts(tests: Sequence[Test]) -> list[str] | None:
    """One text for each combination of conditions that some text matches: a search through all patterns at once."""
    globs: list[_Glob] = []
    groups: list[list[int]] = []
    for test in tests:
        base, group = test.operator.base, []
        mode = Mode.ARN if base.family is Family.ARN else Mode.TEXT
        for value in test.values:
            parts = tokens(value, mode, wild=base.wild, variables=test.variables)
            if any(isinstance(part, Variable) for part in parts):
                return None
            reach = reaches(parts, mode)
            if reach is not None:
                group.append(len(globs))
                globs.append(_Glob(parts, reach, case=base.case))
        groups.append(group)
    written = {step for glob in globs for step, _ in glob.steps if isinstance(step, str)}
    alphabet = written | {c.upper() for c in written if len(c.upper()) == 1} | {":"}
    alphabet.add(next(c for c in map(chr, range(0x61, 0x10000)) if c not in alphabet and c.upper() not in alphabet))
    return _search(globs, groups, sorted(alphabet))


def _search(globs: list[_Glob], groups: list[list[int]], alphabet: list[str]) -> list[str] | None:
    start = tuple(glob.start for glob in globs)
    seen = {start}
    found: dict[tuple[bool, ...], str] = {}
    queue = [(start, "")]
    for states, read in queue:  # the queue grows while it is read
        outcome = tuple(any(globs[g].accepts(states[g]) for g in group) for group in groups)
        found.setdefault(outcome, read)
        for char in alphabet:
            after = tuple(glob.read(state, char) for glob, state in zip(globs, states, strict=True))
            if after not in seen:
                if len(seen) >= _STATES:
                    return None
                seen.add(after)
                queue.append((after, read + char))
    return list(found.values())
