"""A stack's history: every change of a status is one event, in AWS's words."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from crossdock.local.cloudformation.state import STACK_TYPE, Resource, Stack, StackEvent


def now() -> datetime:
    return datetime.now(UTC)


def stack_event(stack: Stack, status: str, reason: str = "") -> None:
    """The stack itself reaches a status. The event comes first: who sees the status also finds its event."""
    stack.events.append(
        StackEvent(
            id=str(uuid.uuid4()), at=now(), logical_id=stack.name, physical_id=stack.id, type=STACK_TYPE,
            status=status, reason=reason, token=stack.token,
        )
    )  # fmt: skip
    stack.reason = reason
    stack.status = status


def resource_event(stack: Stack, resource: Resource, status: str, reason: str = "") -> None:
    """A resource reaches a status."""
    resource.status, resource.reason, resource.updated = status, reason, now()
    stack.events.append(
        StackEvent(
            id=f"{resource.logical_id}-{status}-{uuid.uuid4()}", at=resource.updated, logical_id=resource.logical_id,
            physical_id=resource.physical_id, type=resource.type, status=status, reason=reason,
            properties=_shown(stack, resource), token=stack.token,
        )
    )  # fmt: skip


def _shown(stack: Stack, resource: Resource) -> str:
    """A resource's properties without NoEcho parameters and secrets that were read."""
    text = json.dumps(resource.properties, default=str)
    for secret in sorted(stack.secrets, key=len, reverse=True):
        text = text.replace(json.dumps(secret)[1:-1], "****")
    return text


def failed_to(verb: str, names: Iterable[str], then: str = "") -> str:
    """`The following resource(s) failed to create: [A, B]. Rollback requested by user.`"""
    return f"The following resource(s) failed to {verb}: [{', '.join(names)}]. {then}"
