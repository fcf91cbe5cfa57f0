"""A resource's properties as an API request: where the names are equal but for their case, nothing is hand-written.

CloudFormation spells every property in PascalCase and lets every scalar be a string; the API's own model (botocore)
says how the member is spelled and of what type it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from crossdock.local.engine import NotEmulated


@lru_cache(maxsize=256)
def _spelling(shape: Any) -> dict[str, str]:
    return {name.lower(): name for name in shape.members}


def fit(shape: Any, value: Any, where: str) -> Any:
    """`value` in the spelling and types of a botocore shape. NotEmulated names a property that the API lacks."""
    match shape.type_name:
        case "structure" if isinstance(value, Mapping):
            spelled = {}
            for key, item in value.items():
                name = key if key in shape.members else _spelling(shape).get(key.lower())
                if name is None:
                    raise NotEmulated(f"{where}.{key}")
                spelled[name] = fit(shape.members[name], item, f"{where}.{key}")
            return spelled
        case "list":
            items = value if isinstance(value, list) else [value]
            return [fit(shape.member, item, where) for item in items]
        case "map" if isinstance(value, Mapping):
            return {str(key): fit(shape.value, item, f"{where}.{key}") for key, item in value.items()}
        case "string":
            return text(value)
        case "integer" | "long":
            return int(value)
        case "float" | "double":
            return float(value)
        case "boolean":
            return truth(value)
        case "blob" if isinstance(value, str):
            return value.encode()
        case _:
            return value


def text(value: Any) -> str:
    """A scalar as CloudFormation hands it on; an object (a policy document) as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (Mapping, list)):
        return json.dumps(value, default=str)
    return str(value)


def truth(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() == "true"
