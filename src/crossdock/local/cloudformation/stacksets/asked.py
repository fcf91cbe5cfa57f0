"""What a caller asks for: a set's template and inputs, and who shall act, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossdock.local.cloudformation import capabilities, macros, request
from crossdock.local.cloudformation.stacksets.state import SELF, SERVICE_MANAGED, StackSet
from crossdock.local.cloudformation.state import STACK_TYPE
from crossdock.local.cloudformation.templates import body_of
from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.template import parameters

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The template and inputs of a set."""

    text: str
    body: Mapping[str, Any]
    given: Mapping[str, str]
    capabilities: tuple[str, ...]
    tags: Mapping[str, str]
    managed: bool


def model(params: Mapping[str, Any]) -> str:
    """The permission model that CreateStackSet asks for. Raises AwsError for members that don't go with it."""
    chosen = str(params.get("PermissionModel", SELF))
    if params.get("StackId"):
        raise NotEmulated("importing a stack into a stack set (StackId)")
    if chosen == SELF and "AutoDeployment" in params:
        raise AwsError("ValidationError", "AutoDeployment is only valid for SERVICE_MANAGED stack sets")
    if chosen == SERVICE_MANAGED and (params.get("AdministrationRoleARN") or params.get("ExecutionRoleName")):
        raise AwsError("ValidationError", "AdministrationRoleARN and ExecutionRoleName are only valid for SELF_MANAGED "
                                          "stack sets")  # fmt: skip
    return chosen


def automatic(params: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether deployment is automatic, and whether stacks stay when an account leaves."""
    given = params.get("AutoDeployment") or {}
    enabled, keeps = bool(given.get("Enabled")), bool(given.get("RetainStacksOnAccountRemoval"))
    if given.get("DependsOn"):
        raise NotEmulated("AutoDeployment.DependsOn")
    if keeps and not enabled:
        raise AwsError("ValidationError", "RetainStacksOnAccountRemoval is only valid when AutoDeployment is enabled")
    return enabled, keeps


def must_be_plain(body: Mapping[str, Any]) -> None:
    """Raises AwsError for what service-managed sets can't deploy (API Reference, CreateStackSet, Capabilities and
    TemplateBody; User Guide, "Considerations when using StackSets")."""
    if macros.acknowledged(body):
        raise AwsError("ValidationError", "Stack sets with service-managed permissions do not support macros")
    if any(declared.get("Type") == STACK_TYPE for declared in body["Resources"].values()):
        raise AwsError("ValidationError", "Stack sets with service-managed permissions do not support nested stacks")


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
