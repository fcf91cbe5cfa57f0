"""Wildcards and policy variables: values of a policy compiled into matchers of one text (IAM User Guide, policy
variables; Resource; condition operators).

A matcher answers True, False, or None when the answer hangs on a key whose value is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Protocol, TypeAlias, assert_never

from crossdock.iam.keys import Value, fold


class Sight(Protocol):
    """What a matcher sees of a request."""

    @property
    def context(self) -> dict[str, Value]: ...
    @property
    def unknown(self) -> frozenset[str]: ...


class Wild(Enum):
    """RUN is any run of characters, ONE exactly one; ANYTHING stands for a variable of unknown value."""

    RUN = "*"
    ONE = "?"
    ANYTHING = "${}"


class Mode(Enum):
    """How far wildcards reach.

    TEXT      anywhere
    RESOURCE  a `*` in the middle of a colon-separated segment stays in it, one at its end may run on; in the last
              part of the ARN it runs anywhere. Variables count only in that last part
    ARN       six parts compared one by one; only the last may hold colons
    """

    TEXT = "text"
    RESOURCE = "resource"
    ARN = "arn"


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key}` or `${key, 'default'}`."""

    key: str
    default: str | None
    source: str


Token: TypeAlias = str | Wild | Variable
Matcher: TypeAlias = Callable[[str, Sight], bool | None]

_SPECIAL = re.compile(r"\$\{([^}]*)\}|[*?]")
_PLAIN_SPECIAL = re.compile(r"[*?]")
_VARIABLE = re.compile(r"\s*([^,'{}]+?)\s*(?:,\s*'([^']*)'\s*)?")


def tokens(value: str, mode: Mode, *, wild: bool, variables: bool) -> tuple[Token, ...]:
    """The parts of a policy value. Without `variables` (version 2008-10-17) `${...}` is plain text."""
    found: list[Token] = []
    end = 0
    for hit in (_SPECIAL if variables else _PLAIN_SPECIAL).finditer(value):
        found.append(value[end : hit.start()])
        end = hit.end()
        source = hit.group()
        if not source.startswith("$"):
            found.append(Wild(source) if wild else source)
        elif source in ("${*}", "${?}", "${$}"):
            found.append(source[2])
        elif mode is Mode.RESOURCE and value.count(":", 0, hit.start()) < 5:
            found.append(source)
        else:
            name = _VARIABLE.fullmatch(hit.group(1))
            found.append(Variable(fold(name.group(1)), name.group(2), source) if name else source)
    found.append(value[end:])
    return _joined(found)


def _joined(parts: Iterable[Token]) -> tuple[Token, ...]:
    joined: list[Token] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def reaches(parts: tuple[Token, ...], mode: Mode) -> list[bool] | None:
    """For each part whether it is a wildcard that may match colons; None when nothing can match (an ARN of fewer
    parts). ValueError for a variable that has not been replaced."""
    found, colons, free = [], 0, False
    for place, part in enumerate(parts):
        anywhere = False
        match part:
            case str():
                colons += part.count(":")
            case Wild.ANYTHING:
                anywhere = free = True
            case Wild.RUN | Wild.ONE:
                after = parts[place + 1] if place + 1 < len(parts) else ":"
                at_end = mode is Mode.RESOURCE and part is Wild.RUN and isinstance(after, str) and after[:1] == ":"
                anywhere = mode is Mode.TEXT or free or colons >= 5 or at_end
            case Variable():
                raise ValueError(f"{part.source} has not been replaced")
            case _:
                assert_never(part)
        found.append(anywhere)
    return None if mode is Mode.ARN and colons < 5 and not free else found


def expression(parts: tuple[Token, ...], mode: Mode) -> str | None:
    """The regular expression of parts without variables; None when nothing can match."""
    reach = reaches(parts, mode)
    if reach is None:
        return None
    written = []
    for part, anywhere in zip(parts, reach, strict=True):
        if isinstance(part, str):
            written.append(re.escape(part))
        else:
            written.append(("." if anywhere else "[^:]") + ("" if part is Wild.ONE else "*"))
    return "".join(written)


@lru_cache(maxsize=4096)
def _fullmatch(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(pattern, re.DOTALL).fullmatch


def matcher(
    values: Iterable[str], mode: Mode = Mode.TEXT, *, wild: bool = True, variables: bool = True, case: bool = True
) -> Matcher:
    """Does a text match one of these values? Without `case` both are compared in lower case."""
    exact: set[str] = set()
    prefixes: list[str] = []
    expressions: list[str] = []
    dynamic: list[Matcher] = []
    for value in values:
        parts = tokens(value, mode, wild=wild, variables=variables)
        if any(isinstance(part, Variable) for part in parts):
            dynamic.append(_dynamic(parts, mode, case=case))
            continue
        if not case:
            parts = tuple(part.lower() if isinstance(part, str) else part for part in parts)
        pattern = expression(parts, mode)
        if pattern is None:
            continue
        match parts:
            case ():
                exact.add("")
            case (str(only),):
                exact.add(only)
            case (Wild.RUN,):
                prefixes.append("")
            case (str(head), Wild.RUN):
                prefixes.append(head)
            case _:
                expressions.append(pattern)
    return _combined(frozenset(exact), tuple(prefixes), expressions, dynamic, case=case)


def _combined(
    exact: frozenset[str], prefixes: tuple[str, ...], expressions: list[str], dynamic: list[Matcher], *, case: bool
) -> Matcher:
    full = _fullmatch("|".join(f"(?:{e})" for e in expressions)) if expressions else None

    def static(given: str, _sight: Sight) -> bool | None:
        subject = given if case else given.lower()
        if subject in exact or (prefixes and subject.startswith(prefixes)):
            return True
        return full is not None and full(subject) is not None

    def every(given: str, sight: Sight) -> bool | None:
        answer = static(given, sight)
        for one in dynamic:
            if answer is True:
                break
            answer = _or(answer, one(given, sight))
        return answer

    return every if dynamic else static


def _or(left: bool | None, right: bool | None) -> bool | None:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def _dynamic(parts: tuple[Token, ...], mode: Mode, *, case: bool) -> Matcher:
    head = parts[0] if isinstance(parts[0], str) else ""
    head = head if case else head.lower()

    def match(given: str, sight: Sight) -> bool | None:
        subject = given if case else given.lower()
        if not subject.startswith(head):
            return False
        resolved: list[Token] = []
        for part in parts:
            if not isinstance(part, Variable):
                resolved.append(part)
            elif part.key in sight.unknown:
                resolved.append(Wild.ANYTHING)
            else:
                value = sight.context.get(part.key, part.default)
                if not isinstance(value, str):  # no value, or several: this entry matches nothing
                    return False
                resolved.append(value)
        pattern = expression(
            _joined(part.lower() if isinstance(part, str) and not case else part for part in resolved), mode
        )
        if pattern is None or not _fullmatch(pattern)(subject):
            return False
        return None if Wild.ANYTHING in resolved else True

    return match
