"""The calls on stack sets that change something. Those that start an operation answer with its id; a thread does it.

Source: CloudFormation API Reference.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.cloudformation import request
from crossdock.local.cloudformation.stacksets import instances, organization
from crossdock.local.cloudformation.stacksets.asked import NAME, Asked, asked, automatic, model, must_be_plain
from crossdock.local.cloudformation.stacksets.automatic import Followers
from crossdock.local.cloudformation.stacksets.find import no_instance
from crossdock.local.cloudformation.stacksets.operating import Operations, bring, remove
from crossdock.local.cloudformation.stacksets.state import (
    ADMINISTRATION_ROLE,
    EXECUTION_ROLE,
    SERVICE_MANAGED,
    Instance,
    Place,
    StackSet,
)
from crossdock.local.cloudformation.stacksets.targets import forget, named, places, remember
from crossdock.local.cloudformation.stacksets.work import Work
from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.world import World


class StackSetCalls(Operations):
    """Sets and their instances; accounts that move are followed."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._followers = Followers(self)

    def start(self) -> None:
        super().start()
        self._followers.start()

    def stop(self) -> None:
        super().stop()
        self._followers.join(2)

    def wait_moves(self, seconds: float = 30.0) -> None:
        """Until accounts that moved in the organization have been followed: for those who are in the same process."""
        self._followers.join(seconds)

    # -- sets

    def create_stack_set(self, call: Call) -> Mapping[str, Any]:
        params = call.params
        name = params["StackSetName"]
        if not NAME.fullmatch(name):
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '{name}' at 'stackSetName' failed to satisfy constraint: Member "
                "must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]{0,127}",
            )
        permissions, (follows, keeps) = model(params), automatic(params)
        wanted = asked(self, call, None)
        home = organization.home(self, call)
        if permissions == SERVICE_MANAGED:
            organization.must_administer(self, call)
            must_be_plain(wanted.body)
        elif home != call.account:
            raise AwsError("ValidationError", "Delegated administrators can only operate SERVICE_MANAGED stack sets")
        role = f"arn:{self.world.partition}:iam::{call.account}:role/{ADMINISTRATION_ROLE}"
        identity = f"{name}:{uuid.uuid4()}"
        made = StackSet(
            id=identity, name=name, account=home, region=call.region,
            arn=f"arn:{self.world.partition}:cloudformation:{call.region}:{home}:stackset/{identity}",
            model=permissions, automatic=follows, keeps_stacks=keeps,
            text=wanted.text, body=wanted.body, given=wanted.given, capabilities=wanted.capabilities, tags=wanted.tags,
            description=params.get("Description", ""), managed=wanted.managed,
            administration_role=params.get("AdministrationRoleARN", role),
            execution_role=params.get("ExecutionRoleName", EXECUTION_ROLE),
        )  # fmt: skip
        with self.lock:
            if any(s.name == name and s.status == "ACTIVE" for s in self.sets_of(home, call.region)):
                raise AwsError("NameAlreadyExistsException", f"StackSet {name} already exists", 409)
            self.state.stack_sets[identity] = made
        return {"StackSetId": identity}

    def update_stack_set(self, call: Call) -> Mapping[str, Any]:
        params, of = call.params, self.operated(call)
        if params.get("PermissionModel", of.model) != of.model:
            raise NotEmulated("a change of PermissionModel of a stack set")
        follows, keeps = automatic(params) if "AutoDeployment" in params else (of.automatic, of.keeps_stacks)
        model({**params, "PermissionModel": of.model})
        wanted = asked(self, call, of)
        if of.managed_by_service:
            must_be_plain(wanted.body)
        where = _existing(of, places(self, of, params)) if named(params) else list(of.instances)
        changed = (wanted.text, dict(wanted.given)) != (of.text, dict(of.given))

        def take() -> None:
            _take(of, wanted, params)
            of.automatic, of.keeps_stacks = follows, keeps
            for one in of.instances.values():
                if changed or one.place in where:
                    one.status = "OUTDATED"

        return self._begin(call, of, "UPDATE", where, bring(self, of), take)

    def delete_stack_set(self, call: Call) -> Mapping[str, Any]:
        of = self.find_set(call)
        with self.lock:
            self._must_be_idle(of)
            if of.instances:
                raise AwsError("StackSetNotEmptyException", "StackSet is not empty", 409)
            of.status = "DELETED"
        return {}

    # -- instances

    def create_stack_instances(self, call: Call) -> Mapping[str, Any]:
        of = self.operated(call)
        where = places(self, of, call.params, new=True)
        overrides = _overrides(of, call.params, None)

        def take() -> None:
            remember(of, call.params)
            for (account, region), unit in where.items():
                one = of.instances.setdefault((account, region), Instance(account=account, region=region))
                one.overrides, one.unit = dict(overrides), unit

        return self._begin(call, of, "CREATE", where, bring(self, of), take)

    def update_stack_instances(self, call: Call) -> Mapping[str, Any]:
        of = self.operated(call)
        where = _existing(of, places(self, of, call.params))
        overrides = {place: _overrides(of, call.params, of.instances[place]) for place in where}

        def take() -> None:
            for place in where:
                of.instances[place].overrides = overrides[place]
                of.instances[place].status = "OUTDATED"

        return self._begin(call, of, "UPDATE", where, bring(self, of), take)

    def delete_stack_instances(self, call: Call) -> Mapping[str, Any]:
        of = self.operated(call)
        asked_for = places(self, of, call.params)
        if of.managed_by_service:  # those of accounts that have left the units meanwhile go too
            units = set((call.params.get("DeploymentTargets") or {}).get("OrganizationalUnitIds") or ())
            regions = call.params.get("Regions", ())
            asked_for |= {one.place: one.unit for one in of.instances.values()
                          if one.unit in units and one.region in regions and _whole(call.params)}
        where = [place for place in asked_for if place in of.instances]
        retain = bool(call.params["RetainStacks"])
        act = remove(self, of, retain=retain)
        return self._begin(call, of, "DELETE", where, act, lambda: forget(of, call.params), retain=retain)

    def detect_stack_set_drift(self, call: Call) -> Mapping[str, Any]:
        of = self.operated(call)

        def act(_: Work, one: Instance, caller: Caller) -> None:
            instances.compare(self, one, caller)

        return self._begin(call, of, "DETECT_DRIFT", list(of.instances), act)

    # -- the organization

    def operated(self, call: Call) -> StackSet:
        """The set of a call that works on it. Raises AwsError for who may not, or where the organization's trust is
        gone."""
        of = self.find_set(call)
        if of.managed_by_service:
            organization.must_administer(self, call)
        return of

    def activate_organizations_access(self, call: Call) -> Mapping[str, Any]:
        organization.activate(self, call, on=True)
        return {}

    def deactivate_organizations_access(self, call: Call) -> Mapping[str, Any]:
        organization.activate(self, call, on=False)
        return {}

    def describe_organizations_access(self, call: Call) -> Mapping[str, Any]:
        organization.home(self, call)
        return {"Status": organization.status(self)}

