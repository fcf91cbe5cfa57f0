"""The organization outlives the local AWS where that keeps its state, and new accounts join it."""

from __future__ import annotations

import json
from pathlib import Path

from crossdock.local.server import LocalWorld

SHARED, NONPROD, PROD = "111111111111", "222222222222", "333333333333"
SCP = "SERVICE_CONTROL_POLICY"


def world(root: Path, *accounts: str) -> LocalWorld:
    made = LocalWorld(root, accounts={account: account for account in accounts}, management=SHARED, region="us-east-1",
                      organization="o-a1b2c3d4e5", endpoint="http://127.0.0.1:40000", keep=True)
    made.resume()
    return made


def test_units_policies_and_their_places_are_there_after_a_restart_and_a_new_account_too(tmp_path: Path) -> None:
    first = world(tmp_path / "state", SHARED, NONPROD)
    organizations = first.client("organizations", first.root_user(SHARED))
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    organizations.move_account(AccountId=NONPROD, SourceParentId=root, DestinationParentId=unit)
    policy = organizations.create_policy(Name="no-s3", Description="", Type=SCP, Content=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}))["Policy"]
    organizations.attach_policy(PolicyId=policy["PolicySummary"]["Id"], TargetId=unit)
    first.stop()

    again = world(tmp_path / "state", SHARED, NONPROD, PROD)
    organizations = again.client("organizations", again.root_user(SHARED))
    assert organizations.list_roots()["Roots"][0]["Id"] == root
    assert organizations.list_parents(ChildId=NONPROD)["Parents"][0]["Id"] == unit
    assert [p["Name"] for p in organizations.list_policies_for_target(TargetId=unit, Filter=SCP)["Policies"]] == [
        "FullAWSAccess", "no-s3"]
    assert organizations.list_parents(ChildId=PROD)["Parents"][0]["Id"] == root
    assert len(organizations.list_policies_for_target(TargetId=PROD, Filter=SCP)["Policies"]) == 1
    again.stop()
