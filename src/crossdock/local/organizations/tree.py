"""Roots, units and accounts: reading the tree and moving accounts in it (Organizations API reference)."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from crossdock.local.engine import AwsError, Call, Engine
from crossdock.local.organizations.state import MANAGED, Account, State, Unit, first, new_id

if TYPE_CHECKING:
    from crossdock.local.world import World

DEPTH = 5
"""Levels of units below the root (Organizations User Guide, quotas)."""


class Tree(Engine):
    """The accounts of the world in one organization."""

    service: ClassVar[str] = "organizations"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.lock = threading.RLock()
        accounts = {world.management_account: "management", **world.accounts}
        self.state: State = first(world.organization, accounts)

    # -- names

    def arn(self, kind: str, ident: str) -> str:
        """`arn:aws:organizations::<management account>:account/o-a1b2c3d4e5/111111111111`"""
        world = self.world
        return f"arn:{world.partition}:organizations::{world.management_account}:{kind}/{world.organization}/{ident}"

    def arn_of(self, ident: str) -> str | None:
        """The ARN of a root, unit, account or policy; None for an id that nothing has."""
        state = self.state
        if ident == state.root:
            return self.arn("root", ident)
        if ident in state.units:
            return self.arn("ou", ident)
        if ident in state.accounts:
            return self.arn("account", ident)
        return None

    # -- the organization

    def describe_organization(self, call: Call) -> Mapping[str, Any]:  # noqa: ARG002
        world = self.world
        manager = world.management_account
        return {"Organization": {
            "Id": world.organization, "FeatureSet": "ALL", "MasterAccountId": manager,
            "Arn": f"arn:{world.partition}:organizations::{manager}:organization/{world.organization}",
            "MasterAccountArn": self.arn("account", manager), "MasterAccountEmail": _email(manager),
            "AvailablePolicyTypes": self._enabled(),
        }}

    def list_roots(self, call: Call) -> Mapping[str, Any]:  # noqa: ARG002
        return {"Roots": [self.root()]}

    def root(self) -> dict[str, Any]:
        root = self.state.root
        return {"Id": root, "Arn": self.arn("root", root), "Name": "Root", "PolicyTypes": self._enabled()}

    def _enabled(self) -> list[dict[str, str]]:
        return [{"Type": kind, "Status": "ENABLED"} for kind, on in self.state.enabled.items() if on]

    # -- accounts

    def list_accounts(self, call: Call) -> Mapping[str, Any]:
        return page(call, "Accounts", [self._account(found) for found in self.state.accounts.values()])

    def describe_account(self, call: Call) -> Mapping[str, Any]:
        return {"Account": self._account(self.account(str(call.params["AccountId"])))}

    def account(self, ident: str) -> Account:
        found = self.state.accounts.get(ident)
        if found is None:
            raise AwsError("AccountNotFoundException", "You specified an account that doesn't exist.")
        return found

    def _account(self, found: Account) -> dict[str, Any]:
        return {"Id": found.id, "Arn": self.arn("account", found.id), "Name": found.name, "Email": _email(found.id),
                "Status": "ACTIVE", "State": "ACTIVE", "JoinedMethod": "CREATED", "JoinedTimestamp": found.joined}

    def list_accounts_for_parent(self, call: Call) -> Mapping[str, Any]:
        parent = self._parent(call)
        return page(call, "Accounts", [self._account(a) for a in self.state.accounts.values() if a.parent == parent])

    def move_account(self, call: Call) -> None:
        p = call.params
        account = self.account(str(p["AccountId"]))
        with self.lock:
            if account.parent != p["SourceParentId"]:
                raise AwsError("SourceParentNotFoundException", "We can't find a source root or OU with the ParentId "
                               "that you specified.")
            target = str(p["DestinationParentId"])
            if not self.is_parent(target):
                raise AwsError("DestinationParentNotFoundException", "We can't find the destination container (a root "
                               "or OU) with the ParentId that you specified.")
            if target == account.parent:
                raise AwsError("DuplicateAccountException", "That account is already present in the specified "
                               "destination.")
            account.parent = target

    # -- parents and children

    def is_parent(self, ident: str) -> bool:
        return ident == self.state.root or ident in self.state.units

    def _parent(self, call: Call) -> str:
        parent = str(call.params["ParentId"])
        if not self.is_parent(parent):
            raise AwsError("ParentNotFoundException", "You specified parent that doesn't exist.")
        return parent

    def list_parents(self, call: Call) -> Mapping[str, Any]:
        child = str(call.params["ChildId"])
        found: Account | Unit | None = self.state.accounts.get(child) or self.state.units.get(child)
        if found is None:
            raise AwsError("ChildNotFoundException", "You specified a child that doesn't exist.")
        kind = "ROOT" if found.parent == self.state.root else "ORGANIZATIONAL_UNIT"
        return {"Parents": [{"Id": found.parent, "Type": kind}]}

    def list_children(self, call: Call) -> Mapping[str, Any]:
        parent, kind = self._parent(call), str(call.params["ChildType"])
        among: Mapping[str, Account | Unit] = self.state.accounts if kind == "ACCOUNT" else self.state.units
        children = [{"Id": found.id, "Type": kind} for found in among.values() if found.parent == parent]
        return page(call, "Children", children)

    # -- units

    def create_organizational_unit(self, call: Call) -> Mapping[str, Any]:
        with self.lock:
            parent, name = self._parent(call), str(call.params["Name"])
            self._free(parent, name)
            if self._depth(parent) >= DEPTH:
                raise AwsError("ConstraintViolationException", "You have exceeded the number of levels of "
                               "organizational units.", Reason="OU_DEPTH_LIMIT_EXCEEDED")
            ident = new_id(f"ou-{self.state.root.removeprefix('r-')}-")
            self.state.attached[ident] = [MANAGED[kind] for kind, on in self.state.enabled.items() if on]
            if tags := call.params.get("Tags"):
                self.state.tags[ident] = {tag["Key"]: tag["Value"] for tag in tags}
            unit = self.state.units[ident] = Unit(id=ident, name=name, parent=parent)
        return {"OrganizationalUnit": self._unit(unit)}

    def _depth(self, ident: str) -> int:
        depth = 0
        while ident != self.state.root:
            depth, ident = depth + 1, self.state.units[ident].parent
        return depth

    def _free(self, parent: str, name: str) -> None:
        if any(u.parent == parent and u.name == name for u in self.state.units.values()):
            raise AwsError("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")

    def unit(self, call: Call) -> Unit:
        found = self.state.units.get(str(call.params["OrganizationalUnitId"]))
        if found is None:
            raise AwsError("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't "
                           "exist.")
        return found

    def _unit(self, unit: Unit) -> dict[str, Any]:
        return {"Id": unit.id, "Arn": self.arn("ou", unit.id), "Name": unit.name}

    def describe_organizational_unit(self, call: Call) -> Mapping[str, Any]:
        return {"OrganizationalUnit": self._unit(self.unit(call))}

    def list_organizational_units_for_parent(self, call: Call) -> Mapping[str, Any]:
        parent = self._parent(call)
        units = [self._unit(unit) for unit in self.state.units.values() if unit.parent == parent]
        return page(call, "OrganizationalUnits", units)

    def update_organizational_unit(self, call: Call) -> Mapping[str, Any]:
        with self.lock:
            unit, name = self.unit(call), str(call.params.get("Name") or "")
            if name and name != unit.name:
                self._free(unit.parent, name)
                unit.name = name
        return {"OrganizationalUnit": self._unit(unit)}

    def delete_organizational_unit(self, call: Call) -> None:
        with self.lock:
            unit = self.unit(call)
            below: list[Account | Unit] = [*self.state.accounts.values(), *self.state.units.values()]
            if any(found.parent == unit.id for found in below):
                raise AwsError("OrganizationalUnitNotEmptyException", "The specified OU is not empty. Move all "
                               "accounts to another root or to other OUs, remove all child OUs, and try again.")
            for register in (self.state.units, self.state.attached, self.state.tags):
                register.pop(unit.id, None)


def page(call: Call, member: str, items: Sequence[Any]) -> dict[str, Any]:
    """One page of a list; the token is where the next begins. Raises AwsError InvalidInputException."""
    token = str(call.params.get("NextToken") or "0")
    if not token.isdigit():
        raise AwsError("InvalidInputException", "You specified an invalid next token.", Reason="INVALID_NEXT_TOKEN")
    begin = int(token)
    end = begin + int(call.params.get("MaxResults") or len(items) or 1)
    return {member: list(items[begin:end]), **({"NextToken": str(end)} if end < len(items) else {})}


def _email(account: str) -> str:
    return f"{account}@accounts.invalid"
