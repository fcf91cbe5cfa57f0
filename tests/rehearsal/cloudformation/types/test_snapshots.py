"""DeletionPolicy Snapshot: what is deleted leaves a copy; what is rolled back leaves none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.rehearsal.cloudformation.types.lifecycle import FAILS
from tests.rehearsal.cloudformation.types.records.around import NETWORK, get, resource
from tests.rehearsal.cloudformation.types.records.databases import PLAIN

Copies = Callable[[Any, str], list[Any]]
CLUSTER = resource("AWS::RDS::DBCluster", Engine="aurora-mysql", MasterUsername="someone",
                   MasterUserPassword="very-secret-1")
CACHE = resource("AWS::ElastiCache::CacheCluster", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1)
VOLUME = resource("AWS::EC2::Volume", AvailabilityZone=get("S", "AvailabilityZone"), Size=8)
KINDS: dict[str, tuple[dict[str, Any], Copies]] = {
    "instance": (PLAIN, lambda a, id_: a.client("rds").describe_db_snapshots(
        DBInstanceIdentifier=id_, SnapshotType="manual")["DBSnapshots"]),
    "cluster": (CLUSTER, lambda a, id_: a.client("rds").describe_db_cluster_snapshots(
        DBClusterIdentifier=id_, SnapshotType="manual")["DBClusterSnapshots"]),
    "volume": (VOLUME, lambda a, id_: a.client("ec2").describe_snapshots(
        Filters=[{"Name": "volume-id", "Values": [id_]}])["Snapshots"]),
    "cache": (CACHE, lambda a, id_: [one for one in a.client("elasticache").describe_snapshots()["Snapshots"]
                                     if one["CacheClusterId"] == id_]),
}


def _template(kind: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Resources": {**NETWORK, "X": {**kind, "DeletionPolicy": "Snapshot"}, **more}}


@pytest.mark.parametrize(("kind", "copies"), KINDS.values(), ids=KINDS)
def test_what_is_deleted_leaves_a_copy(account, kind, copies):
    assert account.create(_template(kind)) == "CREATE_COMPLETE", account.reasons("X")
    made = account.physical("X")
    assert copies(account, made) == []
    assert account.delete() == "DELETE_COMPLETE", account.reasons("X")
    assert len(copies(account, made)) == 1


@pytest.mark.parametrize(("kind", "copies"), KINDS.values(), ids=KINDS)
def test_what_was_made_and_rolled_back_leaves_none(account, kind, copies):
    assert account.create(_template(kind, Bad=FAILS)) == "ROLLBACK_COMPLETE", account.reasons("X")
    assert copies(account, account.physical("X")) == []
    assert account.delete() == "DELETE_COMPLETE"
