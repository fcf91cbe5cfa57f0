"""What the local CloudFormation remembers: stacks, their resources and events, change sets. Data, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crossdock.local.cloudformation.drift.compare import Difference
from crossdock.local.cloudformation.stacksets.state import StackSet

STACK_TYPE = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a stack should become: a template that was read and expanded, with its inputs settled.

    text        the template as it was given; body is it after transforms
    given       parameters as the caller gave them (name -> text), previous values filled in
    parameters  their values (lists split, SSM parameters read), as the template sees them
    """

    text: str
    body: Mapping[str, Any]
    given: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, bool] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    notification_arns: tuple[str, ...] = ()

    @property
    def resources(self) -> dict[str, Mapping[str, Any]]:
        """The declarations whose condition holds, by logical id."""
        return {
            name: declared
            for name, declared in self.body.get("Resources", {}).items()
            if "Condition" not in declared or self.conditions.get(declared["Condition"], False)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What a resource was when it was last compared with its template: IN_SYNC, MODIFIED, DELETED or UNKNOWN."""

    status: str
    at: datetime
    expected: Mapping[str, Any] = field(default_factory=dict)
    actual: Mapping[str, Any] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One drift detection of a stack, which is over. `reason` tells what couldn't be read; empty: nothing."""

    id: str
    stack_id: str
    status: str
    drifted: int
    at: datetime
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class Resource:
    """One resource of a stack. `properties` are resolved; `attributes` answer Fn::GetAtt, `physical_id` answers Ref.

    halfway  after a failed update, the properties that it set out from: the resource may be partly either
    """

    logical_id: str
    type: str
    physical_id: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    creation_policy: Mapping[str, Any] = field(default_factory=dict)
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    depends: frozenset[str] = frozenset()
    status: str = ""
    reason: str = ""
    updated: datetime | None = None
    drift: Drift | None = None
    halfway: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEvent:
    """One line of a stack's history, with the members that DescribeStackEvents answers."""

    id: str
    at: datetime
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str = ""
    properties: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    value: str
    description: str = ""
    export: str = ""


@dataclass(slots=True, kw_only=True)
class ChangeSet:
    """What an update, creation or import would do. `changes` are in the shape of DescribeChangeSet.

    imports   logical id -> physical id of what is brought in
    parent    the change set around it, `root` the outermost; empty for those that aren't nested
    children  logical ids of nested stacks -> ids of their change sets
    """

    id: str
    name: str
    kind: str
    created: datetime
    status: str
    description: str = ""
    reason: str = ""
    execution: str = "UNAVAILABLE"
    target: Target | None = None
    role: str = ""
    changes: list[dict[str, Any]] = field(default_factory=list)
    nested: bool = False
    on_failure: str = ""
    imports: Mapping[str, str] = field(default_factory=dict)
    parent: str = ""
    root: str = ""
    children: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """A stack as it was before an update, to which a rollback returns."""

    target: Target
    resources: dict[str, Resource]
    outputs: dict[str, Output]


@dataclass(slots=True, kw_only=True)
class Stack:
    """One stack of one account and region; deleted ones stay, by id.

    within   a nested stack's logical id in its parent
    before   while an update (or its rollback) isn't over: what to return to
    garbage  physical resources that the clean-up phase still has to remove
    imports  names of the exports of other stacks that this one uses
    secrets  values that no event shows
    signals  logical id -> signals of the resource being made: unique id -> SUCCESS or FAILURE
    """

    id: str
    name: str
    account: str
    region: str
    created: datetime
    target: Target
    status: str
    reason: str = ""
    updated: datetime | None = None
    deleted: datetime | None = None
    role: str = ""
    parent: str = ""
    root: str = ""
    within: str = ""
    on_failure: str = "ROLLBACK"
    timeout_minutes: int = 0
    protected: bool = False
    retain_except_on_create: bool = False
    policy: str = ""
    change_set: str = ""
    token: str = ""
    outputs: dict[str, Output] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    events: list[StackEvent] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    before: Snapshot | None = None
    garbage: list[Resource] = field(default_factory=list)
    imports: frozenset[str] = frozenset()
    secrets: set[str] = field(default_factory=set)
    signals: dict[str, dict[str, str]] = field(default_factory=dict)
    drift: str = "NOT_CHECKED"
    drift_checked: datetime | None = None

    @property
    def busy(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """A macro of an account and region: the function that it is, and the stack that made it."""

    name: str
    function: str
    stack_id: str


@dataclass(slots=True, kw_only=True)
class Ticket:
    """A pre-signed place to answer at: of a custom resource's request, or of a wait condition's handle."""

    stack_id: str
    logical_id: str
    answers: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class State:
    stacks: dict[str, Stack] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    stack_sets: dict[str, StackSet] = field(default_factory=dict)
    detections: dict[str, Detection] = field(default_factory=dict)
    macros: dict[tuple[str, str, str], Macro] = field(default_factory=dict)
