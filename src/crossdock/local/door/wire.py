"""A request and an answer as they stand on the wire, whatever carried them (a socket or an in-process client)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote


@dataclass(slots=True, kw_only=True)
class Wire:
    """One HTTP request.

    raw_path  percent-encoded as it was sent (signatures are taken over it)
    headers   names in lower case
    """

    method: str
    raw_path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""
    _pairs: list[tuple[str, str]] | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        return unquote(self.raw_path)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Query parameters, decoded, in order; a bare name has an empty value."""
        if self._pairs is None:
            self._pairs = parse_qsl(self.query, keep_blank_values=True)
        return self._pairs

    def argument(self, name: str) -> str | None:
        """The first query parameter of this name."""
        for key, value in self.pairs:
            if key == name:
                return value
        return None


@dataclass(slots=True, kw_only=True)
class Answer:
    """One HTTP response."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
