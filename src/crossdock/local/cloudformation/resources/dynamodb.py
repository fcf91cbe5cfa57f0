"""AWS::DynamoDB: tables. Streams and time to live are the table's settings; nothing expires here."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props
from crossdock.local.cloudformation.resources.shapes import truth


def _stream(value: Props) -> dict[str, Any]:
    return {"StreamEnabled": True, "StreamViewType": value["StreamViewType"]}


def _encryption(value: Props) -> dict[str, Any]:
    return {("Enabled" if name == "SSEEnabled" else name): item for name, item in value.items()}


def _indexes(ctx: Context, table: str, old: Props, new: Props) -> None:
    """One index a call: UpdateTable creates or deletes one at a time (UpdateTable API)."""
    before = {index["IndexName"]: index for index in old.get("GlobalSecondaryIndexes", [])}
    after = {index["IndexName"]: index for index in new.get("GlobalSecondaryIndexes", [])}
    changes: list[dict[str, Any]] = []
    for name, index in before.items():
        if name not in after or _keys(after[name]) != _keys(index):
            changes.append({"Delete": {"IndexName": name}})
        elif after[name].get("ProvisionedThroughput") != index.get("ProvisionedThroughput"):
            throughput = after[name]["ProvisionedThroughput"]
            changes.append({"Update": {"IndexName": name, "ProvisionedThroughput": throughput}})
    changes += [{"Create": index} for name, index in after.items()
                if name not in before or _keys(before[name]) != _keys(index)]
    for change in changes:
        ctx.call("dynamodb", "UpdateTable", {
            "TableName": table, "AttributeDefinitions": new.get("AttributeDefinitions", []),
            "GlobalSecondaryIndexUpdates": [change]})  # fmt: skip


def _keys(index: Props) -> Any:
    return index.get("KeySchema"), index.get("Projection")


def _stream_changed(ctx: Context, table: str, old: Props, new: Props) -> None:
    if "StreamSpecification" in old:
        ctx.call("dynamodb", "UpdateTable", {"TableName": table, "StreamSpecification": {"StreamEnabled": False}})
    if "StreamSpecification" in new:
        given = {"TableName": table, "StreamSpecification": _stream(new["StreamSpecification"])}
        ctx.call("dynamodb", "UpdateTable", given)


def _backups(ctx: Context, table: str, old: Props, new: Props) -> None:
    given = new.get("PointInTimeRecoverySpecification") or {"PointInTimeRecoveryEnabled": False}
    if old or truth(given.get("PointInTimeRecoveryEnabled", False)):
        ctx.call("dynamodb", "UpdateContinuousBackups", {"TableName": table, "PointInTimeRecoverySpecification": given})


def _expiry(ctx: Context, table: str, old: Props, new: Props) -> None:
    wanted = new.get("TimeToLiveSpecification") or {**old.get("TimeToLiveSpecification", {}), "Enabled": False}
    if old or truth(wanted.get("Enabled", False)):
        ctx.call("dynamodb", "UpdateTimeToLive", {"TableName": table, "TimeToLiveSpecification": wanted})


TYPES = handlers(
    Kind(
        type="AWS::DynamoDB::Table", service="dynamodb", who="TableName", name="TableName", limit=255,
        create="CreateTable", delete="DeleteTable",
        takes="AttributeDefinitions KeySchema LocalSecondaryIndexes GlobalSecondaryIndexes BillingMode "
              "ProvisionedThroughput StreamSpecification SSESpecification TableClass DeletionProtectionEnabled "
              "OnDemandThroughput",
        shaped={"StreamSpecification": _stream, "SSESpecification": _encryption},
        steps=(
            Step(operation="UpdateTable", of="BillingMode ProvisionedThroughput SSESpecification TableClass "
                                             "DeletionProtectionEnabled OnDemandThroughput",
                 empty={"BillingMode": "PROVISIONED", "DeletionProtectionEnabled": False, "TableClass": "STANDARD",
                        "SSESpecification": {"Enabled": False}}),
            Own(of="GlobalSecondaryIndexes AttributeDefinitions", settle=_indexes),
            Own(of="StreamSpecification", settle=_stream_changed),
            Own(of="PointInTimeRecoverySpecification", settle=_backups, created=True),
            Own(of="TimeToLiveSpecification", settle=_expiry, created=True),
        ),
        read=("DescribeTable", "Table"), found={"Arn": "TableArn", "StreamArn": "LatestStreamArn"},
        tagging=Tagging(), arn="arn:{partition}:dynamodb:{region}:{account}:table/{id}",
        accepted="ContributorInsightsSpecification WarmThroughput KinesisStreamSpecification",
    ),
)  # fmt: skip
