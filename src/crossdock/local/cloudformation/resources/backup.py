"""AWS::Backup: vaults and plans. Kept and shown; nothing is backed up here. Selections are refused."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Props


def _plan(value: Props) -> dict[str, Any]:
    """A plan's rules are the API's `Rules`."""
    spelled = {"BackupPlanRule": "Rules"}
    rules = [{{"TargetBackupVault": "TargetBackupVaultName"}.get(key, key): item for key, item in rule.items()}
             for rule in value.get("BackupPlanRule", [])]
    return {spelled.get(key, key): rules if key == "BackupPlanRule" else item for key, item in value.items()}


def _tagging(create: str) -> Tagging:
    return Tagging(drop=("UntagResource", "ResourceArn", "TagKeyList"), create=create, map=True)


TYPES = handlers(
    Kind(
        type="AWS::Backup::BackupVault", service="backup", name="BackupVaultName", limit=50,
        who="BackupVaultName", create="CreateBackupVault", delete="DeleteBackupVault",
        takes="EncryptionKeyArn", tagging=_tagging("BackupVaultTags"), tags="map", tagged="BackupVaultTags",
        arn="arn:{partition}:backup:{region}:{account}:backup-vault:{id}",
        found={"BackupVaultName": "={id}",
               "BackupVaultArn": "=arn:{partition}:backup:{region}:{account}:backup-vault:{id}"},
    ),
    Kind(
        type="AWS::Backup::BackupPlan", service="backup", id="BackupPlanId", who="BackupPlanId",
        create="CreateBackupPlan", delete="DeleteBackupPlan", takes="BackupPlan",
        tagging=_tagging("BackupPlanTags"), tags="map", tagged="BackupPlanTags",
        arn="arn:{partition}:backup:{region}:{account}:backup-plan:{id}",
        shaped={"BackupPlan": _plan}, read=("GetBackupPlan", ""),
    ),
)  # fmt: skip
