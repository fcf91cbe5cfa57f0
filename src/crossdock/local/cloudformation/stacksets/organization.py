"""Stack sets and the organization: whether they have its trust, who administers them, whom a unit reaches.

Source: CloudFormation User Guide, "Activate trusted access for StackSets with AWS Organizations", "Register a delegated
administrator member account", "Service-managed permissions".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError, Call
from crossdock.local.organizations import Organizations

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

PRINCIPAL = "member.org.stacksets.cloudformation.amazonaws.com"
_NO_ACCESS = "You must enable organizations access to operate a service managed stack set"
_NO_ADMINISTRATOR = (
    "You must be the management account or delegated admin account of an organization before operating a "
    "SERVICE_MANAGED stack set"
)
_NOT_DELEGATED = "Account used is not a delegated administrator"


def of(engine: Core) -> Organizations | None:
    """The organization, where there is one."""
    if not engine.world.organization or not engine.has("organizations"):
        return None
    found = engine.world.engine("organizations")
    return found if isinstance(found, Organizations) else None


def trusted(engine: Core) -> Organizations:
    """The organization. Raises AwsError where StackSets has no access to it."""
    found = of(engine)
    if found is None or not found.trusts(PRINCIPAL):
        raise AwsError("ValidationError", _NO_ACCESS)
    return found


def home(engine: Core, call: Call) -> str:
    """The account whose stack sets a call is about: a delegated administrator acts in the management account. Raises
    AwsError for who says that it is one and is not."""
    if call.params.get("CallAs") != "DELEGATED_ADMIN":
        return call.account
    found = of(engine)
    if found is None or not found.administers(call.account, PRINCIPAL):
        raise AwsError("ValidationError", _NOT_DELEGATED)
    return engine.world.management_account


def must_administer(engine: Core, call: Call) -> None:
    """Raises AwsError for who may not operate stack sets with service-managed permissions."""
    trusted(engine)
    if home(engine, call) != engine.world.management_account:
        raise AwsError("ValidationError", _NO_ADMINISTRATOR)


def members(engine: Core, units: Iterable[str]) -> dict[str, str]:
    """Account -> the first of the units (or the root) that it is in, units below included. The management account has
    no stack of such a set, wherever it is. Raises AwsError for a unit that isn't there."""
    found = trusted(engine)
    reached: dict[str, str] = {}
    for unit in units:
        if not found.is_parent(unit):
            raise AwsError("ValidationError", f"Organizational unit {unit} is not found in the organization")
        for account in found.state.accounts:
            if account != engine.world.management_account and unit in found.state.path(account):
                reached.setdefault(account, unit)
    return reached


def status(engine: Core) -> str:
    found = of(engine)
    return "ENABLED" if found is not None and found.trusts(PRINCIPAL) else "DISABLED"


def activate(engine: Core, call: Call, *, on: bool) -> None:
    """Give StackSets access to the organization, or take it, with the caller's rights. Raises AwsError."""
    client = engine.world.client("organizations", call.caller.via("cloudformation.amazonaws.com"), call.region)
    try:
        if on:
            client.enable_aws_service_access(ServicePrincipal=PRINCIPAL)
        else:
            client.disable_aws_service_access(ServicePrincipal=PRINCIPAL)
    except ClientError as error:
        raise AwsError("InvalidOperationException", str(error.response["Error"].get("Message", ""))) from error
