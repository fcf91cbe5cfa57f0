"""Context keys and values in one form, so that policies and requests meet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

Value: TypeAlias = str | tuple[str, ...]
"""A context value: a string, or several of them for a multivalued key."""

_KMS_PAIR = "kms:encryptioncontext:"


def fold(key: str) -> str:
    """The form in which condition keys compare: case is ignored, tag keys included (IAM User Guide, Condition).

    Only the name of a KMS encryption context pair keeps its case (KMS Developer Guide, kms:EncryptionContext).
    """
    lower = key.lower()
    return _KMS_PAIR + key[len(_KMS_PAIR) :] if lower.startswith(_KMS_PAIR) else lower


def text(value: object) -> str:
    """A JSON scalar as the string that it equals: `true`, `10`, `2012-10-17` (IAM User Guide, policy grammar)."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case date():  # datetime too; YAML turns unquoted dates into these
            return value.isoformat()
        case int() | float():
            return str(value)
        case _:
            raise TypeError(f"{type(value).__name__} is no value of a condition")


def context(given: Mapping[str, object]) -> dict[str, Value]:
    """A request's context by folded key. Null values and empty lists are left out: such a key is not there."""
    found: dict[str, Value] = {}
    for key, value in given.items():
        if isinstance(value, str):
            found[fold(key)] = value
        elif isinstance(value, (list, tuple, set, frozenset)):
            if value:
                found[fold(key)] = tuple(text(v) for v in value)
        elif value is not None:
            found[fold(key)] = text(value)
    return found
