"""The Transform section: which macros a template declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"


def declared(body: Mapping[str, Any]) -> list[str]:
    """Names of the transforms that a template declares."""
    section = body.get("Transform")
    entries = section if isinstance(section, list) else [] if section is None else [section]
    return [str(entry.get("Name")) if isinstance(entry, dict) else str(entry) for entry in entries]


def without(body: Mapping[str, Any], transform: str) -> dict[str, Any]:
    """The body after a transform has run: it no longer declares it."""
    section = body.get("Transform")
    entries = section if isinstance(section, list) else [] if section is None else [section]
    left = [e for e in entries if (e.get("Name") if isinstance(e, dict) else e) != transform]
    rest = {key: value for key, value in body.items() if key != "Transform"}
    return {**rest, "Transform": left} if left else rest
