"""Resource Groups: tags of AWS's own are kept too; whose they are is asked at the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _others(as_written: Callable[..., None]) -> Any:
    def validate_tags(tags: dict[str, str]) -> None:
        as_written({key: value for key, value in tags.items() if not key.startswith("aws:")})

    return staticmethod(validate_tags)


WRAPPED: Wrapped = (("ResourceGroupsBackend", "_validate_tags", _others),)
