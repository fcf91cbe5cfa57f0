"""The organization as the proof takes it, read from AWS Organizations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from crossdock.aws.organizations import read
from crossdock.model.organization import RCP, SCP

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

SHARED, NONPROD = "111111111111", "222222222222"


@dataclass(frozen=True)
class InProcess:
    """A cloud of which the management account's client alone is asked for."""

    organizations: Any

    def identity(self) -> Any:
        return type("Identity", (), {"account": SHARED})

    def account(self, account: str) -> InProcess:
        assert account == SHARED
        return self

    def client(self, service: str, region: str) -> Any:
        assert (service, region) == ("organizations", "us-east-1")
        return self.organizations


@pytest.fixture
def organizations(world: LocalWorld) -> Any:
    return world.client("organizations", world.root_user(SHARED))


def test_accounts_are_read_with_all_that_is_above_them_and_the_policies_there(organizations: Any) -> None:
    (root,) = organizations.list_roots()["Roots"]
    unit = organizations.create_organizational_unit(ParentId=root["Id"], Name="workloads")["OrganizationalUnit"]["Id"]
    organizations.move_account(AccountId=NONPROD, SourceParentId=root["Id"], DestinationParentId=unit)
    statement = {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}
    content = {"Version": "2012-10-17", "Statement": [statement]}
    policy = organizations.create_policy(
        Name="Guardrail", Description="", Type=SCP, Content=json.dumps(content))["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=unit)
    found = read(InProcess(organizations), (SHARED, NONPROD))  # type: ignore[arg-type]
    assert (found.id, found.management, found.enabled) == ("o-a1b2c3d4e5", SHARED, (SCP, RCP))
    assert [t.id for t in found.path(NONPROD)] == [root["Id"], unit, NONPROD]
    assert [t.name for t in found.path(NONPROD)][1:] == ["workloads", "nonprod"]
    names = [[p.name for p in level] for level in found.levels(NONPROD, SCP)]
    assert names == [["FullAWSAccess"], ["FullAWSAccess", "Guardrail"], ["FullAWSAccess"]]
    assert found.levels(NONPROD, SCP)[1][1].content == content
    assert found.levels(SHARED, SCP) == ()
    assert [[p.name for p in level] for level in found.levels(NONPROD, RCP)] == [["RCPFullAWSAccess"]] * 3


def test_a_policy_type_that_the_root_has_not_enabled_is_not_read(organizations: Any) -> None:
    (root,) = organizations.list_roots()["Roots"]
    organizations.disable_policy_type(RootId=root["Id"], PolicyType=RCP)
    found = read(InProcess(organizations), (NONPROD,))  # type: ignore[arg-type]
    assert found.enabled == (SCP,)
    assert found.levels(NONPROD, RCP) == ()
