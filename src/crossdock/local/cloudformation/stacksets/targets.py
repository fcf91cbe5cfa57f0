"""Where the instances of a request are: accounts by number, or by the units of an organization; regions.

Source: CloudFormation API Reference, "DeploymentTargets".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.cloudformation.stacksets import organization
from crossdock.local.cloudformation.stacksets.state import Place, StackSet
from crossdock.local.engine import AwsError, NotEmulated

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

_ACCOUNT = re.compile(r"[0-9]{12}")
_UNIT_ONLY = "StackSets with SERVICE_MANAGED permission model can only have OrganizationalUnit as target"
_ACCOUNTS_ONLY = "StackSets with SELF_MANAGED permission model can only have accounts as target"


def named(params: Mapping[str, Any]) -> bool:
    """Whether a request names places at all."""
    return any(member in params for member in ("Accounts", "Regions", "DeploymentTargets"))


def places(engine: Core, of: StackSet, params: Mapping[str, Any], *, new: bool = False) -> dict[Place, str]:
    """Each account in each region of a request -> the unit by which it is meant, or an empty string.

    new  the instances are to be made. Raises AwsError for targets that the set's permission model doesn't have.
    """
    regions = list(dict.fromkeys(params.get("Regions", ())))
    targets = params.get("DeploymentTargets") or {}
    if of.managed_by_service:
        if params.get("Accounts"):
            raise AwsError("ValidationError", _UNIT_ONLY)
        accounts = _of_units(engine, targets, new=new)
    else:
        if targets.get("OrganizationalUnitIds") or targets.get("AccountFilterType"):
            raise AwsError("ValidationError", _ACCOUNTS_ONLY)
        accounts = dict.fromkeys(_numbers(params.get("Accounts") or targets.get("Accounts") or ()), "")
        if not accounts:
            raise AwsError("ValidationError", "Accounts must be specified and cannot be empty")
    if not regions:
        raise AwsError("ValidationError", "Regions must be specified and cannot be empty")
    return {(account, region): unit for region in regions for account, unit in accounts.items()}


def _of_units(engine: Core, targets: Mapping[str, Any], *, new: bool) -> dict[str, str]:
    units = list(targets.get("OrganizationalUnitIds") or ())
    if targets.get("AccountsUrl"):
        raise NotEmulated("DeploymentTargets.AccountsUrl")
    if not units:
        raise AwsError("ValidationError", _UNIT_ONLY)
    reached = organization.members(engine, units)
    some = _numbers(targets.get("Accounts") or ())
    kind = str(targets.get("AccountFilterType", "NONE"))
    if bool(some) != (kind != "NONE"):
        raise AwsError("ValidationError", "Accounts and AccountFilterType must be specified together")
    match kind:
        case "INTERSECTION":
            return {account: unit for account, unit in reached.items() if account in some}
        case "DIFFERENCE":
            return {account: unit for account, unit in reached.items() if account not in some}
        case "UNION" if new:
            raise AwsError("ValidationError", "AccountFilterType UNION is not supported for create operations")
        case "UNION":
            return {**dict.fromkeys(some, ""), **reached}
        case _:
            return reached


def _numbers(accounts: Any) -> list[str]:
    """Account numbers, each once. Raises AwsError for what is none."""
    for account in accounts:
        if not _ACCOUNT.fullmatch(account):
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '[{', '.join(accounts)}]' at 'accounts' failed to satisfy "
                "constraint: Member must satisfy constraint: [Member must satisfy regular expression pattern: "
                "^[0-9]{12}$]",
            )
    return list(dict.fromkeys(accounts))


def remember(of: StackSet, params: Mapping[str, Any]) -> None:
    """From now on these units are targets in these regions."""
    for unit in (params.get("DeploymentTargets") or {}).get("OrganizationalUnitIds") or ():
        held = of.units.setdefault(unit, [])
        held += [region for region in params.get("Regions", ()) if region not in held]


def forget(of: StackSet, params: Mapping[str, Any]) -> None:
    """These units are targets in these regions no more, unless only some of their accounts are meant."""
    targets = params.get("DeploymentTargets") or {}
    if targets.get("AccountFilterType", "NONE") not in ("NONE", "UNION"):
        return
    for unit in targets.get("OrganizationalUnitIds") or ():
        of.units[unit] = [region for region in of.units.get(unit, ()) if region not in params.get("Regions", ())]
        if not of.units[unit]:
            del of.units[unit]
