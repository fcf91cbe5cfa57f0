"""What Organizations remembers: the tree of units and accounts, policies, and what they are attached to."""

from __future__ import annotations

import hashlib
import json
import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
TYPES = (SCP, RCP)
"""The policy types that bear on access. Others (tags, backups, ...) are not emulated."""
MANAGED = {SCP: "p-FullAWSAccess", RCP: "p-RCPFullAWSAccess"}
"""The policy that is attached everywhere from the start, by type."""

_SMALL = string.ascii_lowercase + string.digits


@dataclass(slots=True, kw_only=True)
class Account:
    """A member, or the account that manages the organization. `parent`: the id of its unit or of the root."""

    id: str
    name: str
    parent: str
    joined: datetime


@dataclass(slots=True, kw_only=True)
class Unit:
    """An organizational unit."""

    id: str
    name: str
    parent: str


@dataclass(slots=True, kw_only=True)
class OrganizationPolicy:
    """A policy. `content` is its JSON text, as it was given."""

    id: str
    name: str
    type: str
    content: str
    description: str = ""
    managed: bool = False


@dataclass(slots=True, kw_only=True)
class State:
    """All of it. `attached`: id of a root, unit or account -> ids of policies; `enabled`: policy type -> whether the
    root has it enabled; `tags`: id -> tags; `trusted`: service principals with access; `delegated`: account -> the
    services that it administers."""

    root: str
    accounts: dict[str, Account] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    policies: dict[str, OrganizationPolicy] = field(default_factory=dict)
    attached: dict[str, list[str]] = field(default_factory=dict)
    enabled: dict[str, bool] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    trusted: dict[str, datetime] = field(default_factory=dict)
    delegated: dict[str, dict[str, datetime]] = field(default_factory=dict)

    def path(self, account: str) -> tuple[str, ...]:
        """From the root over all units to the account, which is the last; empty for one that is no member."""
        found = self.accounts.get(account)
        if found is None:
            return ()
        way, above = [account], found.parent
        while above != self.root:
            way.append(above)
            above = self.units[above].parent
        return (self.root, *reversed(way))


def first(organization: str, accounts: dict[str, str]) -> State:
    """An organization on its first day: all accounts below its root, both policy types enabled, nothing forbidden.

    The root's id follows from the organization's, so that it is the same at every start.
    """
    digest = hashlib.sha256(organization.encode()).digest()
    root = "r-" + "".join(_SMALL[byte % len(_SMALL)] for byte in digest[:4])
    state = State(root=root)
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    for account, name in accounts.items():
        state.accounts[account] = Account(id=account, name=name, parent=root, joined=begin)
    for kind in TYPES:
        state.enabled[kind] = True
        state.policies[MANAGED[kind]] = _full_access(kind)
    for target in (root, *accounts):
        state.attached[target] = list(MANAGED.values())
    return state


def new_id(prefix: str) -> str:
    """`p-` or `ou-<root>-` and eight characters."""
    return prefix + "".join(secrets.choice(_SMALL) for _ in range(8))


def _full_access(kind: str) -> OrganizationPolicy:
    """FullAWSAccess and RCPFullAWSAccess as AWS has them (Organizations User Guide, SCPs and RCPs)."""
    everything: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    if kind == RCP:
        everything = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    name = MANAGED[kind].removeprefix("p-")
    what = "all AWS services" if kind == SCP else "all resources"
    return OrganizationPolicy(id=MANAGED[kind], name=name, type=kind, managed=True,
                              description=f"Allows access to {what}",
                              content=json.dumps({"Version": "2012-10-17", "Statement": [everything]}))
