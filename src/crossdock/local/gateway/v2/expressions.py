"""Parameter mappings of HTTP APIs: `$request.body.name`, `${context.requestId}`, text.

API Gateway Developer Guide, "Transform API requests and responses for HTTP APIs".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway.exchange import Visit, grouped
from crossdock.local.gateway.mapping import look

_WHOLE = re.compile(r"\$(?P<path>(?:request|context|stageVariables|response)\.?[\w.\[\]*@?()'-]*)")
_WITHIN = re.compile(r"\$\{(?P<path>(?:request|context|stageVariables|response)[^}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What expressions may ask for."""

    visit: Visit
    path: Mapping[str, str]
    context: Mapping[str, Any]
    stage: Mapping[str, str]
    response: tuple[int, Mapping[str, str], bytes] | None = None


def filled(expression: str, values: Values) -> str:
    """The text that an expression comes to; empty for what isn't there."""
    whole = _WHOLE.fullmatch(expression)
    if whole is not None:
        return found(whole["path"], values) or ""
    return _WITHIN.sub(lambda match: found(match["path"], values) or "", expression)


def found(path: str, values: Values) -> str | None:
    where, _, rest = path.partition(".")
    match where:
        case "stageVariables":
            return values.stage.get(rest)
        case "context":
            return _text(_at(values.context, rest))
        case "response" if values.response is not None:
            return _of_response(rest, values.response)
        case "request":
            return _of_request(rest, values)
        case _:
            raise NotEmulated(f"the parameter mapping ${path} of HTTP APIs")


def _of_request(rest: str, values: Values) -> str | None:
    kind, _, name = rest.partition(".")
    match kind:
        case "body":
            body = values.visit.request.body.decode("utf-8", "replace")
            return _body(body, name)
        case "header":
            return values.visit.headers.get(name.lower())
        case "querystring":
            return ",".join(grouped(values.visit.query).get(name, ())) or None
        case "path" if not name:
            return values.visit.path
        case "path":
            return values.path.get(name)
        case _:
            raise NotEmulated(f"the parameter mapping $request.{rest} of HTTP APIs")


def _of_response(rest: str, response: tuple[int, Mapping[str, str], bytes]) -> str | None:
    status, headers, body = response
    kind, _, name = rest.partition(".")
    match kind:
        case "header":
            return next((value for key, value in headers.items() if key.lower() == name.lower()), None)
        case "body":
            return _body(body.decode("utf-8", "replace"), name)
        case "statuscode":
            return str(status)
        case _:
            raise NotEmulated(f"the parameter mapping $response.{rest} of HTTP APIs")


def _body(body: str, name: str) -> str | None:
    if not name:
        return body
    try:
        return _text(look(json.loads(body), name if name.startswith("$") else f"$.{name}"))
    except ValueError:
        return None


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))
