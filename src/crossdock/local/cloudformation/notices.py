"""A stack's events, sent to the topics that its NotificationARNs name, by whoever acts for the stack.

Source: CloudFormation API Reference, CreateStack, NotificationARNs; the text is that of CloudFormation's notifications.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from crossdock.local.cloudformation.state import Stack, StackEvent
from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

SUBJECT = "AWS CloudFormation Notification"
OFTEN = 0.1


@contextmanager
def sent(engine: Core, stack: Stack, caller: Caller) -> Iterator[None]:
    """While an operation runs, and once more when it is over, send what has happened since it was asked for."""
    topics = stack.target.notification_arns
    if not topics:
        yield
        return
    done = threading.Event()
    told = _Told(engine, stack, caller, topics, max(0, len(stack.events) - 1))
    teller = threading.Thread(target=told.until, args=(done,), name=f"notices of {stack.name}", daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


class _Told:
    def __init__(self, engine: Core, stack: Stack, caller: Caller, topics: tuple[str, ...], first: int) -> None:
        self._engine, self._stack, self._caller, self._next = engine, stack, caller, first
        self._topics = list(topics)

    def until(self, done: threading.Event) -> None:
        while not done.wait(OFTEN):
            self._send()
        self._send()

    def _send(self) -> None:
        for event in self._stack.events[self._next :]:
            self._next += 1
            for topic in list(self._topics):
                try:
                    sns = self._engine.world.client("sns", self._caller, topic.split(":")[3])
                    sns.publish(TopicArn=topic, Subject=SUBJECT, Message=message(self._stack, event, self._caller))
                except ClientError:  # the door's log says who was refused; an operation doesn't fail by its notices
                    self._topics.remove(topic)


def message(stack: Stack, event: StackEvent, caller: Caller) -> str:
    """The text of one notification: a line for each member of the event."""
    members = {
        "StackId": stack.id, "Timestamp": event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "EventId": event.id,
        "LogicalResourceId": event.logical_id, "Namespace": stack.account, "PhysicalResourceId": event.physical_id,
        "PrincipalId": caller.user_id, "ResourceProperties": event.properties or "null",
        "ResourceStatus": event.status, "ResourceStatusReason": event.reason, "ResourceType": event.type,
        "StackName": stack.name, "ClientRequestToken": event.token or "null",
    }  # fmt: skip
    return "".join(f"{name}='{value}'\n" for name, value in members.items())


def checked(arns: tuple[str, ...]) -> tuple[str, ...]:
    """The topics of a request. Raises AwsError ValidationError for more than five, or for what is no topic."""
    if len(arns) > 5:
        raise AwsError(
            "ValidationError", "1 validation error detected: Value at 'notificationARNs' failed to satisfy constraint: "
                               "Member must have length less than or equal to 5")  # fmt: skip
    for arn in arns:
        if len(arn.split(":")) != 6 or not arn.startswith("arn:") or arn.split(":")[2] != "sns":
            raise AwsError("ValidationError", f"Invalid SNS topic ARN: {arn}")
    return arns
