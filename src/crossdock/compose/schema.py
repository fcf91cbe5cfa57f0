"""The JSON Schema of crossdock.yaml: the one source of its shape, printed by `crossdock schema` and used by `read`.

Beside the standard keywords it has `x-must`: what a text must be, in words, instead of its pattern.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


def text() -> str:
    """The schema as a JSON document."""
    return resources.files(__package__).joinpath("platform.schema.json").read_text(encoding="utf-8")


@cache
def schema() -> dict[str, Any]:
    """The schema as data. Not to be changed."""
    document: dict[str, Any] = json.loads(text())
    return document
