"""The intrinsic functions that need no knowledge of the stack: their arguments are already resolved.

Source: CloudFormation User Guide, "Intrinsic function reference". Messages are AWS's where AWS's are known.
"""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Callable, Mapping
from typing import Any

from crossdock.template.problems import mistake

JOIN = (
    "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to"
    " be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
)
SPLIT = (
    "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be"
    " split or a function that returns a string to be split."
)
SELECT = (
    "Template error: every Fn::Select object requires two parameters, (1) an index and (2) a list of objects to select"
    " from or a function that returns a list of objects."
)
BASE64 = "Template error: every Fn::Base64 object must have a String-typed value."
CIDR = "Template error: every Fn::Cidr object requires two or three parameters: ipBlock, count and cidrBits"


def text(value: Any) -> str | None:
    """A scalar as CloudFormation writes it into a string (`true`, `1`, `1.5`); None for anything else."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return json.dumps(value)
        case _:
            return None


def equal(left: Any, right: Any) -> bool:
    """Fn::Equals: scalars are compared as text, lists and mappings member by member."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[k], right[k]) for k in left)
    return text(left) == text(right) and text(left) is not None


def join(argument: Any) -> str:
    match argument:
        case [str() as delimiter, [*parts]]:
            texts = [text(part) for part in parts]
            if None in texts:
                raise mistake(JOIN)
            return delimiter.join(t for t in texts if t is not None)
        case _:
            raise mistake(JOIN)


def split(argument: Any) -> list[str]:
    match argument:
        case [str() as delimiter, source] if delimiter and (whole := text(source)) is not None:
            return whole.split(delimiter)
        case _:
            raise mistake(SPLIT)


def select(argument: Any) -> Any:
    match argument:
        case [int() | str() as index, [*items]]:
            if not str(index).isdigit():
                raise mistake(SELECT)
            if int(index) >= len(items):
                raise mistake(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
            return items[int(index)]
        case _:
            raise mistake(SELECT)


def encode(argument: Any) -> str:
    value = text(argument)
    if value is None:
        raise mistake(BASE64)
    return base64.b64encode(value.encode()).decode()


def cidr(argument: Any) -> list[str]:
    """`[ipBlock, count, cidrBits]`: blocks with `cidrBits` host bits (8 when not given), in order."""
    if not isinstance(argument, list) or not 2 <= len(argument) <= 3:
        raise mistake(CIDR)
    block, *numbers = argument
    try:
        network = ipaddress.ip_network(str(block), strict=False)
        count, bits = int(numbers[0]), int(numbers[1]) if len(numbers) == 2 else 8
    except (ValueError, TypeError) as error:
        raise mistake(f"{CIDR} ({error})") from error
    prefix = network.max_prefixlen - bits
    if not 1 <= count <= 256 or not network.prefixlen <= prefix <= network.max_prefixlen:
        raise mistake(f"{CIDR} (count is 1 to 256, cidrBits at most the bits of the block)")
    if count > 1 << (prefix - network.prefixlen):
        raise mistake(f"Template error: Fn::Cidr can't make {count} blocks of {bits} bits out of {block}")
    start, step = int(network.network_address), 1 << bits
    return [f"{type(network.network_address)(start + index * step)}/{prefix}" for index in range(count)]


def length(argument: Any) -> int:
    if not isinstance(argument, list):
        raise mistake("Template error: Fn::Length requires a list or a function that returns a list.")
    return len(argument)


def to_json(argument: Any) -> str:
    if not isinstance(argument, (dict, list)):
        raise mistake("Template error: Fn::ToJsonString requires an object or a list.")
    return json.dumps(argument, separators=(",", ":"), ensure_ascii=False)


PURE: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Join": join,
    "Fn::Split": split,
    "Fn::Select": select,
    "Fn::Base64": encode,
    "Fn::Cidr": cidr,
    "Fn::Length": length,
    "Fn::ToJsonString": to_json,
}
