"""Finding stack sets and what belongs to them; the read-only half of their calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.local.cloudformation.core import Core
from crossdock.local.cloudformation.describe import page
from crossdock.local.cloudformation.drift.calls import shown_drift
from crossdock.local.cloudformation.stacksets import describe, organization
from crossdock.local.cloudformation.stacksets.state import Instance, Operation, StackSet
from crossdock.local.engine import AwsError, Call


class StackSets(Core):
    """The stack sets of all accounts and regions; each call sees those of its own."""

    def sets_of(self, account: str, region: str) -> list[StackSet]:
        """Newest first; deleted ones too."""
        held = list(self.state.stack_sets.values())
        return [one for one in reversed(held) if (one.account, one.region) == (account, region)]

    def seen(self, call: Call) -> list[StackSet]:
        """The sets that a call sees: its account's own, or, of a delegated administrator, the service-managed ones."""
        home = organization.home(self, call)
        return [one for one in self.sets_of(home, call.region) if home == call.account or one.managed_by_service]

    def find_set(self, call: Call) -> StackSet:
        """By name the one that isn't deleted, by id any."""
        name = call.params["StackSetName"]
        for one in self.seen(call):
            if name in (one.id, one.arn) or (name == one.name and one.status == "ACTIVE"):
                return one
        raise AwsError("StackSetNotFoundException", f"StackSet {name} not found", 404)

    def find_operation(self, call: Call) -> tuple[StackSet, Operation]:
        of, name = self.find_set(call), call.params["OperationId"]
        if name not in of.operations:
            raise AwsError("OperationNotFoundException", f"Operation {name} not found", 404)
        return of, of.operations[name]

    def describe_stack_set(self, call: Call) -> Mapping[str, Any]:
        return {"StackSet": describe.stack_set(self.find_set(call))}

    def list_stack_sets(self, call: Call) -> Mapping[str, Any]:
        wanted = call.params.get("Status")
        held = [s for s in self.seen(call) if not wanted or s.status == wanted]
        return _page(call, [describe.summary(one) for one in held])

    def describe_stack_instance(self, call: Call) -> Mapping[str, Any]:
        of = self.find_set(call)
        place = call.params["StackInstanceAccount"], call.params["StackInstanceRegion"]
        if place not in of.instances:
            raise no_instance(of, *place)
        return {"StackInstance": describe.instance(of, of.instances[place], full=True)}

    def list_stack_instances(self, call: Call) -> Mapping[str, Any]:
        of, params = self.find_set(call), call.params
        account, region = params.get("StackInstanceAccount"), params.get("StackInstanceRegion")
        held = [
            one for one in list(of.instances.values())
            if account in (None, one.account) and region in (None, one.region) and _passes(one, params)
        ]  # fmt: skip
        return _page(call, [describe.instance(of, one, full=False) for one in held])

    def describe_stack_set_operation(self, call: Call) -> Mapping[str, Any]:
        of, operation = self.find_operation(call)
        return {"StackSetOperation": describe.operation(of, operation, full=True)}

    def list_stack_set_operations(self, call: Call) -> Mapping[str, Any]:
        of = self.find_set(call)
        held = reversed(list(of.operations.values()))
        return _page(call, [describe.operation(of, one, full=False) for one in held])

    def list_stack_set_auto_deployment_targets(self, call: Call) -> Mapping[str, Any]:
        units = self.find_set(call).units
        return _page(call, [{"OrganizationalUnitId": unit, "Regions": regions} for unit, regions in units.items()])

    def list_stack_instance_resource_drifts(self, call: Call) -> Mapping[str, Any]:
        of, _ = self.find_operation(call)
        return _page(call, _drifts(self, of, call))

    def list_stack_set_operation_results(self, call: Call) -> Mapping[str, Any]:
        _, operation = self.find_operation(call)
        wanted = {f["Values"] for f in call.params.get("Filters", ()) if f.get("Name") == "OPERATION_RESULT_STATUS"}
        held = [r for r in list(operation.results.values()) if not wanted or r.status in wanted]
        return _page(call, [describe.result(one) for one in held])


def _drifts(engine: Core, of: StackSet, call: Call) -> list[Any]:
    place = call.params["StackInstanceAccount"], call.params["StackInstanceRegion"]
    if place not in of.instances:
        raise no_instance(of, *place)
    stack = engine.state.stacks.get(of.instances[place].stack_id)
    wanted = call.params.get("StackInstanceResourceDriftStatuses")
    return [
        shown_drift(stack, one, full=False) for one in (list(stack.resources.values()) if stack else ())
        if stack is not None and one.drift is not None and (not wanted or one.drift.status in wanted)
    ]  # fmt: skip


def no_instance(of: StackSet, account: str, region: str) -> AwsError:
    return AwsError(
        "StackInstanceNotFoundException",
        f"Stack instance not found for StackSet {of.name} in account {account} and region {region}", 404,
    )  # fmt: skip


def _passes(one: Instance, params: Mapping[str, Any]) -> bool:
    has = {"DETAILED_STATUS": one.detailed, "LAST_OPERATION_ID": one.operation, "DRIFT_STATUS": one.drift}
    return all(has.get(asked.get("Name")) == asked.get("Values") for asked in params.get("Filters", ()))


def _page(call: Call, items: Sequence[Any]) -> dict[str, Any]:
    return page(call.params, "Summaries", items, int(call.params.get("MaxResults", 100)))
