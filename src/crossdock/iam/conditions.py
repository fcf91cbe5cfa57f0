"""Conditions compiled into tests of a request. All of a statement's conditions must hold (IAM User Guide, Condition).

A test answers True, False, or None: it hangs on a key whose value is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from crossdock.iam import operators
from crossdock.iam.keys import fold
from crossdock.iam.operators import Family, Operator, Quantifier, UnreadableError
from crossdock.iam.patterns import Matcher, Sight
from crossdock.iam.statement import Condition, Effect

Test: TypeAlias = Callable[[Sight], bool | None]


def compile_all(conditions: tuple[Condition, ...], effect: Effect, *, variables: bool) -> Test | None:
    """One test of all conditions, or None when there are none."""
    tests = [compile_one(condition, effect, variables=variables) for condition in conditions]
    if len(tests) <= 1:
        return tests[0] if tests else None

    def all_hold(sight: Sight) -> bool | None:
        answer: bool | None = True
        for test in tests:
            one = test(sight)
            if one is False:
                return False
            if one is None:
                answer = None
        return answer

    return all_hold


def compile_one(condition: Condition, effect: Effect, *, variables: bool) -> Test:
    """The test of one operator on one key. ValueError when AWS would refuse the condition."""
    named = operators.parse(condition.operator)
    key = fold(condition.key)
    if named.base.family is Family.NULL:
        return _null(key, condition.values)
    matches = operators.value_test(named.base, condition.values, variables=variables)
    # What AWS does with a value that an operator cannot read, or with several values under a plain operator, is not
    # documented. It must not grant: an Allow does not apply, and whether a Deny does is not known.
    unreadable = False if effect is Effect.ALLOW else None
    one = _negated(matches) if named.base.negated else matches
    return _quantified(key, named, one, unreadable) if named.quantifier else _plain(key, named, one, unreadable)


def _null(key: str, values: tuple[str, ...]) -> Test:
    wanted = {value.lower() for value in values}
    if not wanted <= {"true", "false"}:
        raise ValueError(f"Null takes true or false, found {', '.join(values)}")
    when_absent, when_present = "true" in wanted, "false" in wanted

    def test(sight: Sight) -> bool | None:
        if key in sight.unknown:
            return None if when_absent != when_present else when_absent
        return when_present if key in sight.context else when_absent

    return test


def _negated(matches: Matcher) -> Matcher:
    def differs(given: str, sight: Sight) -> bool | None:
        answer = matches(given, sight)
        return None if answer is None else not answer

    return differs


def _plain(key: str, named: Operator, one: Matcher, unreadable: bool | None) -> Test:
    on_missing = named.if_exists or named.base.negated

    def test(sight: Sight) -> bool | None:
        if key in sight.unknown:
            return None
        value = sight.context.get(key)
        if value is None:
            return on_missing
        if isinstance(value, tuple):
            if len(value) != 1:
                return unreadable
            value = value[0]
        try:
            return one(value, sight)
        except UnreadableError:
            return unreadable

    return test


def _quantified(key: str, named: Operator, one: Matcher, unreadable: bool | None) -> Test:
    every = named.quantifier is Quantifier.ALL
    on_missing = every or named.if_exists

    def test(sight: Sight) -> bool | None:
        if key in sight.unknown:
            return None
        value = sight.context.get(key)
        if value is None:
            return on_missing
        try:
            answers = [one(v, sight) for v in ((value,) if isinstance(value, str) else value)]
        except UnreadableError:
            return unreadable
        if (not every) in answers:
            return not every
        return None if None in answers else every

    return test
