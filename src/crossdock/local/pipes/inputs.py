"""Records as a pipe shows them, and what enrichment and target get of them.

EventBridge User Guide, "Amazon EventBridge Pipes input transformation", "... event filtering", "... sources".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crossdock.local import jsonpath
from crossdock.local.bus.patterns import compile_pattern

_PLACE = re.compile(r"<(\$[^>]*|aws\.pipes\.[\w.-]+)>")


def event(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record without the wrapping that Lambda gives those of Kinesis."""
    plain: dict[str, Any] = json.loads(json.dumps(record, default=_plain))
    inner = plain.pop("kinesis", None)
    return {**inner, **plain} if inner is not None else plain


def passes(given: Mapping[str, Any], criteria: Mapping[str, Any]) -> bool:
    """Whether one of the filters matches; bodies and data count as JSON where they are such."""
    filters = (criteria or {}).get("Filters") or ()
    seen = opened(given)
    return not filters or any(compile_pattern(str(one.get("Pattern") or "{}")).matches(seen) for one in filters)


def opened(given: Mapping[str, Any]) -> dict[str, Any]:
    """An event whose body, or data, is JSON if it can be."""
    made = dict(given)
    if isinstance(made.get("body"), str):
        made["body"] = _maybe(made["body"])
    if isinstance(made.get("data"), str):
        made["data"] = _maybe(base64.b64decode(made["data"]).decode("utf-8", "replace"))
    return made


def transformed(template: str, given: Any, pipe: Mapping[str, str]) -> Any:
    """An event by a template: JSON where the template is such, else text. `<$.path>` stands for a value."""
    seen = opened(given) if isinstance(given, Mapping) else given

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name.startswith("aws.pipes."):
            told: Any = pipe.get(name, seen if name.endswith("event.json") else "")
        else:
            told = jsonpath.find(seen, name)[1]
        within = len(re.findall(r'(?<!\\)"', template[: found.start()])) % 2 == 1
        if within:
            return json.dumps(told if isinstance(told, str) else "" if told is None else json.dumps(told))[1:-1]
        return json.dumps(told)

    return _maybe(_PLACE.sub(value, template))


def resolved(parameter: Any, given: Any) -> Any:
    """A parameter of the target whose text is a path (`$.body.id`): what stands there in the event."""
    if isinstance(parameter, str) and parameter.startswith("$"):
        return jsonpath.find(opened(given) if isinstance(given, Mapping) else given, parameter)[1]
    return parameter


def _maybe(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.timestamp()
        case _:
            return str(value)
