"""What mapping templates and parameter mappings see of a request, and what they make of it.

API Gateway Developer Guide, "Variables for data transformations" ($input, $context, $stageVariables, $util) and "Map
method request and response data".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from crossdock.local import jsonpath
from crossdock.local.engine import NotEmulated
from crossdock.local.gateway import vtl
from crossdock.local.gateway.exchange import Visit, grouped
from crossdock.local.gateway.vtl.values import as_json


@dataclass(slots=True, kw_only=True)
class Seen:
    """A request on its way through an integration.

    path       what the path's variables stand for
    context    $context; templates may write to `requestOverride` and `responseOverride` in it
    stage      $stageVariables
    """

    visit: Visit
    path: Mapping[str, str]
    context: dict[str, Any]
    stage: Mapping[str, str]
    query: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.query = grouped(self.visit.query)
        self.context.setdefault("requestOverride", {"header": {}, "path": {}, "querystring": {}})
        self.context.setdefault("responseOverride", {"header": {}})

    @property
    def body(self) -> str:
        return self.visit.request.body.decode("utf-8", "replace")

    def header(self, name: str) -> str | None:
        return self.visit.headers.get(name.lower())

    @property
    def parameters(self) -> dict[str, dict[str, str]]:
        """$input.params()"""
        return {"path": dict(self.path), "querystring": {name: values[-1] for name, values in self.query.items()},
                "header": dict(self.visit.headers)}


def transform(template: str, seen: Seen, body: str) -> str:
    """A template rendered over `body`. Raises vtl.TemplateFailed, NotEmulated."""
    found = vtl.render(template, {
        "input": Input(body, seen), "util": Util(), "context": seen.context, "stageVariables": dict(seen.stage)})
    return found.text


class Input:
    """$input"""

    def __init__(self, body: str, seen: Seen) -> None:
        self._body, self._seen = body, seen

    def members(self) -> Mapping[str, Any]:
        return {"body": self._body}

    def methods(self) -> Mapping[str, Callable[..., Any]]:
        return {"json": self.json, "path": self.path, "params": self.params, "body": lambda: self._body}

    def path(self, expression: str) -> Any:
        return look(self._document(), expression)

    def json(self, expression: str) -> str:
        found = look(self._document(), expression)
        return as_json(found) if found is not None else ""

    def params(self, name: str | None = None) -> Any:
        known = self._seen.parameters
        if name is None:
            return known
        # Path, query string and header are searched in that order.
        return known["path"].get(name, known["querystring"].get(name, self._seen.header(name)))

    def _document(self) -> Any:
        if not self._body.strip():
            return {}
        try:
            return json.loads(self._body)
        except ValueError:
            return self._body


class Util:
    """$util"""

    def methods(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "escapeJavaScript": escaped, "parseJson": lambda text: json.loads(text) if text else None,
            "urlEncode": lambda text: quote_plus(vtl.text(text)),
            "urlDecode": lambda text: unquote_plus(vtl.text(text)),
            "base64Encode": lambda text: base64.b64encode(vtl.text(text).encode()).decode(),
            "base64Decode": lambda text: base64.b64decode(vtl.text(text)).decode("utf-8", "replace"),
        }

    def members(self) -> Mapping[str, Any]:
        return {}


def escaped(value: Any) -> str:
    """$util.escapeJavaScript: as a JavaScript string would hold it; single quotes too."""
    quoted = json.dumps(vtl.text(value))[1:-1]
    return quoted.replace("'", "\\'").replace("/", "\\/")


def look(document: Any, expression: str) -> Any:
    """What stands at a JSON path: the value itself, or a list where the path may match several."""
    try:
        return jsonpath.find(document, expression if expression.startswith("$") else f"$.{expression}")[1]
    except jsonpath.PathError as error:
        raise vtl.TemplateFailed(str(error)) from error


_EXPRESSION = re.compile(r"(?:method|integration)\.(?:request|response)\.(\w+)(?:\.(.+))?")


def value_of(expression: str, seen: Seen, body: str, headers: Mapping[str, str] | None = None) -> str | None:
    """What a parameter mapping's right side stands for; None when there is no such. `headers` are the backend's."""
    if re.fullmatch(r"'.*'", expression, re.DOTALL):
        return expression[1:-1]
    where, _, name = expression.partition(".")
    match where:
        case "context":
            return _text(_at(seen.context, name))
        case "stageVariables":
            return seen.stage.get(name)
    found = _EXPRESSION.fullmatch(expression)
    if found is None:
        raise NotEmulated(f"the parameter mapping {expression} of API Gateway")
    kind, name = found[1], found[2] or ""
    match kind:
        case "body":
            return body if not name else _text(Input(body, seen).path(f"$.{name}"))
        case "header" | "multivalueheader":
            return (headers or {}).get(name.lower()) if headers is not None else seen.header(name)
        case "querystring":
            return seen.query[name][-1] if name in seen.query else None
        case "multivaluequerystring":
            return ",".join(seen.query[name]) if name in seen.query else None
        case "path":
            return seen.path.get(name)
        case _:
            raise NotEmulated(f"the parameter mapping {expression} of API Gateway")


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return as_json(value)
