"""Identities: what hangs on something keeps it from being deleted, and a boundary is a policy that exists.

Sources: IAM API reference, the DeleteConflict errors of the Delete operations; IAM User Guide, permissions boundaries.
"""

from __future__ import annotations

from crossdock.local.door.rules.asked import Asked
from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.store.hanging import hangs_on


def check(asked: Asked) -> None:
    """Raises AwsError DeleteConflict, NoSuchEntity; NotEmulated for boundaries of users."""
    match asked.operation:
        case "DeleteUser" | "DeleteGroup" | "DeletePolicy":
            name = asked.text({"DeleteUser": "UserName", "DeleteGroup": "GroupName"}.get(asked.operation, "PolicyArn"))
            if why := hangs_on(asked.operation, name, asked.account):
                raise AwsError("DeleteConflict", f"Cannot delete {why}", 409)
        case "CreateUser" if asked.params.get("PermissionsBoundary"):
            raise NotEmulated("permissions boundaries of users: put one on a role")
        case "CreateRole" | "PutRolePermissionsBoundary":
            boundary = asked.text("PermissionsBoundary")
            if boundary and asked.store.identities.managed_policy(boundary, asked.account) is None:
                raise AwsError("NoSuchEntity", f"Scope ARN: {boundary} does not exist or is not attachable.", 404)
        case _:
            return
