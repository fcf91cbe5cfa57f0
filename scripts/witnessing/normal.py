"""Answers without what is random in them, so that those of two clouds can be compared and kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_RANDOM = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"(?<=Request ID: )[A-Za-z0-9]{52}"), "<uuid>"),
    (re.compile(r"\b(AKIA|ASIA|AIDA|AROA|ANPA|AIPA)[A-Z0-9]{12,}"), r"<\1...>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|[+-]\d\d:?\d\d)?"), "<time>"),
    # what CloudFormation appends to generated names, as either writes it; stacks_made/names asks how
    (re.compile(r"(?<=-)((?!\d+\b)[A-Za-z0-9]{12,13}|[0-9a-f]{8}(-[0-9a-f]{3})?)(?![A-Za-z0-9-])"), "<suffix>"),
)

QUEUES = "https://sqs.us-east-1.amazonaws.com"
"""Where queues are on AWS: what serves elsewhere may say either."""


def normal(value: Any, endpoint: str = "") -> Any:
    """A JSON value with `<uuid>`, `<time>`, ... for what differs from run to run, and no address of a server."""
    if isinstance(value, Mapping):
        return {str(key): normal(inner, endpoint) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [normal(inner, endpoint) for inner in value]
    if not isinstance(value, str):
        return value
    if endpoint:
        place = urlsplit(endpoint)
        for address in (endpoint, f"http://localhost:{place.port}", f"{place.hostname}:{place.port}",
                        f"localhost:{place.port}", QUEUES):
            value = value.replace(address, "ENDPOINT")
    for pattern, instead in _RANDOM:
        value = pattern.sub(instead, value)
    return value
