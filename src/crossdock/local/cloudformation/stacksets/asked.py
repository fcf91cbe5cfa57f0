"""What a caller asks for: a set's template and inputs, checked; the places of its instances."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossdock.local.cloudformation import capabilities, macros, request
from crossdock.local.cloudformation.stacksets.state import Place, StackSet
from crossdock.local.cloudformation.templates import body_of
from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.template import parameters

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The template and inputs of a set."""

    text: str
    body: Mapping[str, Any]
    given: Mapping[str, str]
    capabilities: tuple[str, ...]
    tags: Mapping[str, str]
    managed: bool


def refuse_service_managed(params: Mapping[str, Any]) -> None:
    """Targets by organizational unit would need an organization's tree and its trusted access."""
    if params.get("PermissionModel", "SELF_MANAGED") != "SELF_MANAGED" or params.get("DeploymentTargets"):
        raise NotEmulated("stack sets with service-managed permissions")
    if (params.get("AutoDeployment") or {}).get("Enabled"):
        raise AwsError("ValidationError", "AutoDeployment is only valid for SERVICE_MANAGED stack sets")
    if params.get("StackId"):
        raise NotEmulated("importing a stack into a stack set (StackId)")


def asked(engine: Core, call: Call, of: StackSet | None) -> Asked:
    """What CreateStackSet and UpdateStackSet ask for. Raises AwsError for a template or inputs that AWS refuses.

    SSM parameters are read where the stacks are, so their values aren't looked at here.
    """
    params = call.params
    text = request.text(engine.world, call, of.text if of else None)
    body = body_of(text)
    given: dict[str, str] = {}
    for entry in params.get("Parameters", ()):
        name = entry["ParameterKey"]
        if entry.get("UsePreviousValue"):
            if of is None or name not in of.given:
                raise request.no_previous_value(name)
            given[name] = of.given[name]
        else:
            given[name] = str(entry.get("ParameterValue", ""))
    request.checked(body, given)
    acknowledged = tuple(params.get("Capabilities", ()))
    capabilities.check(body["Resources"].values(), macros.acknowledged(body), acknowledged)
    old = of.tags if of else {}
    managed = params.get("ManagedExecution")
    return Asked(
        text=text, body=body, given=parameters.stored(body, given), capabilities=acknowledged,
        tags={tag["Key"]: tag["Value"] for tag in params["Tags"]} if "Tags" in params else old,
        managed=bool(managed.get("Active")) if managed is not None else bool(of and of.managed),
    )  # fmt: skip


def places(params: Mapping[str, Any]) -> list[Place]:
    """Each account in each region of a request. Raises AwsError for what is no account number, or when one lacks."""
    accounts, regions = list(params.get("Accounts", ())), list(params.get("Regions", ()))
    for account in accounts:
        if not _ACCOUNT.fullmatch(account):
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '[{', '.join(accounts)}]' at 'accounts' failed to satisfy "
                "constraint: Member must satisfy constraint: [Member must satisfy regular expression pattern: "
                "^[0-9]{12}$]",
            )
    if not accounts or not regions:
        lacking = "Accounts" if not accounts else "Regions"
        raise AwsError("ValidationError", f"{lacking} must be specified and cannot be empty")
    return [(account, region) for region in dict.fromkeys(regions) for account in dict.fromkeys(accounts)]
