"""Function names: plain, partial ARN, full ARN, each with a qualifier or without (Lambda API, FunctionName)."""

from __future__ import annotations

import re

from crossdock.local.engine import AwsError

_ARN = re.compile(r"arn:[\w-]+:lambda:(?P<region>[\w-]+):(?P<account>\d{12}):function:(?P<name>[\w-]+)(:(?P<qualifier>[\w$-]+))?")
_PARTIAL = re.compile(r"(?P<account>\d{12}):function:(?P<name>[\w-]+)(:(?P<qualifier>[\w$-]+))?")
_NAME = re.compile(r"(?P<name>[\w-]+)(:(?P<qualifier>[\w$-]+))?")


def split(reference: str) -> tuple[str, str]:
    """(name, qualifier or "") of any form of a function's name. Raises AwsError ValidationException."""
    for pattern in (_ARN, _PARTIAL, _NAME):
        if found := pattern.fullmatch(reference):
            return found["name"], found["qualifier"] or ""
    raise AwsError("ValidationException", f"1 validation error detected: Value '{reference}' at 'functionName' failed to "
                   "satisfy constraint: Member must satisfy regular expression pattern", 400)
