"""What still hangs on a user, a group or a managed policy, and so keeps it from being deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.backends import get_backend

_DETACH, _INLINE = "entity, must detach all policies first.", "entity, must delete policies first."


def hangs_on(operation: str, name: str, account: str, partition: str = "aws") -> str:
    """The end of IAM's message, empty when nothing hangs on it. `name`: of a user or group, or a policy's ARN."""
    iam = get_backend("iam")[account][partition]
    match operation:
        case "DeleteUser":
            return next(_on_user(iam, name), "")
        case "DeleteGroup":
            return next(_on_group(iam, name), "")
        case _:
            return next(_on_policy(iam, name), "")


def _on_user(iam: Any, name: str) -> Iterator[str]:
    user = iam.users.get(name)
    if user is None:
        return
    if user.managed_policies:
        yield _DETACH
    if user.policies:
        yield _INLINE
    if any(user in group.users for group in iam.groups.values()):
        yield "entity, must remove users from group first."
    if user.access_keys:
        yield "entity, must delete access keys first."
    if user.password:
        yield "entity, must delete login profile first."
    if user.mfa_devices:
        yield "entity, must delete MFA device first."
    if user.ssh_public_keys:
        yield "entity, must delete SSH public keys first."


def _on_group(iam: Any, name: str) -> Iterator[str]:
    group = iam.groups.get(name)
    if group is None:
        return
    if group.users:
        yield "entity, must remove users from group first."
    if group.managed_policies:
        yield _DETACH
    if group.policies:
        yield _INLINE


def _on_policy(iam: Any, arn: str) -> Iterator[str]:
    policy = iam.managed_policies.get(arn)
    if policy is None:
        return
    entities = [*iam.roles.values(), *iam.users.values(), *iam.groups.values()]
    if any(arn in entity.managed_policies for entity in entities):
        yield "a policy attached to entities."
    if any(role.permissions_boundary_arn == arn for role in iam.roles.values()):
        yield "a policy in use as a permissions boundary."
    if len(policy.versions) > 1:
        yield "a policy with more than one version: it has non-default versions."
