"""Schedule expressions of rules: rate(...) and cron(...) (EventBridge User Guide, schedule expressions). Pure; UTC.

Of cron: numbers, names, `*`, `?`, lists, ranges, steps; `L`, `W` and `#` are refused by name.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from crossdock.local.engine import AwsError, NotEmulated

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\(([^()]*)\)")
_FIELDS = (("minutes", 0, 59), ("hours", 0, 23), ("day-of-month", 1, 31), ("month", 1, 12), ("day-of-week", 1, 7),
           ("year", 1970, 2199))
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def _invalid() -> AwsError:
    return AwsError("ValidationException", "Parameter ScheduleExpression is not valid.")


def check(expression: str) -> None:
    """Raises AwsError for an expression that EventBridge would not take, NotEmulated for one we can't run."""
    if _rate(expression) is None:
        _cron(expression)


def due(expression: str, now: datetime, last: datetime) -> bool:
    """Whether a rule that last ran at `last` should run at the minute `now`."""
    period = _rate(expression)
    if period is not None:
        return now - last >= period
    minute = now.replace(second=0, microsecond=0)
    values = (minute.minute, minute.hour, minute.day, minute.month, minute.isoweekday() % 7 + 1, minute.year)
    return minute > last and all(value in allowed for value, allowed in zip(values, _cron(expression), strict=True))


def _rate(expression: str) -> timedelta | None:
    found = _RATE.fullmatch(expression)
    if not found:
        return None
    number, unit, plural = int(found[1]), found[2], bool(found[3])
    if number < 1 or plural is (number == 1):
        raise _invalid()
    return timedelta(**{f"{unit}s": number})


def _cron(expression: str) -> list[set[int]]:
    found = _CRON.fullmatch(expression)
    fields = found[1].split() if found else []
    if len(fields) != len(_FIELDS) or "?" not in (fields[2], fields[4]):
        raise _invalid()
    return [_field(text, *bounds) for text, bounds in zip(fields, _FIELDS, strict=True)]


def _field(text: str, name: str, low: int, high: int) -> set[int]:
    if any(sign in re.sub("[A-Z]{3}", "", text) for sign in ("L", "W", "#")):
        raise NotEmulated(f"L, W and # in cron expressions ({name} {text})")
    allowed: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span in ("*", "?"):
            begin, end = low, high
        else:
            begin = _number(first, name)
            end = _number(last, name) if last else high if step else begin
        if not (low <= begin <= end <= high) or (step and not (step.isdecimal() and int(step))):
            raise _invalid()
        allowed.update(range(begin, end + 1, int(step or 1)))
    return allowed


def _number(text: str, name: str) -> int:
    names = {"month": _MONTHS, "day-of-week": _DAYS}.get(name, ())
    if text.upper() in names:
        return names.index(text.upper()) + 1
    if not text.isdecimal():
        raise _invalid()
    return int(text)
