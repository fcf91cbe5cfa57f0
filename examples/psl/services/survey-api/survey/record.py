"""What a survey must say, and under which name it is kept: no AWS in here."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

REQUIRED = ("survey_id", "submitted_at", "npi", "answers")
PREFIX = "80840"
"""What stands before an NPI when its check digit is computed (CMS, NPI check digit algorithm)."""


def checked(body: str) -> Mapping[str, Any]:
    """The survey in a request. ValueError says what is wrong with it."""
    try:
        survey = json.loads(body)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(survey, dict):
        raise ValueError("a survey is an object")  # noqa: TRY004  the caller's mistake, told as such
    missing = [name for name in REQUIRED if name not in survey]
    if missing:
        raise ValueError(f"lacks {', '.join(missing)}")
    if not is_npi(str(survey["npi"])):
        raise ValueError(f"{survey['npi']} is no NPI")
    moment(survey)
    return survey


def moment(survey: Mapping[str, Any]) -> datetime:
    """When it was submitted. ValueError where that is no time with an offset."""
    found = datetime.fromisoformat(str(survey["submitted_at"]))
    if found.tzinfo is None:
        raise ValueError("submitted_at has no offset from UTC")
    return found


def is_npi(text: str) -> bool:
    """Ten digits of which the last is the check digit (Luhn, ISO/IEC 7812-1)."""
    if len(text) != 10 or not text.isascii() or not text.isdigit():
        return False
    digits = [int(digit) for digit in reversed(PREFIX + text)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def key(survey: Mapping[str, Any]) -> str:
    """`surveys/2026/01/31/<digest>.json`: the same content always has the same key."""
    content = json.dumps(survey, sort_keys=True, separators=(",", ":")).encode()
    return f"surveys/{moment(survey):%Y/%m/%d}/{hashlib.sha256(content).hexdigest()}.json"
