"""Actions as policies write them."""

from __future__ import annotations

import re
from functools import cache


def matches(pattern: str, action: str) -> bool:
    """Whether an action of a policy (`kms:ReEncrypt*`) stands for an action (IAM User Guide, Action)."""
    return _pattern(pattern).fullmatch(action.lower()) is not None


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(c) or re.escape(c) for c in pattern.lower()))
