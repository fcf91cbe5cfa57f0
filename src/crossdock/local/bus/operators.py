"""The comparisons that an event pattern can make with one value (EventBridge User Guide, comparison operators)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any

Test = Callable[[Any], bool]
_LIMIT = 5e9
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class OperandError(ValueError):
    """An operator of a pattern can't take what it was given; says why."""


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def exact(wanted: Any) -> Test:
    """Equality of scalars. Numbers are equal when they are written alike: 300 is not 300.0."""
    if isinstance(wanted, (dict, list)):
        raise OperandError("a value to compare with must be a string, a number, true, false or null")
    return lambda value: type(value) is type(wanted) and repr(value) == repr(wanted)


def operator(name: str, operand: Any) -> Test:
    """The test that `{name: operand}` stands for, `exists` apart. OperandError says what is wrong with it."""
    if name not in _OPERATORS:
        raise OperandError(f"Unrecognized match type {name}")
    return _OPERATORS[name](operand)


def _text(operand: Any, name: str) -> str:
    if not isinstance(operand, str):
        raise OperandError(f"{name} match pattern must be a string")
    return operand


def _ignoring_case(operand: Any) -> Test:
    wanted = _text(operand, "equals-ignore-case").casefold()
    return lambda value: isinstance(value, str) and value.casefold() == wanted


def _wildcard(operand: Any) -> Test:
    expression = re.compile(_expression(_text(operand, "wildcard")), re.DOTALL)
    return lambda value: isinstance(value, str) and expression.fullmatch(value) is not None


def _prefix(operand: Any) -> Test:
    return _affix(operand, "prefix", str.startswith)


def _suffix(operand: Any) -> Test:
    return _affix(operand, "suffix", str.endswith)


def _affix(operand: Any, name: str, holds: Callable[[str, str], bool]) -> Test:
    if isinstance(operand, dict):
        if set(operand) != {"equals-ignore-case"}:
            raise OperandError(f"{name} takes a string or equals-ignore-case")
        folded = _text(operand["equals-ignore-case"], name).casefold()
        return lambda value: isinstance(value, str) and holds(value.casefold(), folded)
    wanted = _text(operand, name)
    return lambda value: isinstance(value, str) and holds(value, wanted)


def _anything_but(operand: Any) -> Test:
    if isinstance(operand, dict):
        if len(operand) != 1:
            raise OperandError("Only one key allowed in anything-but")
        name, inner = next(iter(operand.items()))
        if name not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
            raise OperandError(f"Unsupported anything-but pattern: {name}")
        unwanted = [operator(name, each) for each in _several(inner)]
    else:
        values = _several(operand)
        if not (all(isinstance(v, str) for v in values) or all(is_number(v) for v in values)):
            raise OperandError("anything-but takes strings or numbers, all of one kind")
        unwanted = [exact(value) for value in values]
    return lambda value: not any(test(value) for test in unwanted)


def _several(operand: Any) -> list[Any]:
    values = operand if isinstance(operand, list) else [operand]
    if not values:
        raise OperandError("Empty arrays are not allowed")
    return values


def _numeric(operand: Any) -> Test:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise OperandError("numeric takes one comparison, or two for a range")
    bounds = list(zip(operand[::2], operand[1::2], strict=True))
    for comparison, bound in bounds:
        if comparison not in _COMPARE:
            raise OperandError(f"Unrecognized numeric range operator: {comparison}")
        if not is_number(bound) or abs(bound) > _LIMIT:
            raise OperandError("numeric bounds are numbers from -5.0e9 to 5.0e9")
    if len(bounds) == 2:
        (low, from_), (high, to) = bounds
        if not (low.startswith(">") and high.startswith("<")):
            raise OperandError("a numeric range is a lower bound, then an upper one")
        if from_ >= to:
            raise OperandError("Bottom must be less than top")
    return lambda value: is_number(value) and all(_COMPARE[c](value, bound) for c, bound in bounds)


def _cidr(operand: Any) -> Test:
    if "/" not in _text(operand, "cidr"):
        raise OperandError("Malformed CIDR, one '/' required")
    try:
        network = ipaddress.ip_network(operand, strict=False)
    except ValueError as error:
        raise OperandError(f"Malformed CIDR: {operand}") from error

    def holds(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return holds


def _expression(pattern: str) -> str:
    """A regular expression: `*` is any text, `\\*` an asterisk, `\\\\` a backslash."""
    expression, rest = "", pattern
    while rest:
        if rest.startswith("\\"):
            if rest[1:2] not in ("*", "\\"):
                raise OperandError("Invalid escape character in wildcard: only \\* and \\\\ are known")
            expression, rest = expression + re.escape(rest[1]), rest[2:]
        elif rest.startswith("**"):
            raise OperandError("Consecutive wildcard characters are not allowed")
        else:
            expression, rest = expression + (".*" if rest[0] == "*" else re.escape(rest[0])), rest[1:]
    return expression


_OPERATORS: dict[str, Callable[[Any], Test]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _ignoring_case,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
}
