"""RDS: tags, whose parameter `ResourceName` is an ARN (RDS API reference, AddTagsToResource), and final snapshots."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

AT = "arn:${Partition}:rds:${Region}:${Account}:"

RULES: dict[str, Rules] = {
    "AddTagsToResource": (
        Rule("rds:AddTagsToResource", ("{ResourceName}",), {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}),
    ),
    "RemoveTagsFromResource": (Rule("rds:RemoveTagsFromResource", ("{ResourceName}",), {"aws:TagKeys": "TagKeys[]"}),),
    "ListTagsForResource": (Rule("rds:ListTagsForResource", ("{ResourceName}",)),),
    "CreateDBInstanceReadReplica": (
        Rule("rds:CreateDBInstanceReadReplica",
             (AT + "db:{DBInstanceIdentifier}", AT + "db:{SourceDBInstanceIdentifier}"),
             {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}),
        Rule("iam:PassRole", ("{role:MonitoringRoleArn}",), {"iam:PassedToService": "=monitoring.rds.amazonaws.com"},
             ("MonitoringRoleArn",)),
        Rule("iam:PassRole", ("{role:DomainIAMRoleName}",), {"iam:PassedToService": "=rds.amazonaws.com"},
             ("DomainIAMRoleName",)),
    ),
    "DeleteDBCluster": (
        Rule("rds:DeleteDBCluster",
             (AT + "cluster:{DBClusterIdentifier}", AT + "cluster-snapshot:{FinalDBSnapshotIdentifier}")),
    ),
    "DeleteDBInstance": (
        Rule("rds:DeleteDBInstance", (AT + "db:{DBInstanceIdentifier}", AT + "snapshot:{FinalDBSnapshotIdentifier}")),
    ),
}
