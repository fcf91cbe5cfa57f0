"""What a template may only do when the caller acknowledged it.

Source: CloudFormation API reference, CreateStack, Capabilities.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crossdock.local.engine import AwsError

IAM_TYPES = frozenset({
    "AWS::IAM::AccessKey", "AWS::IAM::Group", "AWS::IAM::GroupPolicy", "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::RolePolicy", "AWS::IAM::User",
    "AWS::IAM::UserPolicy", "AWS::IAM::UserToGroupAddition",
})  # fmt: skip
_NAMES = {
    "AWS::IAM::Group": "GroupName", "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName", "AWS::IAM::Role": "RoleName", "AWS::IAM::User": "UserName",
}  # fmt: skip


def needed(resources: Iterable[Mapping[str, Any]]) -> tuple[str, list[str]]:
    """The IAM capability that these resources need (or an empty string), and the types that make it needed."""
    types: dict[str, None] = {}
    named = False
    for declared in resources:
        kind = declared.get("Type", "")
        if kind in IAM_TYPES:
            types[kind] = None
            properties = declared.get("Properties")
            named = named or (isinstance(properties, Mapping) and _NAMES.get(kind, "") in properties)
    return ("CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM" if types else ""), list(types)


def check(resources: Iterable[Mapping[str, Any]], macros: list[str], given: Iterable[str]) -> None:
    """Raises InsufficientCapabilitiesException as AWS words it."""
    have = set(given)
    lacking = []
    want, _ = needed(resources)
    enough = {want} if want == "CAPABILITY_NAMED_IAM" else {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}
    if want and not have & enough:
        lacking.append(want)
    if macros and "CAPABILITY_AUTO_EXPAND" not in have:
        lacking.append("CAPABILITY_AUTO_EXPAND")
    if lacking:
        raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{', '.join(lacking)}]")
