"""AWS::RDS (and AWS::DocDB, which has the same API): clusters, instances and their groups. Kept and shown; no database
runs behind them here.
"""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Props, pick, tag_list, tags_of
from crossdock.local.cloudformation.resources.shapes import text

_TAGGING = Tagging(put=("AddTagsToResource", "ResourceName", "Tags"),
                   drop=("RemoveTagsFromResource", "ResourceName", "TagKeys"))
_ARN = "arn:{partition}:rds:{region}:{account}:"

_CLUSTER = ("BackupRetentionPeriod DBClusterParameterGroupName VpcSecurityGroupIds Port MasterUserPassword "
            "PreferredBackupWindow PreferredMaintenanceWindow EnableIAMDatabaseAuthentication BacktrackWindow "
            "EngineVersion Domain DomainIAMRoleName ScalingConfiguration DeletionProtection EnableHttpEndpoint "
            "CopyTagsToSnapshot DBClusterInstanceClass AllocatedStorage StorageType Iops AutoMinorVersionUpgrade "
            "NetworkType ServerlessV2ScalingConfiguration MonitoringInterval MonitoringRoleArn "
            "PerformanceInsightsKmsKeyId PerformanceInsightsRetentionPeriod ManageMasterUserPassword "
            "PerformanceInsightsEnabled")
_MADE = ("AvailabilityZones DatabaseName DBSubnetGroupName Engine MasterUsername ReplicationSourceIdentifier "
         "StorageEncrypted KmsKeyId EngineMode PubliclyAccessible GlobalClusterIdentifier MasterUserSecret")
_INSTANCE = ("DBInstanceClass DBSecurityGroups MasterUserPassword DBParameterGroupName "
             "BackupRetentionPeriod PreferredBackupWindow PreferredMaintenanceWindow MultiAZ EngineVersion "
             "AutoMinorVersionUpgrade LicenseModel Iops StorageThroughput OptionGroupName StorageType "
             "CACertificateIdentifier CopyTagsToSnapshot MonitoringInterval PubliclyAccessible MonitoringRoleArn "
             "PromotionTier EnableIAMDatabaseAuthentication EnablePerformanceInsights PerformanceInsightsKMSKeyId "
             "PerformanceInsightsRetentionPeriod DeletionProtection MaxAllocatedStorage NetworkType "
             "ManageMasterUserPassword VPCSecurityGroups")
_BORN = ("DBName Engine MasterUsername AvailabilityZone DBSubnetGroupName Port CharacterSetName DBClusterIdentifier "
         "StorageEncrypted KmsKeyId Timezone MasterUserSecret")


def _secret_key(value: Props) -> Any:
    return value.get("KmsKeyId")


_CLUSTER_WORDS = {"PerformanceInsightsEnabled": "EnablePerformanceInsights",
                  "PerformanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
                  "MasterUserSecret": "MasterUserSecretKmsKeyId"}


def _cluster(ctx: Context, props: Props) -> str:
    """A new cluster, one restored from a snapshot, or one restored to a point in time."""
    spelled: dict[str, Any] = {}
    for name in f"{_CLUSTER} {_MADE} EnableCloudwatchLogsExports".split():
        if name in props:
            value = _secret_key(props[name]) if name == "MasterUserSecret" else props[name]
            if value is not None:
                spelled[_CLUSTER_WORDS.get(name, name)] = value
    spelled["DBClusterIdentifier"] = str(props.get("DBClusterIdentifier") or ctx.name(63, lower=True))
    spelled |= _tags(props)
    if "SnapshotIdentifier" in props:
        for name in ("MasterUsername", "MasterUserPassword", "StorageEncrypted"):
            spelled.pop(name, None)
        answer = ctx.call("rds", "RestoreDBClusterFromSnapshot", {
            **spelled, "SnapshotIdentifier": props["SnapshotIdentifier"]})  # fmt: skip
    else:
        answer = ctx.call("rds", "CreateDBCluster", spelled)
    return str(answer["DBCluster"]["DBClusterIdentifier"])


def _tags(props: Props) -> dict[str, Any]:
    tags = tags_of(props)
    return {"Tags": tag_list(tags)} if tags else {}


_INSTANCE_WORDS = {"VPCSecurityGroups": "VpcSecurityGroupIds", "MasterUserSecret": "MasterUserSecretKmsKeyId"}


