"""Carries what topics and buckets send: each delivery is a call through the door by the service that sends, which the
receiver's own policy must let in (SNS Developer Guide, subscribe-sqs-queue-to-sns-topic; S3 User Guide,
grant-destinations-permissions-to-s3)."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from crossdock.local.identity import service_principal

if TYPE_CHECKING:
    from crossdock.local.store.sending import Parcel
    from crossdock.local.world import World


def deliver(world: World, parcel: Parcel) -> None:
    """Take a parcel to its receiver, or to its dead-letter queue. What nobody takes is lost: the sender succeeded."""
    if not parcel.to:
        world.emit(account=parcel.account, region=parcel.region, source=parcel.attributes["source"],
                   detail_type=parcel.attributes["detail-type"], detail=json.loads(parcel.body),
                   resources=[parcel.source])
        return
    for receiver in filter(None, (parcel.to, parcel.dead_letters)):
        try:
            _hand_over(world, parcel, receiver)
        except ClientError as error:
            logging.getLogger(__name__).info("%s could not send to %s: %s", parcel.source, receiver, error)
        else:
            return


def _hand_over(world: World, parcel: Parcel, receiver: str) -> None:
    """Raises ClientError, AccessDenied among them."""
    caller = service_principal(parcel.service, source_arn=parcel.source, source_account=parcel.account)
    _, _, service, region, account, name = receiver.split(":", 5)
    client = world.client(service, caller, region)
    match service:
        case "sqs":
            order: dict[str, Any] = {}
            if name.endswith(".fifo"):
                order = {"MessageGroupId": parcel.group, "MessageDeduplicationId": parcel.deduplication}
            client.send_message(QueueUrl=f"{world.endpoint}/{account}/{name}", MessageBody=parcel.body,
                                MessageAttributes=dict(parcel.attributes),
                                **{key: value for key, value in order.items() if value})
        case "sns":
            client.publish(TopicArn=receiver, Message=parcel.body, Subject="Amazon S3 Notification")
        case "lambda":
            client.invoke(FunctionName=receiver, InvocationType="Event", Payload=parcel.body.encode())
        case _:
            logging.getLogger(__name__).info("nothing is sent to %s here", receiver)
