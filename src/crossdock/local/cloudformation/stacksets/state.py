"""What is remembered of stack sets: the sets, their instances, their operations. Data, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crossdock.local.cloudformation.stacksets.preferences import Preferences

ADMINISTRATION_ROLE = "AWSCloudFormationStackSetAdministrationRole"
EXECUTION_ROLE = "AWSCloudFormationStackSetExecutionRole"

SELF, SERVICE_MANAGED = "SELF_MANAGED", "SERVICE_MANAGED"

Place = tuple[str, str]
"""Account and region."""


@dataclass(slots=True, kw_only=True)
class Instance:
    """One stack of a set, wanted or there. `stack_id` is empty until the stack is made.

    unit      the organizational unit (or root) by which it is a target; empty where its account was named
    status    CURRENT, OUTDATED or INOPERABLE
    detailed  PENDING, RUNNING, SUCCEEDED, FAILED, CANCELLED or INOPERABLE
    """

    account: str
    region: str
    unit: str = ""
    overrides: dict[str, str] = field(default_factory=dict)
    stack_id: str = ""
    status: str = "OUTDATED"
    detailed: str = "PENDING"
    reason: str = ""
    operation: str = ""
    drift: str = "NOT_CHECKED"
    drift_checked: datetime | None = None

    @property
    def place(self) -> Place:
        return self.account, self.region


@dataclass(slots=True, kw_only=True)
class Result:
    """What an operation came to in one place. `gate` is what the account's gate function said, as (status, why)."""

    account: str
    region: str
    unit: str = ""
    status: str = "PENDING"
    reason: str = ""
    gate: tuple[str, str] = ("", "")


@dataclass(slots=True, kw_only=True)
class Operation:
    """One operation on a set. Roles are those that the set had when it began."""

    id: str
    action: str
    created: datetime
    preferences: Preferences
    administration_role: str
    execution_role: str
    status: str = "RUNNING"
    reason: str = ""
    ended: datetime | None = None
    retain: bool | None = None
    drift: Mapping[str, Any] = field(default_factory=dict)
    results: dict[Place, Result] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        return sum(result.status == "FAILED" for result in self.results.values())

    @property
    def over(self) -> bool:
        return self.status in ("SUCCEEDED", "FAILED", "STOPPED")


@dataclass(slots=True, kw_only=True)
class StackSet:
    """One stack set of an administrator account. `id` is `name:uuid`.

    model      SELF_MANAGED or SERVICE_MANAGED: whose roles act
    units      targets of a service-managed set: organizational unit (or root) -> regions
    automatic  whether accounts that come into a unit or leave it are followed; what then becomes of the stacks of one
               that leaves is `keeps_stacks`
    """

    id: str
    name: str
    arn: str
    account: str
    region: str
    text: str
    body: Mapping[str, Any]
    administration_role: str
    execution_role: str
    status: str = "ACTIVE"
    description: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    managed: bool = False
    model: str = SELF
    automatic: bool = False
    keeps_stacks: bool = False
    units: dict[str, list[str]] = field(default_factory=dict)
    drift: Mapping[str, Any] = field(default_factory=dict)
    instances: dict[Place, Instance] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def managed_by_service(self) -> bool:
        return self.model == SERVICE_MANAGED
