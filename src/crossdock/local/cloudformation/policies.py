"""Stack policies: which resources an update may modify, replace or delete.

Source: CloudFormation User Guide, "Prevent updates to stack resources".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from crossdock.local.cloudformation import fetch
from crossdock.local.engine import AwsError, Call

if TYPE_CHECKING:
    from crossdock.local.world import World

Action = Literal["Update:Modify", "Update:Replace", "Update:Delete"]
LIMIT = 16_384
_ACTIONS = ("Update:Modify", "Update:Replace", "Update:Delete", "Update:*")
_PREFIX = "LogicalResourceId/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement. `resources` and `types` are patterns with `*` and `?`; `types` empty: no condition."""

    allows: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    types: tuple[str, ...] = ()

    def speaks_of(self, action: Action, logical_id: str, kind: str) -> bool:
        acts = action in self.actions or "Update:*" in self.actions
        names = _matches(self.resources, f"{_PREFIX}{logical_id}")
        right_type = not self.types or _matches(self.types, kind)
        return acts != self.not_actions and names != self.not_resources and right_type


Policy = Sequence[Statement]
"""Empty: no policy, everything may be updated."""


def denial(policy: Policy, action: Action, logical_id: str, kind: str) -> str:
    """Why an update is refused, or an empty string. Once there is a policy, what it doesn't allow is denied."""
    if not policy:
        return ""
    spoken = [(n, one) for n, one in enumerate(policy, 1) if one.speaks_of(action, logical_id, kind)]
    denied = [
        f"Statement [#{n}] does not allow [{', '.join(one.actions)}] for resource [{_PREFIX}{logical_id}]"
        for n, one in spoken if not one.allows
    ]  # fmt: skip
    if denied:
        return f"Action denied by stack policy: {'; '.join(denied)}"
    return "" if spoken else "Action not allowed by stack policy"


def parse(text: str, names: Iterable[str] | None = None) -> Policy:
    """A policy document read. Raises AwsError ValidationError as SetStackPolicy words it.

    names  logical ids of the stack's template, of which alone a policy may speak; None: not looked at
    """
    if not text:
        return ()
    if len(text.encode()) > LIMIT:
        raise AwsError(
            "ValidationError",
            "1 validation error detected: Value at 'stackPolicyBody' failed to satisfy constraint: Member must have "
            f"length less than or equal to {LIMIT}",
        )
    try:
        found = json.loads(text)
    except ValueError as error:
        raise _invalid("Invalid stack policy") from error
    entries = found.get("Statement") if isinstance(found, dict) else None
    if isinstance(entries, dict):
        entries = [entries]
    if not isinstance(entries, list) or not entries:
        raise _invalid("Invalid stack policy")
    known = None if names is None else set(names)
    return tuple(_statement(entry, known) for entry in entries)


def of(world: World, call: Call, member: str, old: str = "") -> str:
    """The policy that a call gives as `member`Body or `member`URL, checked for its form; `old` where it gives none."""
    body, url = call.params.get(f"{member}Body"), call.params.get(f"{member}URL")
    if body is not None and url is not None:
        raise AwsError("ValidationError", f"You cannot specify both {member}Body and {member}URL")
    if url is not None:
        body = fetch.template(world, url, call.caller.via("cloudformation.amazonaws.com"), call.region)
    if body is None:
        return old
    parse(str(body))
    return str(body)


def _statement(entry: Any, known: set[str] | None) -> Statement:
    if not isinstance(entry, dict) or entry.get("Effect") not in ("Allow", "Deny"):
        raise _invalid("Invalid stack policy")
    if entry.get("Principal") not in ("*", ["*"], {"AWS": "*"}):
        raise _invalid("Statement's Principal must be *")
    actions, not_actions = _either(entry, "Action")
    resources, not_resources = _either(entry, "Resource")
    for action in actions:
        if action not in _ACTIONS:
            raise _invalid(f"Unknown action {action} in statement {{}} - actions are {', '.join(_ACTIONS)}")
    for name in resources:
        if name != "*" and not name.startswith(_PREFIX):
            raise _invalid(f"Unknown resource {name} in statement {{}} - resources start with {_PREFIX}")
        plain = name.removeprefix(_PREFIX)
        if known is not None and not set(plain) & set("*?") and plain not in known:
            raise _invalid(
                f"Unknown logical id '{name}' in statement {{}} - stack policies can only be applied to logical ids "
                "referenced in the template"
            )
    return Statement(
        allows=entry["Effect"] == "Allow", actions=actions, not_actions=not_actions, resources=resources,
        not_resources=not_resources, types=_types(entry.get("Condition") or {}),
    )  # fmt: skip


def _either(entry: Mapping[str, Any], key: str) -> tuple[tuple[str, ...], bool]:
    """The texts of a member or of its negation, and whether it is that one."""
    if (key in entry) == (f"Not{key}" in entry):
        raise _invalid(f"A statement has either {key} or Not{key}")
    given = entry.get(key, entry.get(f"Not{key}"))
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(one, str) for one in texts):
        raise _invalid("Invalid stack policy")
    return tuple(texts), key not in entry


def _types(condition: Any) -> tuple[str, ...]:
    match condition:
        case {} if not condition:
            return ()
        case {"StringEquals": {"ResourceType": given}} | {"StringLike": {"ResourceType": given}} if len(condition) == 1:
            return (given,) if isinstance(given, str) else tuple(map(str, given))
        case _:
            raise _invalid("A condition is StringEquals or StringLike on ResourceType")


def _matches(patterns: Iterable[str], text: str) -> bool:
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text) for pattern in patterns
    )


def _invalid(why: str) -> AwsError:
    return AwsError("ValidationError", f"Error validating stack policy: {why}")
