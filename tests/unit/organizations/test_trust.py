"""Services that the organization trusts, and members that administer them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

SHARED, NONPROD, SERVICE = "111111111111", "222222222222", "config.amazonaws.com"


@pytest.fixture
def manager(world: LocalWorld) -> Any:
    return world.client("organizations", world.root_user(SHARED))


def test_trust_is_given_and_taken(manager: Any) -> None:
    manager.enable_aws_service_access(ServicePrincipal=SERVICE)
    assert [one["ServicePrincipal"] for one in manager.list_aws_service_access_for_organization()[
        "EnabledServicePrincipals"]] == [SERVICE]
    manager.disable_aws_service_access(ServicePrincipal=SERVICE)
    assert manager.list_aws_service_access_for_organization()["EnabledServicePrincipals"] == []


def test_a_member_administers_only_what_is_trusted(manager: Any) -> None:
    who = {"AccountId": NONPROD, "ServicePrincipal": SERVICE}
    with pytest.raises(ClientError, match="Service access is not enabled"):
        manager.register_delegated_administrator(**who)
    manager.enable_aws_service_access(ServicePrincipal=SERVICE)
    manager.register_delegated_administrator(**who)
    assert [one["Id"] for one in manager.list_delegated_administrators(ServicePrincipal=SERVICE)[
        "DelegatedAdministrators"]] == [NONPROD]
    assert [one["ServicePrincipal"] for one in manager.list_delegated_services_for_account(AccountId=NONPROD)[
        "DelegatedServices"]] == [SERVICE]
    with pytest.raises(ClientError, match="already a delegated administrator"):
        manager.register_delegated_administrator(**who)
    with pytest.raises(ClientError, match="deregister them first"):
        manager.disable_aws_service_access(ServicePrincipal=SERVICE)
    manager.deregister_delegated_administrator(**who)
    with pytest.raises(ClientError, match="not a delegated administrator"):
        manager.deregister_delegated_administrator(**who)


def test_the_management_account_is_no_delegate(manager: Any) -> None:
    manager.enable_aws_service_access(ServicePrincipal=SERVICE)
    with pytest.raises(ClientError, match="cannot register master account"):
        manager.register_delegated_administrator(AccountId=SHARED, ServicePrincipal=SERVICE)


def test_a_delegated_administrator_reads_the_organization(world: LocalWorld, manager: Any) -> None:
    member = world.client("organizations", world.root_user(NONPROD))
    with pytest.raises(ClientError, match="You don't have permissions"):
        member.list_accounts()
    manager.enable_aws_service_access(ServicePrincipal=SERVICE)
    manager.register_delegated_administrator(AccountId=NONPROD, ServicePrincipal=SERVICE)
    assert len(member.list_accounts()["Accounts"]) == 2
    with pytest.raises(ClientError, match="is not authorized to perform"):
        member.create_organizational_unit(ParentId=member.list_roots()["Roots"][0]["Id"], Name="Mine")
