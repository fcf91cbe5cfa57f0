"""The rules of access as calls meet them: each through the services' own APIs, named by its number.

Sources: IAM User Guide (policy evaluation, cross-account access, STS), Organizations User Guide (SCPs, RCPs), KMS
Developer Guide, S3 and ECR User Guides. 54 to 64: one account; 65 to 71: the organization.
"""

from __future__ import annotations

import pytest
from tests.unit.door.staging import MANAGEMENT, REGION, SHARED, TARGET, Stage, account, denied, document, fresh, refused

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
READ = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/*"}
OBJECT = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET/*"}
LIST_ONLY = {"Action": "s3:ListAllMyBuckets", "Resource": "*"}


def boundary(stage: Stage, *statements: dict[str, object], number: str = SHARED) -> str:
    made = stage.client("iam", number).create_policy(PolicyName=fresh("boundary"), PolicyDocument=document(*statements))
    return str(made["Policy"]["Arn"])


# -- one account


def test_rule_54_within_an_account_the_identity_or_the_bucket_suffices(stage: Stage) -> None:
    nobody, reader = stage.role(SHARED), stage.role(SHARED, READ)
    bucket = stage.bucket(a=b"1")
    denied(stage.client("s3", nobody).get_object, Bucket=bucket, Key="a")
    stage.client("s3", reader).get_object(Bucket=bucket, Key="a")
    named = stage.bucket(SHARED, OBJECT | {"Principal": {"AWS": nobody.principal_arn}}, a=b"1")
    stage.client("s3", nobody).get_object(Bucket=named, Key="a")


def test_rule_55_a_role_and_a_key_must_themselves_allow(stage: Stage) -> None:
    everything = stage.role(SHARED, {"Action": "*", "Resource": "*"})
    closed = stage.role(SHARED, trust={"Service": "codebuild.amazonaws.com"})
    denied(stage.client("sts", everything).assume_role, RoleArn=closed.principal_arn, RoleSessionName="xx")
    other = stage.role(SHARED)
    key = stage.key(SHARED, {"Action": "kms:*", "Resource": "*", "Principal": {"AWS": other.principal_arn}},
                    BypassPolicyLockoutSafetyCheck=True)
    denied(stage.client("kms", everything).describe_key, KeyId=key)


def test_rule_56_a_bucket_that_names_the_session_is_not_limited_by_the_boundary(stage: Stage) -> None:
    bounded = stage.role(SHARED, PermissionsBoundary=boundary(stage, LIST_ONLY))
    bucket = stage.bucket(SHARED, OBJECT | {"Principal": {"AWS": bounded.arn}}, a=b"1")
    stage.client("s3", bounded).get_object(Bucket=bucket, Key="a")


def test_rule_57_a_bucket_that_names_the_role_is_limited_by_the_boundary(stage: Stage) -> None:
    bounded = stage.role(SHARED, PermissionsBoundary=boundary(stage, LIST_ONLY))
    bucket = stage.bucket(SHARED, OBJECT | {"Principal": {"AWS": bounded.principal_arn}}, a=b"1")
    assert "permissions boundary" in denied(stage.client("s3", bounded).get_object, Bucket=bucket, Key="a")


def test_rule_58_everyone_whose_principal_arn_is_the_role_is_not_limited_by_the_boundary(stage: Stage) -> None:
    bounded = stage.role(SHARED, PermissionsBoundary=boundary(stage, LIST_ONLY))
    bucket = stage.bucket(SHARED, OBJECT | {
        "Principal": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": bounded.principal_arn}}}, a=b"1")
    stage.client("s3", bounded).get_object(Bucket=bucket, Key="a")
    denied(stage.client("s3", stage.role(SHARED)).get_object, Bucket=bucket, Key="a")


def test_rule_59_a_federated_session_is_limited_where_its_user_is_named_and_not_where_it_is(stage: Stage) -> None:
    user = stage.user(SHARED, {"Action": "sts:GetFederationToken", "Resource": "*"})
    given = stage.client("sts", user).get_federation_token(Name="partner", Policy=document(LIST_ONLY))
    session = stage.world.session(given["Credentials"]["AccessKeyId"])
    assert session.arn == f"arn:aws:sts::{SHARED}:federated-user/partner"
    of_session = stage.bucket(SHARED, OBJECT | {"Principal": {"AWS": session.arn}}, a=b"1")
    of_user = stage.bucket(SHARED, OBJECT | {"Principal": {"AWS": user.arn}}, a=b"1")
    stage.client("s3", session).get_object(Bucket=of_session, Key="a")
    assert "session policy" in denied(stage.client("s3", session).get_object, Bucket=of_user, Key="a")
    stage.client("s3", user).get_object(Bucket=of_user, Key="a")


def test_rule_60_a_federated_session_without_a_policy_has_no_permissions(stage: Stage) -> None:
    user = stage.user(SHARED, {"Action": ["sts:GetFederationToken", "s3:ListAllMyBuckets"], "Resource": "*"})
    sts = stage.client("sts", user)
    for policy, works in (({}, False), ({"Policy": document(LIST_ONLY)}, True)):
        given = sts.get_federation_token(Name="partner", **policy)
        s3 = stage.client("s3", stage.world.session(given["Credentials"]["AccessKeyId"]))
        if works:
            s3.list_buckets()
        else:
            denied(s3.list_buckets)


def test_rule_61_a_session_policy_never_adds_and_the_caller_s_rights_are_left_behind(stage: Stage) -> None:
    caller = stage.role(SHARED, {"Action": "*", "Resource": "*"})
    target = stage.role(SHARED, LIST_ONLY)
    session = stage.assume(caller, target, Policy=document({"Action": ["s3:*", "iam:*"], "Resource": "*"}))
    stage.client("s3", session).list_buckets()
    denied(stage.client("iam", session).list_roles)


def test_rule_62_a_boundary_never_grants(stage: Stage) -> None:
    bounded = stage.role(SHARED, PermissionsBoundary=boundary(stage, {"Action": "*", "Resource": "*"}))
    assert "identity-based policy" in denied(stage.client("s3", bounded).list_buckets)


def test_rule_63_the_root_user_is_limited_by_a_deny_of_the_bucket(stage: Stage) -> None:
    bucket = stage.bucket(SHARED, OBJECT | {"Effect": "Deny", "Principal": "*"}, a=b"1")
    assert "explicit deny" in denied(stage.client("s3", SHARED).get_object, Bucket=bucket, Key="a")


def test_rule_64_the_owner_s_root_user_is_never_locked_out_of_the_bucket_policy(stage: Stage) -> None:
    bucket = stage.bucket(SHARED, {
        "Effect": "Deny", "Action": "s3:*", "Principal": "*",
        "Resource": ["arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"]})
    administrator = stage.role(SHARED, {"Action": "*", "Resource": "*"})
    denied(stage.client("s3", administrator).get_bucket_policy, Bucket=bucket)
    stage.client("s3", SHARED).get_bucket_policy(Bucket=bucket)
    stage.client("s3", SHARED).delete_bucket_policy(Bucket=bucket)


# -- the organization


def test_rule_65_scps_bind_members_with_their_root_user_and_neither_the_management_account_nor_services(
    stage: Stage,
) -> None:
    root = stage.client("organizations", MANAGEMENT).list_roots()["Roots"][0]["Id"]
    trusted = stage.role(SHARED, trust={"Service": "codebuild.amazonaws.com"})
    away = stage.control(SCP, root, {"Effect": "Deny", "Action": ["s3:*", "sts:AssumeRole"], "Resource": "*"})
    try:
        assert "service control policy" in denied(stage.client("s3", SHARED).list_buckets)
        stage.client("s3", MANAGEMENT).list_buckets()
        stage.world.assume(trusted.principal_arn, service="codebuild.amazonaws.com", session="build")
    finally:
        away()
    stage.client("s3", SHARED).list_buckets()


def test_rule_66_every_level_must_allow(stage: Stage) -> None:
    organizations = stage.client("organizations", MANAGEMENT)
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name=fresh("unit"))["OrganizationalUnit"]["Id"]
    organizations.move_account(AccountId=TARGET, SourceParentId=root, DestinationParentId=unit)
    away = stage.control(SCP, unit, {"Action": ["iam:*", "organizations:*"], "Resource": "*"})
    try:
        stage.client("s3", TARGET).list_buckets()  # FullAWSAccess is still attached to the unit
        organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=unit)
        assert "service control policy" in denied(stage.client("s3", TARGET).list_buckets)
        stage.client("iam", TARGET).list_roles()
    finally:
        organizations.attach_policy(PolicyId="p-FullAWSAccess", TargetId=unit)
        away()
        organizations.move_account(AccountId=TARGET, SourceParentId=unit, DestinationParentId=root)


def test_rule_67_scps_take_conditions_and_resources_with_allow(stage: Stage) -> None:
    organizations = stage.client("organizations", MANAGEMENT)
    away = stage.control(SCP, TARGET, {
        "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": REGION}}})
    organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=TARGET)
    try:
        caller = stage.world.root_user(TARGET)
        stage.world.client("kms", caller).list_keys()
        denied(stage.world.client("kms", caller, "eu-west-1").list_keys)
    finally:
        organizations.attach_policy(PolicyId="p-FullAWSAccess", TargetId=TARGET)
        away()


def test_rule_68_rcps_bind_every_caller_of_supported_services_only(stage: Stage) -> None:
    bucket = stage.bucket(a=b"1")
    stage.client("ssm", SHARED).put_parameter(Name=fresh("p"), Value="v", Type="String")
    away = stage.control(RCP, SHARED, {
        "Effect": "Deny", "Principal": "*", "Action": ["s3:GetObject", "kms:ListKeys"], "Resource": "*"})
    try:
        said = denied(stage.client("s3", SHARED).get_object, Bucket=bucket, Key="a")
        assert "resource control policy" in said
        stage.client("ssm", SHARED).describe_parameters()
    finally:
        away()


def test_rule_69_rcps_do_not_touch_the_management_account(stage: Stage) -> None:
    root = stage.client("organizations", MANAGEMENT).list_roots()["Roots"][0]["Id"]
    bucket = stage.bucket(MANAGEMENT, a=b"1")
    away = stage.control(RCP, root, {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"})
    try:
        stage.client("s3", MANAGEMENT).get_object(Bucket=bucket, Key="a")
    finally:
        away()


def test_rule_70_who_one_is_can_be_asked_despite_a_deny(stage: Stage) -> None:
    caller = stage.role(SHARED, {"Effect": "Deny", "Action": "*", "Resource": "*"})
    assert stage.client("sts", caller).get_caller_identity()["Arn"] == caller.arn


def test_rule_71_scps_are_the_caller_s_and_rcps_the_owner_s(stage: Stage) -> None:
    reader = stage.role(TARGET, READ)
    bucket = stage.bucket(SHARED, OBJECT | {"Principal": {"AWS": account(TARGET)}}, a=b"1")
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    for kind, target, bound in ((SCP, SHARED, False), (SCP, TARGET, True), (RCP, TARGET, False), (RCP, SHARED, True)):
        away = stage.control(kind, target, deny | ({"Principal": "*"} if kind == RCP else {}))
        try:
            if bound:
                denied(stage.client("s3", reader).get_object, Bucket=bucket, Key="a")
            else:
                stage.client("s3", reader).get_object(Bucket=bucket, Key="a")
        finally:
            away()


@pytest.mark.parametrize(("key", "value"), [
    ("aws:PrincipalOrgID", "o-a1b2c3d4e5"), ("aws:ResourceOrgID", "o-a1b2c3d4e5"),
])
def test_the_organization_of_caller_and_resource_is_known(stage: Stage, key: str, value: str) -> None:
    reader = stage.role(TARGET, READ | {"Condition": {"StringEquals": {key: value}}})
    bucket = stage.bucket(SHARED, OBJECT | {"Principal": {"AWS": account(TARGET)}}, a=b"1")
    stage.client("s3", reader).get_object(Bucket=bucket, Key="a")


@pytest.mark.parametrize("key", ["aws:PrincipalOrgPaths", "aws:ResourceOrgPaths"])
def test_the_path_through_the_organization_is_known_and_follows_the_account(stage: Stage, key: str) -> None:
    organizations = stage.client("organizations", MANAGEMENT)
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name=fresh("unit"))["OrganizationalUnit"]["Id"]
    path = f"o-a1b2c3d4e5/{root}/{unit}/*"
    lister = stage.role(TARGET, {"Action": "kms:ListKeys", "Resource": "*",
                                 "Condition": {"ForAnyValue:StringLike": {key: path}}})
    denied(stage.client("kms", lister).list_keys)
    organizations.move_account(AccountId=TARGET, SourceParentId=root, DestinationParentId=unit)
    try:
        stage.client("kms", lister).list_keys()
    finally:
        organizations.move_account(AccountId=TARGET, SourceParentId=unit, DestinationParentId=root)
        assert refused(organizations.describe_account, AccountId="123456789012").startswith("AccountNotFound")
