"""Organization: what AWS Organizations imposes on the accounts of a platform. Made by `aws/organizations.py`.

Source: Organizations User Guide, SCP evaluation and RCP evaluation: a request needs an Allow at every level from the
root to the account, and no Deny at any; the management account is bound by none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPolicy:
    """A service control policy or a resource control policy. `content` is its document."""

    id: str
    name: str
    type: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The root, a unit or an account, and the ids of the policies that are attached to it. The root has no parent."""

    id: str
    name: str
    policies: tuple[str, ...]
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """What binds some accounts of an organization.

    id          `o-...`
    management  the account that manages it, which no policy binds
    enabled     the policy types that the root has enabled; others bind nobody
    targets     the accounts, and all that is above them
    """

    id: str
    management: str
    enabled: tuple[str, ...]
    targets: tuple[Target, ...]
    policies: tuple[ControlPolicy, ...]

    def path(self, account: str) -> tuple[Target, ...]:
        """From the root to an account; empty for one that isn't known. KeyError where a parent is not told."""
        known = {target.id: target for target in self.targets}
        if account not in known:
            return ()
        way = [known[account]]
        while way[0].parent:
            way.insert(0, known[way[0].parent])
        return tuple(way)

    def levels(self, account: str, type_: str) -> tuple[tuple[ControlPolicy, ...], ...]:
        """The policies of a type that bind an account, from the root down; none for the management account."""
        if account == self.management or type_ not in self.enabled:
            return ()
        of_type = {policy.id: policy for policy in self.policies if policy.type == type_}
        return tuple(tuple(of_type[one] for one in target.policies if one in of_type) for target in self.path(account))
