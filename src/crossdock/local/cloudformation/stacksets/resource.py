"""AWS::CloudFormation::StackSet: a stack set as a resource of a stack, made by the same calls as any other.

Source: CloudFormation Template Reference, "AWS::CloudFormation::StackSet"; the type's public handlers wait for each
operation and name the reasons of those that failed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.cloudformation.resources.handler import Context, Failed, Handler, Props, changed, code, pick, words
from crossdock.local.cloudformation.resources.shapes import text
from crossdock.local.cloudformation.stacksets.state import SERVICE_MANAGED

TYPE = "AWS::CloudFormation::StackSet"
_SET = (
    "TemplateBody TemplateURL Parameters Capabilities Tags Description AdministrationRoleARN ExecutionRoleName "
    "ManagedExecution CallAs"
)

Overrides = tuple[tuple[str, str], ...]
Wanted = Mapping[tuple[str, str], Overrides]
"""Target and region -> the overrides of its instances. A target is an account, or, with service-managed permissions,
the DeploymentTargets of a group as JSON text."""


def _by_service(props: Props) -> bool:
    return props.get("PermissionModel") == SERVICE_MANAGED


def _wanted(props: Props) -> Wanted:
    found: dict[tuple[str, str], Overrides] = {}
    for group in props.get("StackInstancesGroup") or ():
        targets = group["DeploymentTargets"]
        if not _by_service(props) and (other := sorted(targets.keys() - {"Accounts"})):
            raise Failed(f"Properties validation failed: {other[0]} is only for SERVICE_MANAGED stack sets")
        overrides = tuple(
            (str(one["ParameterKey"]), text(one["ParameterValue"])) for one in group.get("ParameterOverrides") or ()
        )
        whole = [json.dumps(targets, sort_keys=True)]
        for region in group["Regions"]:
            for target in whole if _by_service(props) else map(text, targets["Accounts"]):
                found[target, str(region)] = overrides
    return found


def _groups(places: Wanted) -> dict[tuple[Overrides, tuple[str, ...]], list[str]]:
    """Overrides and accounts (or one of the other targets) -> regions: instances that one call can name together."""
    accounts: dict[tuple[Overrides, str], list[str]] = {}
    together: dict[tuple[Overrides, tuple[str, ...]], list[str]] = {}
    for (target, region), overrides in places.items():
        if target.isdigit():
            accounts.setdefault((overrides, region), []).append(target)
        else:
            together.setdefault((overrides, (target,)), []).append(region)
    for (overrides, region), numbers in accounts.items():
        together.setdefault((overrides, tuple(numbers)), []).append(region)
    return together


def _instances(ctx: Context, operation: str, name: str, props: Props, places: Wanted, **more: Any) -> None:
    for (overrides, targets), regions in _groups(places).items():
        where = {"DeploymentTargets": json.loads(targets[0])} if _by_service(props) else {"Accounts": list(targets)}
        asked = {"StackSetName": name, **where, "Regions": regions, **pick(props, "CallAs"), **more}
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
    held = _held(ctx, name, before)
    gone = {target: overrides for target, overrides in before.items() if target not in after and target in held}
    _instances(ctx, "DeleteStackInstances", name, old, gone, RetainStacks=False)
    if changed(old, new, *_SET.split(), "AutoDeployment"):
        asked = {"StackSetName": name, **pick(new, f"{_SET} AutoDeployment")}
        regions = sorted({region for _, region in after})
        _operation(ctx, "UpdateStackSet", name, asked | _preferences(new, regions))
    fresh = {target: overrides for target, overrides in after.items() if target not in held}
    _instances(ctx, "CreateStackInstances", name, new, fresh)
    other = {t: overrides for t, overrides in after.items() if t in held and t in before and before[t] != overrides}
    _instances(ctx, "UpdateStackInstances", name, new, other)


def _held(ctx: Context, name: str, before: Wanted) -> set[tuple[str, str]]:
    """The targets that the set has instances for; units have theirs also where they have no accounts yet."""
    of = ctx.engine.state.stack_sets[name]
    return set(before) if of.managed_by_service else set(of.instances)


def _delete(ctx: Context, name: str, props: Props) -> None:
    of = ctx.engine.state.stack_sets.get(name)
    if of is not None and of.status == "ACTIVE":
        held: Wanted = dict.fromkeys(of.instances, ())
        if of.managed_by_service:
            held = {(json.dumps({"OrganizationalUnitIds": [unit]}), region): ()
                    for unit, regions in of.units.items() for region in regions}
        _instances(ctx, "DeleteStackInstances", name, props, held, RetainStacks=False)
    try:
        ctx.call("cloudformation", "DeleteStackSet", {"StackSetName": name, **pick(props, "CallAs")})
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
