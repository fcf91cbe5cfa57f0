"""The organization as its management account sees it: accounts, units, policies and what they are attached to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossdock.local.server import LocalWorld

SHARED, NONPROD = "111111111111", "222222222222"
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
DENY_S3 = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})


@pytest.fixture
def organizations(world: LocalWorld) -> Any:
    return world.client("organizations", world.root_user(SHARED))


def code(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return str(refused.value.response["Error"]["Code"])


def test_an_organization_is_there_from_the_start_with_all_accounts_and_both_policy_types(organizations: Any) -> None:
    found = organizations.describe_organization()["Organization"]
    assert (found["Id"], found["MasterAccountId"], found["FeatureSet"]) == ("o-a1b2c3d4e5", SHARED, "ALL")
    (root,) = organizations.list_roots()["Roots"]
    assert {t["Type"] for t in root["PolicyTypes"]} == {SCP, RCP}
    assert [a["Id"] for a in organizations.list_accounts()["Accounts"]] == [SHARED, NONPROD]
    for target in (root["Id"], SHARED, NONPROD):
        for kind, name in ((SCP, "FullAWSAccess"), (RCP, "RCPFullAWSAccess")):
            attached = organizations.list_policies_for_target(TargetId=target, Filter=kind)["Policies"]
            assert [p["Name"] for p in attached] == [name]


def test_a_member_account_may_describe_the_organization_and_nothing_else(world: LocalWorld) -> None:
    member = world.client("organizations", world.root_user(NONPROD))
    assert member.describe_organization()["Organization"]["Id"] == "o-a1b2c3d4e5"
    assert code(member.list_accounts) == "AccessDeniedException"
    assert code(member.create_policy, Name="p", Description="", Type=SCP, Content=DENY_S3) == "AccessDeniedException"


def test_an_account_moves_into_a_unit_and_its_path_follows(organizations: Any) -> None:
    root = organizations.list_roots()["Roots"][0]["Id"]
    above = organizations.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]
    unit = organizations.create_organizational_unit(ParentId=above["Id"], Name="Test")["OrganizationalUnit"]
    organizations.move_account(AccountId=NONPROD, SourceParentId=root, DestinationParentId=unit["Id"])
    assert organizations.list_parents(ChildId=NONPROD)["Parents"] == [{"Id": unit["Id"], "Type": "ORGANIZATIONAL_UNIT"}]
    assert organizations.list_parents(ChildId=unit["Id"])["Parents"][0]["Id"] == above["Id"]
    assert [a["Id"] for a in organizations.list_accounts_for_parent(ParentId=unit["Id"])["Accounts"]] == [NONPROD]
    assert organizations.list_children(ParentId=root, ChildType="ACCOUNT")["Children"] == [
        {"Id": SHARED, "Type": "ACCOUNT"}]
    assert code(organizations.move_account, AccountId=NONPROD, SourceParentId=root,
                DestinationParentId=above["Id"]) == "SourceParentNotFoundException"


def test_a_unit_is_renamed_and_deleted_only_when_it_is_empty(organizations: Any) -> None:
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="A")["OrganizationalUnit"]["Id"]
    assert code(organizations.create_organizational_unit, ParentId=root, Name="A") == \
        "DuplicateOrganizationalUnitException"
    below = organizations.create_organizational_unit(ParentId=unit, Name="B")["OrganizationalUnit"]["Id"]
    renamed = organizations.update_organizational_unit(OrganizationalUnitId=unit, Name="C")["OrganizationalUnit"]
    assert renamed["Name"] == "C"
    assert code(organizations.delete_organizational_unit, OrganizationalUnitId=unit) == \
        "OrganizationalUnitNotEmptyException"
    organizations.delete_organizational_unit(OrganizationalUnitId=below)
    organizations.delete_organizational_unit(OrganizationalUnitId=unit)
    assert code(organizations.describe_organizational_unit, OrganizationalUnitId=unit) == \
        "OrganizationalUnitNotFoundException"


def test_a_policy_is_created_attached_listed_updated_detached_and_deleted(organizations: Any) -> None:
    made = organizations.create_policy(Name="no-s3", Description="d", Type=SCP, Content=DENY_S3)["Policy"]
    ident = made["PolicySummary"]["Id"]
    assert made["PolicySummary"]["Arn"].endswith(f"policy/o-a1b2c3d4e5/service_control_policy/{ident}")
    organizations.attach_policy(PolicyId=ident, TargetId=NONPROD)
    assert code(organizations.attach_policy, PolicyId=ident, TargetId=NONPROD) == "DuplicatePolicyAttachmentException"
    (target,) = organizations.list_targets_for_policy(PolicyId=ident)["Targets"]
    assert (target["TargetId"], target["Type"], target["Name"]) == (NONPROD, "ACCOUNT", "nonprod")
    assert code(organizations.delete_policy, PolicyId=ident) == "PolicyInUseException"
    organizations.update_policy(PolicyId=ident, Name="still-no-s3")
    assert {p["Name"] for p in organizations.list_policies(Filter=SCP)["Policies"]} == {"FullAWSAccess", "still-no-s3"}
    organizations.detach_policy(PolicyId=ident, TargetId=NONPROD)
    organizations.delete_policy(PolicyId=ident)
    assert code(organizations.describe_policy, PolicyId=ident) == "PolicyNotFoundException"


@pytest.mark.parametrize(("kind", "statement"), [
    (SCP, {"Effect": "Deny", "Action": "s3:*"}),
    (SCP, {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*"}),
    (RCP, {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}),
    (RCP, {"Effect": "Deny", "Principal": {"AWS": NONPROD}, "Action": "s3:*", "Resource": "*"}),
    (RCP, {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}),
])
def test_a_policy_that_its_type_does_not_allow_is_refused(
    organizations: Any, kind: str, statement: dict[str, Any]
) -> None:
    content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert code(organizations.create_policy, Name="p", Description="", Type=kind, Content=content) == \
        "MalformedPolicyDocumentException"


def test_what_aws_manages_is_not_changed_and_something_stays_attached(organizations: Any) -> None:
    assert code(organizations.update_policy, PolicyId="p-FullAWSAccess", Name="x") == "InvalidInputException"
    assert code(organizations.delete_policy, PolicyId="p-FullAWSAccess") == "InvalidInputException"
    for ident in ("p-FullAWSAccess", "p-RCPFullAWSAccess"):
        assert code(organizations.detach_policy, PolicyId=ident, TargetId=NONPROD) == "ConstraintViolationException"


def test_disabling_a_policy_type_detaches_its_policies_for_good(organizations: Any) -> None:
    root = organizations.list_roots()["Roots"][0]["Id"]
    made = organizations.create_policy(Name="no-s3", Description="", Type=SCP, Content=DENY_S3)["Policy"]
    ident = made["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=ident, TargetId=root)
    organizations.disable_policy_type(RootId=root, PolicyType=SCP)
    assert code(organizations.attach_policy, PolicyId=ident, TargetId=root) == "PolicyTypeNotEnabledException"
    organizations.enable_policy_type(RootId=root, PolicyType=SCP)
    attached = organizations.list_policies_for_target(TargetId=root, Filter=SCP)["Policies"]
    assert [p["Id"] for p in attached] == ["p-FullAWSAccess"]


def test_tags_are_put_listed_and_taken_away(organizations: Any) -> None:
    organizations.tag_resource(ResourceId=NONPROD, Tags=[{"Key": "stage", "Value": "test"}, {"Key": "a", "Value": "b"}])
    organizations.untag_resource(ResourceId=NONPROD, TagKeys=["a"])
    assert organizations.list_tags_for_resource(ResourceId=NONPROD)["Tags"] == [{"Key": "stage", "Value": "test"}]
    assert code(organizations.tag_resource, ResourceId="nobody", Tags=[]) == "TargetNotFoundException"


def test_long_lists_come_in_pages(organizations: Any) -> None:
    pages = [[a["Id"] for a in page["Accounts"]] for page in
             organizations.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1})]
    assert pages == [[SHARED], [NONPROD]]


def test_types_of_policy_that_do_not_bear_on_access_are_refused_by_name(organizations: Any) -> None:
    with pytest.raises(ClientError, match="does not emulate organization policies of type TAG_POLICY"):
        organizations.list_policies(Filter="TAG_POLICY")


def test_a_user_without_the_right_to_organizations_is_denied_on_the_arn(world: LocalWorld) -> None:
    root = world.root_user(SHARED)
    iam = world.client("iam", root)
    iam.create_user(UserName="auditor")
    iam.put_user_policy(UserName="auditor", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "organizations:DescribeAccount",
            "Resource": f"arn:aws:organizations::{SHARED}:account/o-a1b2c3d4e5/{NONPROD}"}]}))
    key = iam.create_access_key(UserName="auditor")["AccessKey"]["AccessKeyId"]
    auditor = world.client("organizations", world.session(key))
    assert auditor.describe_account(AccountId=NONPROD)["Account"]["Name"] == "nonprod"
    assert code(auditor.describe_account, AccountId=SHARED) == "AccessDeniedException"
