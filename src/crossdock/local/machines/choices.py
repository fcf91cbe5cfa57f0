"""Choice rules (Amazon States Language, "Choice State")."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from crossdock.local.machines import paths
from crossdock.local.machines.errors import StateFailed
from crossdock.local.machines.paths import Scope

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq, "LessThan": operator.lt, "GreaterThan": operator.gt, "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_BESIDE = ("Variable", "Next", "Comment", "Assign")
_COMPARISON = re.compile(r"(?P<kind>String|Numeric|Boolean|Timestamp)(?P<order>\w+?)(?P<path>Path)?")


def holds(rule: Mapping[str, Any], scope: Scope) -> bool:
    """Whether a rule lets its `Next` be taken. Raises StateFailed for what it can't be asked about."""
    if "And" in rule:
        return all(holds(one, scope) for one in rule["And"])
    if "Or" in rule:
        return any(holds(one, scope) for one in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], scope)
    variable = str(rule["Variable"])
    [(test, wanted)] = [(key, item) for key, item in rule.items() if key not in _BESIDE]
    if test == "IsPresent":
        return paths.exists(variable, scope) is bool(wanted)
    found = paths.value(variable, scope, "Variable")
    if test.startswith("Is"):
        return _IS[test](found) is bool(wanted)
    if test == "StringMatches":
        return isinstance(found, str) and _like(found, str(wanted))
    compared = _COMPARISON.fullmatch(test)
    if compared is None or compared["order"] not in _ORDER:
        raise StateFailed("States.Runtime", f"The choice rule {test} is not known")
    if compared["path"]:
        wanted = paths.value(str(wanted), scope, test)
    return _compare(compared["kind"], _ORDER[compared["order"]], found, wanted)


def _compare(kind: str, order: Callable[[Any, Any], bool], found: Any, wanted: Any) -> bool:
    match kind:
        case "String":
            return isinstance(found, str) and isinstance(wanted, str) and order(found, wanted)
        case "Boolean":
            return isinstance(found, bool) and order(found, wanted)
        case "Numeric":
            return _number(found) and _number(wanted) and order(found, wanted)
        case _:
            a, b = _time(found), _time(wanted)
            return a is not None and b is not None and order(a, b)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _like(text: str, pattern: str) -> bool:
    """`*` stands for anything, `\\*` for itself; nothing else is special."""
    parts = re.split(r"(?<!\\)\*", pattern)
    return re.fullmatch(".*".join(re.escape(part.replace("\\*", "*").replace("\\\\", "\\")) for part in parts), text,
                        re.DOTALL) is not None


_IS: Mapping[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None, "IsNumeric": _number, "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool), "IsTimestamp": lambda value: _time(value) is not None,
}
