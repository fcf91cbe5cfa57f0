"""The condition operators: their names, and what each compares (IAM User Guide, condition operators)."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

from crossdock.iam.patterns import Matcher, Mode, Sight, matcher


class Family(Enum):
    """Which kind of value an operator compares."""

    STRING = "string"
    NUMERIC = "numeric"
    DATE = "date"
    BOOL = "bool"
    BINARY = "binary"
    IP = "ip"
    ARN = "arn"
    NULL = "null"


class Quantifier(Enum):
    """How an operator treats a multivalued key."""

    ALL = "ForAllValues"
    ANY = "ForAnyValue"


@dataclass(frozen=True, slots=True)
class Base:
    """An operator without its quantifier and IfExists.

    negated   true when no value of the policy matches; true also when the key is missing
    compare   for ordered families: request value, policy value -> match
    """

    family: Family
    negated: bool = False
    wild: bool = False
    case: bool = True
    compare: Callable[[Any, Any], bool] = operator.eq


BASES: dict[str, Base] = {
    "StringEquals": Base(Family.STRING),
    "StringNotEquals": Base(Family.STRING, negated=True),
    "StringEqualsIgnoreCase": Base(Family.STRING, case=False),
    "StringNotEqualsIgnoreCase": Base(Family.STRING, negated=True, case=False),
    "StringLike": Base(Family.STRING, wild=True),
    "StringNotLike": Base(Family.STRING, negated=True, wild=True),
    "Bool": Base(Family.BOOL, case=False),
    "BinaryEquals": Base(Family.BINARY),
    "IpAddress": Base(Family.IP),
    "NotIpAddress": Base(Family.IP, negated=True),
    "ArnEquals": Base(Family.ARN, wild=True),
    "ArnLike": Base(Family.ARN, wild=True),
    "ArnNotEquals": Base(Family.ARN, negated=True, wild=True),
    "ArnNotLike": Base(Family.ARN, negated=True, wild=True),
    "Null": Base(Family.NULL),
}
for _prefix, _family in (("Numeric", Family.NUMERIC), ("Date", Family.DATE)):
    BASES |= {
        f"{_prefix}Equals": Base(_family),
        f"{_prefix}NotEquals": Base(_family, negated=True),
        f"{_prefix}LessThan": Base(_family, compare=operator.lt),
        f"{_prefix}LessThanEquals": Base(_family, compare=operator.le),
        f"{_prefix}GreaterThan": Base(_family, compare=operator.gt),
        f"{_prefix}GreaterThanEquals": Base(_family, compare=operator.ge),
    }


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator as a policy names it."""

    base: Base
    quantifier: Quantifier | None = None
    if_exists: bool = False


def parse(name: str) -> Operator:
    """`ForAnyValue:StringLikeIfExists` -> Operator. ValueError for names that AWS does not know."""
    prefix, _, rest = name.rpartition(":")
    try:
        quantifier = Quantifier(prefix) if prefix else None
    except ValueError:
        raise ValueError(f"unknown condition operator {name}") from None
    if_exists = rest.endswith("IfExists")
    base = BASES.get(rest.removesuffix("IfExists"))
    if base is None:
        raise ValueError(f"unknown condition operator {name}")
    if base.family is Family.NULL and (if_exists or quantifier):
        raise ValueError(f"Null takes neither IfExists nor a set operator, found {name}")
    return Operator(base, quantifier, if_exists)


class UnreadableError(ValueError):
    """A request's value is not of the operator's kind. AWS does not say what then happens: nothing is decided by it."""


Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")


def number(value: str) -> Decimal:
    """An integer or decimal. ValueError if it is none."""
    if not _NUMBER.fullmatch(value.strip()):
        raise ValueError(f"{value!r} is not a number")
    return Decimal(value.strip())


def moment(value: str) -> Decimal:
    """A date as epoch seconds: W3C ISO 8601 (year and month at least; UTC without an offset), or epoch seconds."""
    given = value.strip()
    if _NUMBER.fullmatch(given) and not re.fullmatch(r"\d{4}", given):
        return number(given)
    if re.fullmatch(r"\d{4}", given):
        given += "-01-01"
    elif re.fullmatch(r"\d{4}-\d\d", given):
        given += "-01"
    try:
        read = datetime.fromisoformat(given)
    except ValueError:
        raise ValueError(f"{value!r} is not a date") from None
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    return Decimal(int(aware.replace(microsecond=0).timestamp())) + Decimal(aware.microsecond) / 1_000_000


def network(value: str) -> Network:
    """A CIDR block or a bare address (/32, /128). ValueError if it is none."""
    return ipaddress.ip_network(value.strip(), strict=False)


def binary(value: str) -> bytes:
    """Base64. ValueError if it is none."""
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError(f"{value!r} is not base64") from None


def value_test(base: Base, values: tuple[str, ...], *, variables: bool) -> Matcher:
    """Does one value of the request match one of the policy's? Negation is the caller's.

    ValueError for policy values of the wrong kind; the matcher raises UnreadableError for such request values.
    """
    match base.family:
        case Family.STRING | Family.BOOL:
            return matcher(values, wild=base.wild, variables=variables, case=base.case)
        case Family.ARN:
            return matcher(values, Mode.ARN, variables=variables)
        case Family.NUMERIC:
            return _ordered(number, [number(v) for v in values], base.compare)
        case Family.DATE:
            return _ordered(moment, [moment(v) for v in values], base.compare)
        case Family.BINARY:
            return _ordered(binary, [binary(v) for v in values], base.compare)
        case Family.IP:
            return _within([network(v) for v in values])
        case Family.NULL:
            raise ValueError("Null looks at a key's presence, not at its values")


def _ordered(read: Callable[[str], Any], wanted: list[Any], compare: Callable[[Any, Any], bool]) -> Matcher:
    def match(given: str, _sight: Sight) -> bool | None:
        try:
            value = read(given)
        except ValueError as error:
            raise UnreadableError(str(error)) from None
        return any(compare(value, one) for one in wanted)

    return match


def _within(networks: list[Network]) -> Matcher:
    def match(given: str, _sight: Sight) -> bool | None:
        try:
            address = ipaddress.ip_address(given.strip())
        except ValueError as error:
            raise UnreadableError(str(error)) from None
        return any(address in one for one in networks)

    return match
