"""Function names: plain, partial ARN, full ARN, each with a qualifier or without (Lambda API, FunctionName)."""

from __future__ import annotations

import re

from crossdock.local.engine import AwsError

_END = r"(?P<name>[\w-]+)(:(?P<qualifier>[\w$-]+))?"
_STARTS = (r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:", r"\d{12}:function:", "")
_FORMS = tuple(re.compile(start + _END) for start in _STARTS)


def split(reference: str) -> tuple[str, str]:
    """(name, qualifier or "") of any form of a function's name. Raises AwsError ValidationException."""
    for pattern in _FORMS:
        if found := pattern.fullmatch(reference):
            return found["name"], found["qualifier"] or ""
    raise AwsError("ValidationException", f"1 validation error detected: Value '{reference}' at 'functionName' failed "
                   "to satisfy constraint: Member must satisfy regular expression pattern", 400)