def _instance(ctx: Context, props: Props) -> str:
    given: dict[str, Any] = {}
    for name in f"AllocatedStorage {_INSTANCE} {_BORN} EnableCloudwatchLogsExports".split():
        if name in props:
            value = _secret_key(props[name]) if name == "MasterUserSecret" else props[name]
            if value is not None:
                given[_INSTANCE_WORDS.get(name, name)] = value
    given["DBInstanceIdentifier"] = str(props.get("DBInstanceIdentifier") or ctx.name(63, lower=True))
    given |= _tags(props)
    if "SourceDBInstanceIdentifier" in props:
        for name in ("Engine", "MasterUsername", "MasterUserPassword", "AllocatedStorage", "EngineVersion", "DBName"):
            given.pop(name, None)
        answer = ctx.call("rds", "CreateDBInstanceReadReplica", {
            **given, "SourceDBInstanceIdentifier": props["SourceDBInstanceIdentifier"]})  # fmt: skip
    elif props.get("DBSnapshotIdentifier"):
        for name in ("MasterUsername", "MasterUserPassword", "AllocatedStorage", "EngineVersion", "DBName",
                     "StorageEncrypted", "KmsKeyId", "BackupRetentionPeriod"):
            given.pop(name, None)
        answer = ctx.call("rds", "RestoreDBInstanceFromDBSnapshot", {
            **given, "DBSnapshotIdentifier": props["DBSnapshotIdentifier"]})  # fmt: skip
    else:
        answer = ctx.call("rds", "CreateDBInstance", given)
    return str(answer["DBInstance"]["DBInstanceIdentifier"])


def _parameters(operation: str, member: str) -> Own:
    def settle(ctx: Context, group: str, old: Props, new: Props) -> None:
        gone = [{"ParameterName": name, "ApplyMethod": "pending-reboot"}
                for name in sorted((old.get("Parameters") or {}).keys() - (new.get("Parameters") or {}).keys())]
        if gone:
            ctx.call("rds", operation.replace("Modify", "Reset"), {member: group, "Parameters": gone})
        given = [{"ParameterName": name, "ParameterValue": text(value), "ApplyMethod": "pending-reboot"}
                 for name, value in (new.get("Parameters") or {}).items()]
        for start in range(0, len(given), 20):  # as many as one call takes (RDS API, ModifyDBParameterGroup)
            ctx.call("rds", operation, {member: group, "Parameters": given[start : start + 20]})

    return Own(of="Parameters", settle=settle, created=True)


def _exports(operation: str, member: str) -> Own:
    def settle(ctx: Context, id_: str, old: Props, new: Props) -> None:
        before, after = (props.get("EnableCloudwatchLogsExports", []) for props in (old, new))
        change = {"EnableLogTypes": [one for one in after if one not in before],
                  "DisableLogTypes": [one for one in before if one not in after]}
        ctx.call("rds", operation, {member: id_, "CloudwatchLogsExportConfiguration": change})

    return Own(of="EnableCloudwatchLogsExports", settle=settle)


_NOTHING_SAID = {
    "BackupRetentionPeriod": 1, "MultiAZ": False, "CopyTagsToSnapshot": False, "DeletionProtection": False,
    "EnableIAMDatabaseAuthentication": False, "AutoMinorVersionUpgrade": True, "MonitoringInterval": 0,
    "EnablePerformanceInsights": False, "PerformanceInsightsEnabled": False, "EnableHttpEndpoint": False,
}  # fmt: skip
"""What is so where nothing is said (CloudFormation reference, AWS::RDS::DBInstance and AWS::RDS::DBCluster)."""


def _storage(ctx: Context, instance: str, old: Props, new: Props) -> None:
    """Storage only grows (RDS User Guide, "Increasing DB instance storage capacity"): a rollback leaves it."""
    wanted = int(new.get("AllocatedStorage", 0))
    if wanted and not (ctx.undoing and wanted < int(old.get("AllocatedStorage", 0))):
        ctx.call("rds", "ModifyDBInstance", {
            "DBInstanceIdentifier": instance, "AllocatedStorage": wanted, **pick(new, "ApplyImmediately")})


def _snapshot_cluster(ctx: Context, cluster: str, _: Props) -> None:
    given = {"DBClusterIdentifier": cluster, "DBClusterSnapshotIdentifier": ctx.name(63, lower=True)}
    ctx.call("rds", "CreateDBClusterSnapshot", given)


def _snapshot_instance(ctx: Context, instance: str, _: Props) -> None:
    given = {"DBInstanceIdentifier": instance, "DBSnapshotIdentifier": ctx.name(63, lower=True)}
    ctx.call("rds", "CreateDBSnapshot", given)


def _sources(ctx: Context, name: str, old: Props, new: Props) -> None:
    before, after = old.get("SourceIds", []), new.get("SourceIds", [])
    for operation, sources in (("AddSourceIdentifierToSubscription", [s for s in after if s not in before]),
                               ("RemoveSourceIdentifierFromSubscription", [s for s in before if s not in after])):
        for source in sources:
            ctx.call("rds", operation, {"SubscriptionName": name, "SourceIdentifier": source})


