"""What REST and HTTP APIs share of a request and its answer."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crossdock.local.engine import HttpRequest, HttpResponse

_HOP = frozenset({"connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding",
                  "upgrade"})
_REMAPPED = frozenset({"authorization", "connection", "content-length", "content-md5", "date", "expect", "host",
                       "max-forwards", "proxy-authenticate", "server", "te", "trailer", "transfer-encoding", "upgrade",
                       "user-agent", "via", "www-authenticate"})
"""Headers that a backend cannot set; they come back as `x-amzn-remapped-...` (API Gateway Developer Guide, "Important
notes")."""


class Malformed(Exception):
    """A function's answer is not of the format that its integration asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request on its way through an API.

    path   below the stage, decoded, starting with `/`
    port   of the local AWS, which stands in for 443
    """

    request: HttpRequest
    path: str
    scheme: str
    port: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def headers(self) -> dict[str, str]:
        """The client's headers by lower-case name, and those that API Gateway adds."""
        given = {name: value for name, value in self.request.headers.items() if name not in _HOP}
        trace = f"Root=1-{int(self.time.timestamp()):08x}-{self.id.replace('-', '')[:24]}"
        return {**given, "x-amzn-trace-id": given.get("x-amzn-trace-id", trace), "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": self.port, "x-forwarded-proto": self.scheme}

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.request.query, keep_blank_values=True)

    @property
    def stamp(self) -> str:
        return f"{self.time:%d/%b/%Y:%H:%M:%S} +0000"

    @property
    def milliseconds(self) -> int:
        return int(self.time.timestamp() * 1000)


def visit_of(endpoint: str, request: HttpRequest, path: str) -> Visit:
    """The request as seen below the stage (or function URL) at `path`."""
    where = urlsplit(endpoint)
    return Visit(request=request, path=path, scheme=where.scheme, port=str(where.port or 443))


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Values by name, in the order in which they came."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def message(status: int, text: str, visit: Visit | None = None, *, kind: str = "") -> HttpResponse:
    """An answer of API Gateway's own."""
    headers = [("Content-Type", "application/json")]
    if kind:
        headers.append(("x-amzn-ErrorType", kind))
    if visit is not None:
        headers.append(("x-amzn-RequestId", visit.id))
    return HttpResponse(status=status, headers=dict(headers), body=json.dumps({"message": text}).encode())


def answer(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> HttpResponse:
    """An answer whose headers may repeat.

    Responses hold a header once, so repeated ones are joined by commas; cookies must not be, and go by spellings that
    differ in case (header names know none).
    """
    made: dict[str, str] = {}
    names: dict[str, str] = {}
    for name, value in headers:
        shown = f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name
        lower = shown.lower()
        if lower == "set-cookie":
            made[_spelling("set-cookie", sum(key.lower() == lower for key in made))] = value
        elif lower in names:
            made[names[lower]] += f", {value}"
        else:
            names[lower] = shown
            made[shown] = value
    return HttpResponse(status=status, headers=made, body=body)


def _spelling(name: str, number: int) -> str:
    letters = [i for i, letter in enumerate(name) if letter.isalpha()]
    upper = {place for bit, place in enumerate(letters) if number >> bit & 1}
    return "".join(letter.upper() if i in upper else letter for i, letter in enumerate(name))


def decoded(body: str) -> bytes:
    """A body that a function sent as base64. Raises Malformed."""
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("the body is not base64") from error


def status_of(given: Mapping[str, Any]) -> int:
    """The `statusCode` of a function's answer; 200 where there is none. Raises Malformed."""
    try:
        status = int(given.get("statusCode", 200))
    except (TypeError, ValueError):
        raise Malformed("statusCode is no number") from None
    if not 100 <= status <= 599:
        raise Malformed(f"statusCode {status} is none of HTTP's")
    return status


def header_pairs(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """`headers` and `multiValueHeaders` of an answer; the latter win (API Gateway Developer Guide, "Set up Lambda proxy
    integrations"). Raises Malformed."""
    single, many = given.get("headers") or {}, given.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(many, dict):
        raise Malformed("headers are no object")
    repeated = {str(name).lower() for name in many}
    pairs = [(str(name), _text(value)) for name, value in single.items() if str(name).lower() not in repeated]
    for name, values in many.items():
        if not isinstance(values, list):
            raise Malformed(f"multiValueHeaders.{name} is no list")
        pairs += [(str(name), _text(value)) for value in values]
    return pairs


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case _:
            raise Malformed(f"{value!r} is no value of a header")
