"""CloudFormation's API, put together: each family of calls stands in a file of its own."""

from __future__ import annotations

from crossdock.local.cloudformation.changeset_calls import ChangeSetCalls
from crossdock.local.cloudformation.drift.calls import DriftCalls
from crossdock.local.cloudformation.signals import SignalCalls
from crossdock.local.cloudformation.stacksets.calls import StackSetCalls
from crossdock.local.cloudformation.templates import Templates


class CloudFormation(ChangeSetCalls, DriftCalls, SignalCalls, StackSetCalls, Templates):
    """The engine: requests in, what the stacks are out."""
