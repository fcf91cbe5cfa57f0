"""AWS::CloudFormation::StackSet: a stack set as a resource of a stack, made by the same calls as any other.

Source: CloudFormation Template Reference, "AWS::CloudFormation::StackSet"; the type's public handlers wait for each
operation and name the reasons of those that failed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.cloudformation.resources.handler import Context, Failed, Handler, Props, changed, code, pick, words
from crossdock.local.cloudformation.resources.shapes import text
from crossdock.local.engine import NotEmulated

TYPE = "AWS::CloudFormation::StackSet"
_SET = (
    "TemplateBody TemplateURL Parameters Capabilities Tags Description AdministrationRoleARN ExecutionRoleName "
    "ManagedExecution CallAs"
)

Overrides = tuple[tuple[str, str], ...]
Wanted = Mapping[tuple[str, str], Overrides]
"""Account and region -> the overrides of its instance."""


def _wanted(props: Props) -> Wanted:
    found: dict[tuple[str, str], Overrides] = {}
    for group in props.get("StackInstancesGroup") or ():
        targets = group["DeploymentTargets"]
        if other := sorted(targets.keys() - {"Accounts"}):
            raise NotEmulated(f"DeploymentTargets.{other[0]} of {TYPE}")
        overrides = tuple(
            (str(one["ParameterKey"]), text(one["ParameterValue"])) for one in group.get("ParameterOverrides") or ()
        )
        for region in group["Regions"]:
            for account in targets["Accounts"]:
                found[text(account), str(region)] = overrides
    return found


def _groups(places: Wanted) -> dict[tuple[Overrides, tuple[str, ...]], list[str]]:
    """Overrides and accounts -> regions: instances that one call can name together."""
    accounts: dict[tuple[Overrides, str], list[str]] = {}
    for (account, region), overrides in places.items():
        accounts.setdefault((overrides, region), []).append(account)
    together: dict[tuple[Overrides, tuple[str, ...]], list[str]] = {}
    for (overrides, region), numbers in accounts.items():
        together.setdefault((overrides, tuple(numbers)), []).append(region)
    return together


def _instances(ctx: Context, operation: str, name: str, props: Props, places: Wanted, **more: Any) -> None:
    for (overrides, accounts), regions in _groups(places).items():
        asked = {"StackSetName": name, "Accounts": list(accounts), "Regions": regions, **pick(props, "CallAs"), **more}
        if overrides and operation != "DeleteStackInstances":
            asked["ParameterOverrides"] = [{"ParameterKey": key, "ParameterValue": value} for key, value in overrides]
        _operation(ctx, operation, name, asked | _preferences(props, regions))


def _preferences(props: Props, regions: list[str]) -> dict[str, Any]:
    given = dict(props.get("OperationPreferences") or {})
    if "RegionOrder" in given:  # it speaks of all the set's regions, the call of some
        given["RegionOrder"] = [region for region in given["RegionOrder"] if region in regions]
    return {"OperationPreferences": given} if given else {}


def _operation(ctx: Context, operation: str, name: str, asked: Props) -> None:
    begun = str(ctx.call("cloudformation", operation, asked)["OperationId"])
    of = ctx.engine.state.stack_sets[name]
    while not of.operations[begun].over and not ctx.stopped():
        ctx.engine.wait_operation(begun, 0.5)
    done = of.operations[begun]
    if done.status != "SUCCEEDED":
        why = ", ".join(dict.fromkeys(r.reason for r in done.results.values() if r.status == "FAILED"))
        raise Failed(
            f'Resource handler returned message: "Stack set operation [{begun}] was unexpectedly stopped or failed. '
            f'status reason(s): [{why}]" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: NotStabilized)'
        )


def _create(ctx: Context, props: Props) -> str:
    wanted = _wanted(props)
    asked = {**pick(props, f"StackSetName PermissionModel AutoDeployment {_SET}")}
    name = str(ctx.call("cloudformation", "CreateStackSet", asked)["StackSetId"])
    ctx.made(name)
    _instances(ctx, "CreateStackInstances", name, props, wanted)
    return name


def _update(ctx: Context, name: str, old: Props, new: Props) -> None:
    before, after = _wanted(old), _wanted(new)
    gone = {place: overrides for place, overrides in before.items() if place not in after}
    held = ctx.engine.state.stack_sets[name].instances
    _instances(ctx, "DeleteStackInstances", name, old, {p: o for p, o in gone.items() if p in held}, RetainStacks=False)
    if changed(old, new, *_SET.split()):
        asked = {"StackSetName": name, **pick(new, _SET)}
        regions = sorted({region for _, region in after})
        _operation(ctx, "UpdateStackSet", name, asked | _preferences(new, regions))
    fresh = {place: overrides for place, overrides in after.items() if place not in held}
    _instances(ctx, "CreateStackInstances", name, new, fresh)
    other = {p: overrides for p, overrides in after.items() if p in before and before[p] != overrides}
    _instances(ctx, "UpdateStackInstances", name, new, other)


def _delete(ctx: Context, name: str, props: Props) -> None:
    of = ctx.engine.state.stack_sets.get(name)
    if of is not None and of.status == "ACTIVE":
        held: Wanted = dict.fromkeys(of.instances, ())
        _instances(ctx, "DeleteStackInstances", name, props, held, RetainStacks=False)
    try:
        ctx.call("cloudformation", "DeleteStackSet", {"StackSetName": name})
    except ClientError as error:
        if code(error) != "StackSetNotFoundException":
            raise


TYPES = (
    Handler(
        type=TYPE,
        emulated=words(
            f"StackSetName PermissionModel AutoDeployment OperationPreferences StackInstancesGroup {_SET}"),
        tags="list", create=_create, update=_update, delete=_delete,
        read=lambda _ctx, name, _props: {"StackSetId": name},
    ),
)  # fmt: skip
