"""References into a state's input: paths, payload templates, intrinsic functions.

Amazon States Language, "Paths", "Payload Template", "Intrinsic Functions"; Step Functions Developer Guide,
"Intrinsics for JSONPath state machines", "Passing data between states with variables".
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock.local import jsonpath
from crossdock.local.machines.errors import StateFailed

Scope = Mapping[str, Any]
"""`$` input, `$$` context object, and variables by name."""
_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>true|false|null)\b"
    r"|(?P<call>States\.\w+)\(|(?P<path>\$[^,()]*(?:\([^)]*\)[^,()]*)*))"
)


def value(path: str, scope: Scope, field: str = "") -> Any:
    """What a path, or an intrinsic function, comes to. Raises StateFailed."""
    text = path.strip()
    if text.startswith("States."):
        found, rest = _call(text, scope)
        if rest.strip():
            raise StateFailed("States.Runtime", f"The function {path} is not valid")
        return found
    return _at(text, scope, field)


def _at(path: str, scope: Scope, field: str) -> Any:
    if path.startswith("$$"):
        document, inner = scope["$$"], path[1:]
    elif (name := re.match(r"\$([A-Za-z_]\w*)", path)) is not None:
        if name[1] not in scope:
            raise StateFailed("States.Runtime", f"The variable '${name[1]}' is not defined")
        document, inner = scope[name[1]], "$" + path[name.end() :]
    else:
        document, inner = scope["$"], path
    try:
        there, found = jsonpath.find(document, inner)
    except jsonpath.PathError as error:
        raise StateFailed("States.Runtime", str(error)) from error
    if not there:
        where = f" specified for the field '{field}'" if field else ""
        raise StateFailed("States.Runtime" if not field.endswith(".$") else "States.ParameterPathFailure",
                          f"The JSONPath '{path}'{where} could not be found in the input '{json.dumps(scope['$'])}'")
    return found


def exists(path: str, scope: Scope) -> bool:
    try:
        _at(path, scope, "")
    except StateFailed:
        return False
    return True


def filled(template: Any, scope: Scope) -> Any:
    """A payload template: members whose names end in `.$` are replaced by what their paths come to."""
    match template:
        case Mapping():
            return {
                key[:-2] if key.endswith(".$") else key:
                value(str(item), scope, key) if key.endswith(".$") else filled(item, scope)
                for key, item in template.items()
            }
        case list():
            return [filled(item, scope) for item in template]
        case _:
            return template


def put(document: Any, path: str | None, result: Any) -> Any:
    """ResultPath: the input with the result put into it; null discards the result."""
    if path is None:
        return document
    steps = [a or int(b) if a or b else c for a, b, c in re.findall(r"\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]", path)]
    if not steps:
        return result
    made = json.loads(json.dumps(document))
    if not isinstance(made, dict | list):
        raise StateFailed("States.ResultPathMatchFailure", f"Unable to apply ReferencePath {path} to {document!r}")
    holder: Any = made
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if following is None:
            holder[step] = result
        elif isinstance(step, str) and isinstance(holder, dict):
            if not isinstance(holder.get(step), dict | list):
                holder[step] = {}
            holder = holder[step]
        elif isinstance(step, int) and isinstance(holder, list) and step < len(holder):
            holder = holder[step]
        else:
            raise StateFailed("States.ResultPathMatchFailure", f"Unable to apply ReferencePath {path} to the input")
    return made


# -- intrinsic functions


def _call(text: str, scope: Scope) -> tuple[Any, str]:
    name, _, rest = text.partition("(")
    arguments: list[Any] = []
    rest = rest.lstrip()
    while not rest.startswith(")"):
        found, rest = _argument(rest, scope)
        arguments.append(found)
        rest = rest.lstrip()
        if rest.startswith(","):
            rest = rest[1:]
        elif not rest.startswith(")"):
            raise StateFailed("States.Runtime", f"The function {text} is not valid")
    function = FUNCTIONS.get(name)
    if function is None:
        raise StateFailed("States.Runtime", f"The function {name} is not known")
    try:
        return function(*arguments), rest[1:]
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise StateFailed("States.IntrinsicFailure", f"{name}: {error}") from error


def _argument(text: str, scope: Scope) -> tuple[Any, str]:
    found = _TOKEN.match(text)
    if found is None:
        raise StateFailed("States.Runtime", f"no argument of an intrinsic function: {text}")
    if found["call"]:
        return _call(text.lstrip(), scope)
    rest = text[found.end() :]
    if found["string"]:
        return re.sub(r"\\(.)", r"\1", found["string"][1:-1]), rest
    if found["number"]:
        return json.loads(found["number"]), rest
    if found["word"]:
        return json.loads(found["word"]), rest
    return _at(found["path"].strip(), scope, ""), rest


def _format(template: str, *arguments: Any) -> str:
    parts = re.split(r"(?<!\\)\{\}", template)
    if len(parts) != len(arguments) + 1:
        raise ValueError("the number of arguments does not match the occurrences of {}")
    texts = [one if isinstance(one, str) else json.dumps(one) for one in arguments]
    return "".join(part + text for part, text in zip(parts, [*texts, ""], strict=True))


def _partition(items: Sequence[Any], size: int) -> list[list[Any]]:
    return [list(items[at : at + int(size)]) for at in range(0, len(items), int(size))]


def _range(first: int, last: int, step: int) -> list[int]:
    made = list(range(int(first), int(last) + (1 if step > 0 else -1), int(step)))
    if len(made) > 1000:
        raise ValueError("more than 1000 elements")
    return made


def _unique(items: Sequence[Any]) -> list[Any]:
    return [item for at, item in enumerate(items) if item not in items[:at]]


def _random(first: int, last: int, seed: int | None = None) -> int:
    return random.Random(seed).randrange(int(first), int(last))  # noqa: S311  as the function is meant


def _split(text: str, separators: str) -> list[str]:
    return [part for part in re.split("[" + re.escape(separators) + "]", text) if part]


def _hash(text: Any, algorithm: str) -> str:
    known = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
    given = text if isinstance(text, str) else json.dumps(text)
    return hashlib.new(known[algorithm], given.encode(), usedforsecurity=False).hexdigest()


def _merge(first: dict[str, Any], second: dict[str, Any], deep: bool) -> dict[str, Any]:
    if deep:
        raise ValueError("only shallow merging is supported")
    return {**first, **second}


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "States.Format": _format, "States.StringToJson": json.loads,
    "States.JsonToString": lambda given: json.dumps(given, separators=(",", ":")),
    "States.Array": lambda *items: list(items), "States.ArrayPartition": _partition,
    "States.ArrayContains": lambda items, item: item in items, "States.ArrayRange": _range,
    "States.ArrayGetItem": lambda items, at: items[int(at)], "States.ArrayLength": len, "States.ArrayUnique": _unique,
    "States.Base64Encode": lambda text: base64.b64encode(text.encode()).decode(),
    "States.Base64Decode": lambda text: base64.b64decode(text).decode(), "States.Hash": _hash,
    "States.JsonMerge": _merge, "States.MathRandom": _random, "States.MathAdd": lambda a, b: int(a) + int(b),
    "States.StringSplit": _split, "States.UUID": lambda: str(uuid.uuid4()),
}
