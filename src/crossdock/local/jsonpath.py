"""JSON paths as AWS's services write them (Jayway's dialect), by jsonpath-ng."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.parser import parse


class PathError(ValueError):
    """The text is no JSON path."""


_MANY = re.compile(r"\*|\.\.|\?|\[[^\]'\"]*[:,]")
_HYPHENS = re.compile(r"\.([A-Za-z_]\w*-[\w-]+)")


@lru_cache(maxsize=1024)
def _compiled(path: str) -> Any:
    try:
        return parse(_HYPHENS.sub(r"['\1']", path))  # keys with hyphens need quotes here
    except (JSONPathError, AttributeError, IndexError, KeyError) as error:
        raise PathError(f"Invalid JSON path expression: {path}") from error


def find(document: Any, path: str) -> tuple[bool, Any]:
    """(whether there is such, what stands there): one value, or a list where the path may match several. Raises
    PathError."""
    if path.strip() in ("$", ""):
        return True, document
    found = [match.value for match in _compiled(path).find(document)]
    if _MANY.search(path):
        return True, found
    return bool(found), found[0] if found else None
