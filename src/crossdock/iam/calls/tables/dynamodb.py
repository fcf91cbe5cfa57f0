"""DynamoDB: several tables in one call, and indexes. Source: DynamoDB Developer Guide, api-permissions-reference (a
query of an index needs the index) and transaction-apis-iam.

Not here, so refused: PartiQL, whose statements name the tables.
"""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

TABLE = "arn:${Partition}:dynamodb:${Region}:${Account}:table/"
RETURNED = {"dynamodb:ReturnConsumedCapacity": "ReturnConsumedCapacity"}


def search(action: str) -> Rules:
    context = {"dynamodb:Select": "Select", **RETURNED}
    return (
        Rule(f"dynamodb:{action}", (TABLE + "{TableName}",), context, ("!IndexName",)),
        Rule(f"dynamodb:{action}", (TABLE + "{TableName}/index/{IndexName}",), context, ("IndexName",)),
    )


def in_transaction(*members: str) -> Rules:
    actions = {"Get": "GetItem", "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem",
               "ConditionCheck": "ConditionCheckItem"}
    return tuple(
        Rule(f"dynamodb:{actions[m]}", (TABLE + f"{{@.{m}.TableName}}",), RETURNED, (f"@.{m}",), each="TransactItems")
        for m in members
    )


RULES: dict[str, Rules] = {
    "Query": search("Query"),
    "Scan": search("Scan"),
    "BatchGetItem": (Rule("dynamodb:BatchGetItem", (TABLE + "{RequestItems{}}",), RETURNED),),
    "BatchWriteItem": (Rule("dynamodb:BatchWriteItem", (TABLE + "{RequestItems{}}",), RETURNED),),
    "TransactGetItems": in_transaction("Get"),
    "TransactWriteItems": in_transaction("Put", "Update", "Delete", "ConditionCheck"),
}