def _kinds(prefix: str) -> tuple[Kind, ...]:
    """Of RDS, or of another service with its API."""
    return (
        Kind(
            type=f"AWS::{prefix}::DBCluster", service="rds", who="DBClusterIdentifier", create="CreateDBCluster",
            delete="DeleteDBCluster", delete_fixed={"SkipFinalSnapshot": True}, make=_cluster,
            takes=f"DBClusterIdentifier {_MADE} SnapshotIdentifier SourceRegion",
            spelled=_CLUSTER_WORDS,
            steps=(Step(operation="ModifyDBCluster", of=_CLUSTER, empty=_NOTHING_SAID),
                   _exports("ModifyDBCluster", "DBClusterIdentifier")),
            read=("DescribeDBClusters", "DBClusters[0]"),
            found={"Endpoint.Address": "Endpoint", "Endpoint.Port": "to_string(Port)",
                   "ReadEndpoint.Address": "ReaderEndpoint", "DBClusterArn": "DBClusterArn", "Endpoint": "Endpoint",
                   "ClusterResourceId": "DbClusterResourceId", "Port": "to_string(Port)"},
            tagging=_TAGGING, arn=_ARN + "cluster:{id}", snapshot=_snapshot_cluster,
            accepted="DeleteAutomatedBackups AssociatedRoles DatabaseInsightsMode EngineLifecycleSupport",
        ),
        Kind(
            type=f"AWS::{prefix}::DBInstance", service="rds", who="DBInstanceIdentifier", create="CreateDBInstance",
            delete="DeleteDBInstance", delete_fixed={"SkipFinalSnapshot": True}, make=_instance,
            takes=f"DBInstanceIdentifier {_BORN} SourceDBInstanceIdentifier DBSnapshotIdentifier SourceRegion",
            spelled=_INSTANCE_WORDS,
            steps=(Step(operation="ModifyDBInstance", of=_INSTANCE, also="ApplyImmediately", empty=_NOTHING_SAID),
                   Own(of="AllocatedStorage", settle=_storage),
                   _exports("ModifyDBInstance", "DBInstanceIdentifier")),
            read=("DescribeDBInstances", "DBInstances[0]"),
            found={"Endpoint.Address": "Endpoint.Address", "Endpoint.Port": "to_string(Endpoint.Port)",
                   "DBInstanceArn": "DBInstanceArn"},
            tagging=_TAGGING, arn=_ARN + "db:{id}", snapshot=_snapshot_instance,
            accepted="AllowMajorVersionUpgrade DeleteAutomatedBackups UseDefaultProcessorFeatures ProcessorFeatures "
                     "AssociatedRoles Domain DomainIAMRoleName ApplyImmediately CertificateRotationRestart "
                     "DatabaseInsightsMode EngineLifecycleSupport DedicatedLogVolume",
        ),
        Kind(
            type=f"AWS::{prefix}::DBSubnetGroup", service="rds", name="DBSubnetGroupName", limit=255, lower=True,
            who="DBSubnetGroupName", create="CreateDBSubnetGroup", delete="DeleteDBSubnetGroup",
            takes="DBSubnetGroupDescription SubnetIds", id="DBSubnetGroup.DBSubnetGroupName",
            steps=(Step(operation="ModifyDBSubnetGroup", of="DBSubnetGroupDescription SubnetIds"),),
            found={"DBSubnetGroupArn": "=" + _ARN + "subgrp:{id}"}, tagging=_TAGGING, arn=_ARN + "subgrp:{id}",
        ),
        Kind(
            type=f"AWS::{prefix}::DBClusterParameterGroup", service="rds", who="DBClusterParameterGroupName", limit=255,
            lower=True, name="DBClusterParameterGroupName" if prefix == "RDS" else "Name",
            create="CreateDBClusterParameterGroup", delete="DeleteDBClusterParameterGroup", takes="Description Family",
            spelled={"Family": "DBParameterGroupFamily", "Name": "DBClusterParameterGroupName"},
            steps=(_parameters("ModifyDBClusterParameterGroup", "DBClusterParameterGroupName"),),
            tagging=_TAGGING, arn=_ARN + "cluster-pg:{id}",
        ),
    )


TYPES = handlers(
    *_kinds("RDS"),
    Kind(
        type="AWS::RDS::DBParameterGroup", service="rds", name="DBParameterGroupName", limit=255, lower=True,
        who="DBParameterGroupName", create="CreateDBParameterGroup", delete="DeleteDBParameterGroup",
        takes="Description Family", spelled={"Family": "DBParameterGroupFamily"},
        steps=(_parameters("ModifyDBParameterGroup", "DBParameterGroupName"),),
        found={"DBParameterGroupName": "={id}", "DBParameterGroupArn": "=" + _ARN + "pg:{id}"},
        tagging=_TAGGING, arn=_ARN + "pg:{id}",
    ),
    Kind(
        type="AWS::RDS::EventSubscription", service="rds", name="SubscriptionName", limit=255, who="SubscriptionName",
        create="CreateEventSubscription", delete="DeleteEventSubscription",
        takes="SnsTopicArn SourceType EventCategories SourceIds Enabled", tagging=_TAGGING, arn=_ARN + "es:{id}",
        fixed={"Enabled": True},
        steps=(Step(operation="ModifyEventSubscription", of="Enabled EventCategories SourceType",
                    empty={"Enabled": True, "EventCategories": []}),
               Own(of="SourceIds", settle=_sources)),
    ),
)  # fmt: skip
