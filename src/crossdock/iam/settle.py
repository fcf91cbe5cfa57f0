"""Settling what hangs on unknown keys: the cases to decide, so that a decision equal in all of them is certain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from math import prod

from crossdock.iam import examples, operators
from crossdock.iam.compiled import Compiled
from crossdock.iam.keys import Value, fold
from crossdock.iam.patterns import Mode, Variable, tokens
from crossdock.iam.statement import Statement

_CASES = 2000


def cases(doubtful: Iterable[Compiled], unknown: frozenset[str]) -> Iterator[dict[str, Value | None]] | None:
    """Values for the unknown keys, one mapping for each case that these statements tell apart (None: key absent).

    None when the cases cannot be listed completely; then the decision has to stay unknown.
    """
    tests: dict[str, list[examples.Test]] = {}
    for one in doubtful:
        if one.variables and not unknown.isdisjoint(_variables(one.statement)):
            return None
        for condition in one.statement.conditions:
            key = fold(condition.key)
            if key in unknown:
                test = examples.Test(operators.parse(condition.operator), condition.values, one.variables)
                tests.setdefault(key, []).append(test)
    found = {key: examples.values(on_key) for key, on_key in tests.items()}
    listed = [values for values in found.values() if values is not None]
    if len(listed) < len(found) or prod(map(len, listed)) > _CASES:
        return None
    return (dict(zip(found, chosen, strict=True)) for chosen in product(*listed))


def _variables(statement: Statement) -> Iterator[str]:
    values = [*(statement.resources or ()), *(statement.not_resources or ())]
    values += [value for condition in statement.conditions for value in condition.values]
    for value in values:
        for part in tokens(value, Mode.TEXT, wild=True, variables=True):
            if isinstance(part, Variable):
                yield part.key
