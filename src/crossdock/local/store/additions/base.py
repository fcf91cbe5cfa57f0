"""What additions are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.core.exceptions import ServiceException

Added = Mapping[str, Mapping[str, Callable[..., Any]]]
"""Class of responses -> operations that it lacks."""
Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]
Wrapped = tuple[tuple[str, str, Wrap], ...]
"""Class of the backend or of the responses (`module.Class` in a part of them), its method, what goes around it."""


class NoSuch(ServiceException):  # type: ignore[misc]
    """What the API says of a name that nothing has."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def found(held: Mapping[str, Any], name: str, code: str, noun: str) -> Any:
    if name not in held:
        raise NoSuch(code, f"{noun} {name} does not exist")
    return held[name]


def gone(held: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What is deleted is gone: moto shows it as `deleting` for ever."""

    def wrap(as_written: Callable[..., Any]) -> Callable[..., Any]:
        def delete(self: Any, *given: Any, **more: Any) -> Any:
            name = given[0] if given else next(iter(more.values()))
            deleted = as_written(self, *given, **more)
            getattr(self, held).pop(name, None)
            return deleted

        return delete

    return wrap
