"""Policies that AWS manages (`arn:aws:iam::aws:policy/...`), in the copy that moto packages."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from crossdock.errors import UsageError


def document(arn: str) -> Mapping[str, Any]:
    """The document of a managed policy. Raises UsageError for one that isn't known."""
    path = arn.partition(":policy")[2]
    name = path.rpartition("/")[2]
    found = _all().get(name)
    if found is None or found.get("Path", "/") + name != path:
        raise UsageError(message=f"the managed policy {arn} is not known here, so what it allows can't be proven",
                         hint="write its statements into the role's own policy")
    text: Mapping[str, Any] = found["Document"]
    return text


@cache
def _all() -> Mapping[str, Any]:
    spec = importlib.util.find_spec("moto")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(location) / "iam" / "aws_managed_policies.py"
        if file.exists():  # read apart from moto, whose import takes a second
            source = importlib.util.spec_from_file_location("_aws_managed_policies", file)
            if source is not None and source.loader is not None:
                module = importlib.util.module_from_spec(source)
                source.loader.exec_module(module)
                known: Mapping[str, Any] = json.loads(module.aws_managed_policies_data)
                return known
    raise UsageError(message="the managed policies that moto packages are not installed",
                     hint="install moto anew: pip install --force-reinstall moto")
