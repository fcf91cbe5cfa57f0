"""SQS. Source: SQS Developer Guide, sqs-api-permissions-reference (a batch needs the action of the single one)."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

QUEUE = ("{queue:QueueUrl}",)

RULES: dict[str, Rules] = {
    "SendMessageBatch": (Rule("sqs:SendMessage", QUEUE),),
    "DeleteMessageBatch": (Rule("sqs:DeleteMessage", QUEUE),),
    "ChangeMessageVisibilityBatch": (Rule("sqs:ChangeMessageVisibility", QUEUE),),
    "GetQueueUrl": (
        Rule("sqs:GetQueueUrl", ("arn:${Partition}:sqs:${Region}:{QueueOwnerAWSAccountId|=${Account}}:{QueueName}",)),
    ),
    "StartMessageMoveTask": (Rule("sqs:StartMessageMoveTask", ("{SourceArn}",)),),
    "ListMessageMoveTasks": (Rule("sqs:ListMessageMoveTasks", ("{SourceArn}",)),),
}
