"""What is shared between accounts and calls stays everybody's own where it must."""

from __future__ import annotations

import threading
from typing import Any

from crossdock.local.server import LocalWorld

HERE, THERE = "111111111111", "222222222222"
READS = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def attached(iam: Any) -> int:
    return int(iam.get_policy(PolicyArn=READS)["Policy"]["AttachmentCount"])


def test_each_account_counts_its_own_attachments_of_a_policy_that_aws_manages(world: LocalWorld) -> None:
    here, there = (world.client("iam", world.root_user(number)) for number in (HERE, THERE))
    here.create_user(UserName="reader")
    here.attach_user_policy(UserName="reader", PolicyArn=READS)
    assert (attached(here), attached(there)) == (1, 0)


def test_a_long_poll_gets_what_another_sends_meanwhile(world: LocalWorld) -> None:
    sqs = world.client("sqs", world.root_user(HERE))
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    found: list[str] = []

    def poll() -> None:
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
        found.extend(message["Body"] for message in answer.get("Messages", []))

    waiting = threading.Thread(target=poll)
    waiting.start()
    sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    sqs.send_message(QueueUrl=url, MessageBody="now")
    waiting.join(10)
    assert found == ["now"]


def test_clients_of_two_callers_act_as_their_own(world: LocalWorld) -> None:
    here, there = (world.client("sts", world.root_user(number)) for number in (HERE, THERE))
    assert [one.get_caller_identity()["Account"] for one in (here, there, here)] == [HERE, THERE, HERE]