def _whole(params: Mapping[str, Any]) -> bool:
    """Whether whole units are meant, not some of their accounts."""
    return (params.get("DeploymentTargets") or {}).get("AccountFilterType", "NONE") in ("NONE", "UNION")


def _take(of: StackSet, wanted: Asked, params: Mapping[str, Any]) -> None:
    """The set becomes what an update says, whatever becomes of the operation (API Reference, UpdateStackSet)."""
    of.text, of.body, of.given = wanted.text, wanted.body, wanted.given
    of.capabilities, of.tags, of.managed = wanted.capabilities, wanted.tags, wanted.managed
    of.description = params.get("Description", of.description)
    of.administration_role = params.get("AdministrationRoleARN", of.administration_role)
    of.execution_role = params.get("ExecutionRoleName", of.execution_role)


def _existing(of: StackSet, where: Iterable[Place]) -> list[Place]:
    where = list(where)
    if of.managed_by_service:  # a unit's accounts that have no stack yet get none by an update
        return [place for place in where if place in of.instances]
    for place in where:
        if place not in of.instances:
            raise no_instance(of, *place)
    return where


def _overrides(of: StackSet, params: Mapping[str, Any], one: Instance | None) -> dict[str, str]:
    """Overrides as given; what isn't given goes back to the set's value."""
    given: dict[str, str] = {}
    for entry in params.get("ParameterOverrides", ()):
        name = entry["ParameterKey"]
        if name not in (of.body.get("Parameters") or {}):
            raise AwsError("ValidationError", f"Parameters: [{name}] do not exist in the template")
        if not entry.get("UsePreviousValue"):
            given[name] = str(entry.get("ParameterValue", ""))
        elif one is not None and name in one.overrides:
            given[name] = one.overrides[name]
    request.checked(of.body, {**of.given, **given})
    return given
