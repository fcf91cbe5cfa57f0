"""Certificate Manager: tags of AWS's own are kept too; whose they are is asked at the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _others(as_written: Callable[..., None]) -> Callable[..., None]:
    def validate_kv(self: Any, key: str, value: str | None, index: int) -> None:
        if not key.startswith("aws:"):
            as_written(self, key, value, index)

    return validate_kv


WRAPPED: Wrapped = (("TagHolder", "_validate_kv", _others),)
