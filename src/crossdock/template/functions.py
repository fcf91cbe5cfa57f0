"""The intrinsic functions by name, and their one long form.

Source: CloudFormation User Guide, "Intrinsic function reference", "Condition functions", "Rule-specific intrinsic
functions", "AWS::LanguageExtensions transform".
"""

from __future__ import annotations

from typing import Any

_FUNCTIONS = (
    "And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAZs", "GetAtt",
    "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select", "Split", "Sub", "ToJsonString",
    "Transform", "ValueOf", "ValueOfAll",
)  # fmt: skip

SHORT_TAGS = {"Ref": "Ref", "Condition": "Condition"} | {name: f"Fn::{name}" for name in _FUNCTIONS}
"""Short tag without its `!` -> key of the long form."""

INTRINSICS = frozenset(SHORT_TAGS.values()) - {"Condition"}
"""Keys that make a mapping of one entry an intrinsic. `Condition` does so only inside condition functions."""

LANGUAGE_EXTENSIONS = frozenset({"Fn::Length", "Fn::ToJsonString"})
FOR_EACH = "Fn::ForEach::"


def tagged(value: dict[str, Any]) -> dict[str, Any]:
    """The mapping with `Fn::GetAtt: A.B` written as `Fn::GetAtt: [A, B]`."""
    if len(value) == 1 and isinstance(target := value.get("Fn::GetAtt"), str) and "." in target:
        return {"Fn::GetAtt": target.split(".", 1)}
    return value


def intrinsic(value: Any) -> str | None:
    """The function that a value calls (`Ref`, `Fn::Sub`, ...), None for a plain value."""
    if isinstance(value, dict) and len(value) == 1:
        (key,) = value
        if key in INTRINSICS:
            return str(key)
    return None
