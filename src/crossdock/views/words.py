"""Words that views share: durations, and which statuses mean that something is over."""

from __future__ import annotations

import re
from collections.abc import Sequence

_RUNNING = frozenset({"InProgress", "Stopping"})


def ending(status: str) -> bool | None:
    """How a pipeline's, stage's or action's status ended: True well, False not, None: it goes on."""
    return None if status in _RUNNING else status == "Succeeded"


def resource_failed(status: str) -> bool:
    """Whether a CloudFormation resource status tells of a failure."""
    return status.endswith("_FAILED")


def resource_rests(status: str) -> bool:
    """Whether a CloudFormation resource status is an end."""
    return not status.endswith("_IN_PROGRESS")


_UNPRINTABLE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


def one_line(text: str) -> str:
    """A line of somebody's output as a terminal may show it: what a progress bar left last, without control characters.

    A log could otherwise move the cursor or colour what follows it.
    """
    return _UNPRINTABLE.sub("", text.rstrip("\r\n").rpartition("\r")[2].replace("\n", " ").expandtabs(4))


def without(uncommitted: Sequence[str]) -> str:
    """What to say of a commit that leaves changes out; nothing where it leaves none."""
    if not uncommitted:
        return ""
    more = f" and {len(uncommitted) - 1} more" if len(uncommitted) > 1 else ""
    return f", without what is not committed: {one_line(uncommitted[0])}{more}"


def count(number: int, one: str, many: str) -> str:
    """`1 delivery`, `2 deliveries`."""
    return f"{number} {one if number == 1 else many}"


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 05 s`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"
