"""Rules 72 to 98 as calls meet them: across accounts, roles and their sessions, keys.

Sources: IAM User Guide (cross-account access, session tags, PassRole, STS operations compared), KMS Developer Guide.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.door.staging import REGION, SHARED, TARGET, Stage, account, denied, document, fresh, refused

READ = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/*"}
OBJECT = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET/*"}
ASSUME = {"Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], "Resource": "*"}
ROOT_OF_KEY = {"Action": "kms:*", "Resource": "*", "Principal": {"AWS": account(SHARED)}}
USE = {"Action": ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}


# -- across accounts


def test_rule_72_both_accounts_must_allow_and_everyone_does_not_stand_for_the_identity_side(stage: Stage) -> None:
    bucket = stage.bucket(SHARED, OBJECT | {"Principal": "*", "Condition": {
        "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}, a=b"1")
    stage.client("s3", stage.role(TARGET, READ)).get_object(Bucket=bucket, Key="a")
    assert "identity-based" in denied(stage.client("s3", stage.role(TARGET)).get_object, Bucket=bucket, Key="a")
    closed = stage.bucket(a=b"1")
    said = denied(stage.client("s3", stage.role(TARGET, READ)).get_object, Bucket=closed, Key="a")
    assert "resource-based" in said


def test_rule_73_a_boundary_limits_the_caller_s_side_though_the_bucket_names_the_session(stage: Stage) -> None:
    made = stage.client("iam", TARGET).create_policy(
        PolicyName=fresh("boundary"), PolicyDocument=document({"Action": "iam:*", "Resource": "*"}))
    bounded = stage.role(TARGET, READ, PermissionsBoundary=made["Policy"]["Arn"])
    bucket = stage.bucket(SHARED, OBJECT | {"Principal": {"AWS": bounded.arn}}, a=b"1")
    assert "permissions boundary" in denied(stage.client("s3", bounded).get_object, Bucket=bucket, Key="a")


def test_rule_74_a_service_without_resource_policies_lets_no_other_account_in(stage: Stage) -> None:
    topic = stage.client("secretsmanager", SHARED).create_secret(Name=fresh("secret"), SecretString="s")["ARN"]
    reader = stage.role(TARGET, {"Action": "*", "Resource": "*"})
    denied(stage.client("secretsmanager", reader).get_secret_value, SecretId=topic)
    stack = f"arn:aws:cloudformation:{REGION}:{SHARED}:stack/other/11111111-1111-1111-1111-111111111111"
    denied(stage.client("cloudformation", reader).describe_stacks, StackName=stack)


def test_rule_75_an_identity_policy_can_pin_the_owner_of_a_bucket(stage: Stage) -> None:
    pinned = stage.role(TARGET, READ | {"Condition": {"StringEquals": {"aws:ResourceAccount": TARGET}}})
    own, foreign = stage.bucket(TARGET, a=b"1"), stage.bucket(SHARED, OBJECT | {
        "Principal": {"AWS": account(TARGET)}}, a=b"1")
    stage.client("s3", pinned).get_object(Bucket=own, Key="a")
    denied(stage.client("s3", pinned).get_object, Bucket=foreign, Key="a")


def test_rule_76_why_is_told_inside_the_organization(stage: Stage) -> None:
    said = denied(stage.client("s3", stage.role(TARGET)).get_object, Bucket=stage.bucket(a=b"1"), Key="a")
    assert said.endswith("because no identity-based policy allows the s3:GetObject action")


# -- roles and sessions


def test_rule_77_trust_in_the_role_suffices_in_one_account_trust_in_the_account_does_not(stage: Stage) -> None:
    caller = stage.role(SHARED)
    stage.assume(caller, stage.role(SHARED, trust={"AWS": caller.principal_arn}))
    delegated = stage.role(SHARED, trust={"AWS": account(SHARED)})
    denied(stage.client("sts", caller).assume_role, RoleArn=delegated.principal_arn, RoleSessionName="xx")
    stage.assume(stage.role(SHARED, ASSUME), delegated)
    foreign = stage.role(TARGET, trust={"AWS": caller.principal_arn})
    denied(stage.client("sts", caller).assume_role, RoleArn=foreign.principal_arn, RoleSessionName="xx")


def test_rule_78_a_role_does_not_trust_itself(stage: Stage) -> None:
    alone = stage.role(SHARED, ASSUME, trust={"Service": "codebuild.amazonaws.com"})
    denied(stage.client("sts", alone).assume_role, RoleArn=alone.principal_arn, RoleSessionName="xx")


def test_rule_79_an_external_id_is_there_only_when_it_is_passed(stage: Stage) -> None:
    caller, name = stage.role(SHARED, ASSUME), fresh("external")
    stage.client("iam", TARGET).create_role(RoleName=name, AssumeRolePolicyDocument=document({
        "Action": "sts:AssumeRole", "Principal": {"AWS": account(SHARED)},
        "Condition": {"StringEquals": {"sts:ExternalId": "secret"}}}))
    ask = {"RoleArn": f"arn:aws:iam::{TARGET}:role/{name}", "RoleSessionName": "xx"}
    denied(stage.client("sts", caller).assume_role, **ask)
    denied(stage.client("sts", caller).assume_role, **ask, ExternalId="other")
    stage.client("sts", caller).assume_role(**ask, ExternalId="secret")


@pytest.mark.parametrize(("missing", "passed"), [
    ("sts:TagSession", {"Tags": [{"Key": "team", "Value": "blue"}]}),
    ("sts:SetSourceIdentity", {"SourceIdentity": "Ada"}),
])
def test_rule_80_tags_and_source_identity_need_their_own_permission_on_both_sides(
    stage: Stage, missing: str, passed: dict[str, Any]
) -> None:
    trusting = stage.role(TARGET, trust={"AWS": account(SHARED)})
    caller = stage.role(SHARED, {"Action": "sts:AssumeRole", "Resource": "*"})
    ask = {"RoleArn": trusting.principal_arn, "RoleSessionName": "xx"} | passed
    assert missing in denied(stage.client("sts", caller).assume_role, **ask)
    able = stage.role(SHARED, ASSUME)
    stage.client("sts", able).assume_role(**ask)
    stage.client("iam", TARGET).update_assume_role_policy(
        RoleName=trusting.principal_arn.rpartition("/")[2], PolicyDocument=document(
            {"Action": "sts:AssumeRole", "Principal": {"AWS": account(SHARED)}}))
    assert missing in denied(stage.client("sts", able).assume_role, **ask)


def test_session_tags_are_the_principal_s_win_over_the_role_s_and_go_on_when_they_are_transitive(stage: Stage) -> None:
    tagged = {"Action": "s3:ListAllMyBuckets", "Resource": "*",
              "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue", "aws:PrincipalTag/size": "small"}}}
    small = {"Key": "size", "Value": "small"}
    first = stage.role(SHARED, ASSUME, tagged, Tags=[{"Key": "Team", "Value": "red"}, small])
    last = stage.role(TARGET, tagged, trust={"AWS": account(SHARED)}, Tags=[small])
    denied(stage.client("s3", first).list_buckets)
    tags = [{"Key": "team", "Value": "blue"}]
    caller = stage.role(SHARED, ASSUME)
    session = stage.assume(caller, first, Tags=tags, TransitiveTagKeys=["team"])
    stage.client("s3", session).list_buckets()
    stage.client("s3", stage.assume(session, last)).list_buckets()
    denied(stage.client("s3", stage.assume(stage.assume(caller, first, Tags=tags), last)).list_buckets)
    said = refused(stage.client("sts", session).assume_role, RoleArn=last.principal_arn, RoleSessionName="xx",
                   Tags=[{"Key": "TEAM", "Value": "green"}])
    assert said.startswith("InvalidParameterValue")


def test_tags_that_go_on_need_the_permission_to_tag_at_every_link(stage: Stage) -> None:
    first = stage.role(SHARED, {"Action": "sts:AssumeRole", "Resource": "*"})
    session = stage.assume(stage.role(SHARED, ASSUME), first, Tags=[{"Key": "team", "Value": "blue"}],
                           TransitiveTagKeys=["team"])
    last = stage.role(TARGET, trust={"AWS": account(SHARED)})
    assert "sts:TagSession" in denied(stage.client("sts", session).assume_role, RoleArn=last.principal_arn,
                                      RoleSessionName="xx")


def test_a_source_identity_stays_and_cannot_be_changed(stage: Stage) -> None:
    named = {"Action": "s3:ListAllMyBuckets", "Resource": "*",
             "Condition": {"StringEquals": {"aws:SourceIdentity": "Ada"}}}
    first, last = stage.role(SHARED, ASSUME), stage.role(TARGET, named, trust={"AWS": account(SHARED)})
    session = stage.assume(stage.role(SHARED, ASSUME), first, SourceIdentity="Ada")
    stage.client("s3", stage.assume(session, last)).list_buckets()
    denied(stage.client("sts", session).assume_role, RoleArn=last.principal_arn, RoleSessionName="xx",
           SourceIdentity="Bob")


def test_rule_81_passing_a_role_is_asked_for_the_service_that_gets_it(stage: Stage) -> None:
    runtime = stage.role(SHARED, trust={"Service": "events.amazonaws.com"}).principal_arn
    rules = {"Action": "events:*", "Resource": "*"}
    passing = {"Action": "iam:PassRole", "Resource": runtime,
               "Condition": {"StringEquals": {"iam:PassedToService": "events.amazonaws.com"}}}
    rule = {"Name": fresh("rule"), "ScheduleExpression": "rate(1 day)", "State": "DISABLED", "RoleArn": runtime}
    assert "iam:PassRole" in denied(stage.client("events", stage.role(SHARED, rules)).put_rule, **rule)
    other = passing | {"Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}
    denied(stage.client("events", stage.role(SHARED, rules, other)).put_rule, **rule)
    stage.client("events", stage.role(SHARED, rules, passing)).put_rule(**rule)


@pytest.mark.parametrize(("key", "value"), [
    ("aws:PrincipalArn", "arn:aws:iam::{}:role/deep/path/{}"), ("aws:userid", "AROA*:session"),
])
def test_rule_82_a_session_is_known_by_its_role_with_path_and_by_its_id(stage: Stage, key: str, value: str) -> None:
    name = fresh("deep")
    caller = stage.role(SHARED, {"Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": {
        "StringLike": {key: value.format(SHARED, name)}, "Null": {"aws:username": "true"}}}, name=name,
        Path="/deep/path/")
    assert caller.arn == f"arn:aws:sts::{SHARED}:assumed-role/{name}/session"
    stage.client("s3", caller).list_buckets()


def test_rule_83_a_service_linked_role_is_beyond_control_policies(stage: Stage) -> None:
    made = stage.client("iam", SHARED).create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]
    assert made["Arn"].startswith(f"arn:aws:iam::{SHARED}:role/aws-service-role/ecs.amazonaws.com/")
    away = stage.control("SERVICE_CONTROL_POLICY", SHARED, {"Effect": "Deny", "Action": "*", "Resource": "*"})
    try:
        said = denied(stage.client("s3", stage.world.role_session(made["Arn"], "ecs")).list_buckets)
        assert "identity-based" in said
        assert "service control policy" in denied(stage.client("s3", SHARED).list_buckets)
    finally:
        away()


def test_temporary_credentials_of_a_user_open_neither_iam_nor_further_sessions(stage: Stage) -> None:
    user = stage.user(SHARED, {"Action": "*", "Resource": "*"})
    given = stage.client("sts", user).get_session_token()
    session = stage.world.session(given["Credentials"]["AccessKeyId"])
    stage.client("s3", session).list_buckets()
    assert refused(stage.client("iam", session).list_roles).startswith("InvalidClientTokenId")
    assert refused(stage.client("sts", session).get_federation_token, Name="xx").startswith("InvalidClientTokenId")
    stage.client("sts", session).get_caller_identity()


# -- keys


def test_rule_84_nobody_has_a_key_whose_policy_does_not_say_so(stage: Stage) -> None:
    owner = stage.role(SHARED)
    key = stage.key(SHARED, {"Action": "kms:*", "Resource": "*", "Principal": {"AWS": owner.principal_arn}},
                    BypassPolicyLockoutSafetyCheck=True)
    denied(stage.client("kms", SHARED).describe_key, KeyId=key)
    stage.client("kms", owner).describe_key(KeyId=key)


def test_rule_85_a_key_that_names_its_account_leaves_it_to_iam_and_a_deny_there_always_counts(stage: Stage) -> None:
    allowed, forbidden = stage.role(SHARED, USE), stage.role(SHARED, USE | {"Effect": "Deny"})
    key = stage.key(SHARED, ROOT_OF_KEY, USE | {"Principal": {"AWS": forbidden.principal_arn}})
    stage.client("kms", allowed).describe_key(KeyId=key)
    denied(stage.client("kms", stage.role(SHARED)).describe_key, KeyId=key)
    assert "explicit deny" in denied(stage.client("kms", forbidden).describe_key, KeyId=key)


def test_rule_86_a_key_that_names_a_role_of_its_account_needs_no_identity_policy(stage: Stage) -> None:
    user = stage.role(SHARED)
    key = stage.key(SHARED, ROOT_OF_KEY, USE | {"Principal": {"AWS": user.principal_arn}})
    stage.client("kms", user).encrypt(KeyId=key, Plaintext=b"x")


def test_rule_87_another_account_needs_the_key_s_policy_and_its_own(stage: Stage) -> None:
    user, other = stage.role(TARGET, USE), stage.role(TARGET, USE)
    key = stage.key(SHARED, ROOT_OF_KEY, USE | {"Principal": {"AWS": user.principal_arn}})
    stage.client("kms", user).encrypt(KeyId=key, Plaintext=b"x")
    denied(stage.client("kms", other).encrypt, KeyId=key, Plaintext=b"x")
    without = stage.role(TARGET)
    shared = stage.key(SHARED, ROOT_OF_KEY, USE | {"Principal": {"AWS": account(TARGET)}})
    denied(stage.client("kms", without).encrypt, KeyId=shared, Plaintext=b"x")
    stage.client("kms", other).encrypt(KeyId=shared, Plaintext=b"x")


def test_rule_88_only_use_of_a_key_works_across_accounts(stage: Stage) -> None:
    everything = stage.role(TARGET, {"Action": "kms:*", "Resource": "*"})
    key = stage.key(SHARED, ROOT_OF_KEY, {"Action": "kms:*", "Resource": "*", "Principal": {"AWS": account(TARGET)}})
    kms = stage.client("kms", everything)
    kms.describe_key(KeyId=key)
    denied(kms.disable_key, KeyId=key)
    denied(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=document(ROOT_OF_KEY))


def test_rule_89_an_alias_needs_the_alias_and_the_key_and_a_policy_about_the_alias_gives_no_key(stage: Stage) -> None:
    key, alias = stage.key(), f"alias/{fresh('alias')}"
    arn = f"arn:aws:kms:{REGION}:{SHARED}:{alias}"
    on = {"Action": "kms:CreateAlias"}
    denied(stage.client("kms", stage.role(SHARED, on | {"Resource": arn})).create_alias, AliasName=alias,
           TargetKeyId=key)
    denied(stage.client("kms", stage.role(SHARED, on | {"Resource": key})).create_alias, AliasName=alias,
           TargetKeyId=key)
    both = stage.role(SHARED, on | {"Resource": [arn, key]})
    stage.client("kms", both).create_alias(AliasName=alias, TargetKeyId=key)
    by_alias = stage.role(SHARED, {"Action": "kms:Encrypt", "Resource": arn})
    denied(stage.client("kms", by_alias).encrypt, KeyId=alias, Plaintext=b"x")
    for condition in ({"StringEquals": {"kms:RequestAlias": alias}},
                      {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}):
        user = stage.role(SHARED, {"Action": "kms:Encrypt", "Resource": "*", "Condition": condition})
        stage.client("kms", user).encrypt(KeyId=alias, Plaintext=b"x")
        named = stage.client("kms", user).encrypt
        if "kms:RequestAlias" in str(condition):
            denied(named, KeyId=key, Plaintext=b"x")
        else:
            named(KeyId=key, Plaintext=b"x")


def test_rule_90_a_grant_allows_what_it_lists_and_a_deny_beats_it(stage: Stage) -> None:
    user = stage.role(SHARED)
    key = stage.key()
    kms = stage.client("kms", SHARED)
    denied(stage.client("kms", user).encrypt, KeyId=key, Plaintext=b"x")
    kms.create_grant(KeyId=key, GranteePrincipal=user.principal_arn, Operations=["Encrypt"])
    stage.client("kms", user).encrypt(KeyId=key, Plaintext=b"x")
    denied(stage.client("kms", user).generate_data_key, KeyId=key, KeySpec="AES_256")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(ROOT_OF_KEY, {
        "Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*", "Principal": "*"}))
    assert "explicit deny" in denied(stage.client("kms", user).encrypt, KeyId=key, Plaintext=b"x")


def test_rules_91_and_97_s3_uses_the_key_in_its_caller_s_name_and_with_the_object_as_context(stage: Stage) -> None:
    key = stage.key()
    bucket = stage.bucket()
    stage.client("s3", SHARED).put_object(Bucket=bucket, Key="a", Body=b"1", ServerSideEncryption="aws:kms",
                                          SSEKMSKeyId=key)
    reader = stage.role(SHARED, READ, {
        "Action": "kms:Decrypt", "Resource": key, "Condition": {"StringEquals": {
            "kms:ViaService": f"s3.{REGION}.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}/a"}}})
    stage.client("s3", reader).get_object(Bucket=bucket, Key="a")
    ciphertext = stage.client("kms", SHARED).encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    denied(stage.client("kms", reader).decrypt, CiphertextBlob=ciphertext)
    writer = stage.role(SHARED, {"Action": "s3:PutObject", "Resource": "*"}, {"Action": "kms:Decrypt", "Resource": key})
    assert "kms:GenerateDataKey" in denied(
        stage.client("s3", writer).put_object, Bucket=bucket, Key="b", Body=b"1", ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key)


def test_rule_92_everyone_of_one_account_is_let_in_by_caller_account(stage: Stage) -> None:
    key = stage.key(SHARED, ROOT_OF_KEY, USE | {"Principal": "*", "Condition": {
        "StringEquals": {"kms:CallerAccount": SHARED}}})
    stage.client("kms", stage.role(SHARED)).encrypt(KeyId=key, Plaintext=b"x")
    denied(stage.client("kms", stage.role(TARGET, USE)).encrypt, KeyId=key, Plaintext=b"x")


def test_rule_93_a_grant_made_by_oneself_is_not_for_a_service(stage: Stage) -> None:
    key = stage.key()
    granter = stage.role(SHARED, {"Action": "kms:CreateGrant", "Resource": key,
                                  "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}})
    denied(stage.client("kms", granter).create_grant, KeyId=key, GranteePrincipal=granter.principal_arn,
           Operations=["Decrypt"])


def test_rule_94_pairs_of_the_encryption_context_compare_with_case(stage: Stage) -> None:
    key = stage.key()
    user = stage.role(SHARED, {"Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": key,
                               "Condition": {"StringEquals": {"kms:EncryptionContext:Team": "blue"}}})
    kms = stage.client("kms", user)
    made = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"Team": "blue"})["CiphertextBlob"]
    denied(kms.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"team": "blue"})
    assert kms.decrypt(CiphertextBlob=made, EncryptionContext={"Team": "blue"})["Plaintext"] == b"x"
    said = refused(stage.client("kms", SHARED).decrypt, CiphertextBlob=made, EncryptionContext={"Team": "red"})
    assert said.startswith("InvalidCiphertextException")


def test_rule_95_a_key_that_is_disabled_or_pending_deletion_fails_whoever_asks(stage: Stage) -> None:
    kms, key = stage.client("kms", SHARED), stage.key()
    made = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    for call in (lambda: refused(kms.decrypt, CiphertextBlob=made),
                 lambda: refused(kms.encrypt, KeyId=key, Plaintext=b"x"),
                 lambda: refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256"),
                 lambda: refused(kms.create_grant, KeyId=key, GranteePrincipal=account(TARGET), Operations=["Decrypt"]),
                 ):
        assert call() == f"DisabledException: {key} is disabled."
    kms.enable_key(KeyId=key)
    assert refused(kms.cancel_key_deletion, KeyId=key).startswith("KMSInvalidStateException")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refused(kms.decrypt, CiphertextBlob=made) == f"KMSInvalidStateException: {key} is pending deletion."
    assert refused(kms.enable_key, KeyId=key).startswith("KMSInvalidStateException")
    kms.cancel_key_deletion(KeyId=key)
    kms.describe_key(KeyId=key)


def test_rule_96_to_re_encrypt_needs_both_keys(stage: Stage) -> None:
    source, target = stage.key(), stage.key()
    made = stage.client("kms", SHARED).encrypt(KeyId=source, Plaintext=b"x")["CiphertextBlob"]
    half = stage.role(SHARED, {"Action": "kms:ReEncryptFrom", "Resource": source})
    assert "kms:ReEncryptTo" in denied(stage.client("kms", half).re_encrypt, CiphertextBlob=made,
                                       DestinationKeyId=target)
    both = stage.role(SHARED, {"Action": "kms:ReEncrypt*", "Resource": [source, target]})
    again = stage.client("kms", both).re_encrypt(CiphertextBlob=made, DestinationKeyId=target)
    assert again["KeyId"] == target


def test_rule_98_nobody_locks_himself_out_of_a_key(stage: Stage) -> None:
    kms, key, other = stage.client("kms", SHARED), stage.key(), stage.role(SHARED)
    policy = document({"Action": "kms:*", "Resource": "*", "Principal": {"AWS": other.principal_arn}})
    said = refused(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=policy)
    assert said.startswith("MalformedPolicyDocumentException: The new key policy will not allow you to update")
    assert refused(kms.create_key, Policy=policy).startswith("MalformedPolicyDocumentException")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy, BypassPolicyLockoutSafetyCheck=True)
    denied(kms.get_key_policy, KeyId=key)


def test_a_ciphertext_is_decrypted_by_the_key_that_made_it_and_no_other(stage: Stage) -> None:
    kms = stage.client("kms", SHARED)
    made = kms.encrypt(KeyId=stage.key(), Plaintext=b"x")["CiphertextBlob"]
    assert refused(kms.decrypt, CiphertextBlob=made, KeyId=stage.key()).startswith("IncorrectKeyException")


def test_what_the_key_of_aws_encrypts_is_read_in_its_writer_s_account_alone(stage: Stage) -> None:
    bucket, mine = fresh("bucket"), {"Action": "s3:*", "Resource": "*"}
    s3 = stage.client("s3", SHARED)
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=document(
        {"Principal": {"AWS": account(TARGET)}, "Action": "s3:*",
         "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}))
    here, there = stage.client("s3", stage.role(SHARED, mine)), stage.client("s3", stage.role(TARGET, mine))
    put = here.put_object(Bucket=bucket, Key="one", Body=b"x", ServerSideEncryption="aws:kms")
    key = stage.client("kms", SHARED).describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert (put["SSEKMSKeyId"], key["KeyManager"]) == (key["Arn"], "AWS")
    assert here.get_object(Bucket=bucket, Key="one")["Body"].read() == b"x"
    denied(there.get_object, Bucket=bucket, Key="one")
    there.put_object(Bucket=bucket, Key="two", Body=b"x", ServerSideEncryption="aws:kms")
    assert there.get_object(Bucket=bucket, Key="two")["Body"].read() == b"x"
    denied(here.get_object, Bucket=bucket, Key="two")
    denied(stage.client("kms", SHARED).encrypt, KeyId="alias/aws/s3", Plaintext=b"x")


def test_a_bucket_that_names_no_key_encrypts_with_that_of_aws(stage: Stage) -> None:
    bucket, s3 = fresh("bucket"), stage.client("s3", SHARED)
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]})
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="two")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="two", UploadId=upload, PartNumber=1, Body=b"y")["ETag"]
    s3.complete_multipart_upload(Bucket=bucket, Key="two", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    s3.copy_object(Bucket=bucket, Key="three", CopySource=f"{bucket}/one")
    found = [s3.head_object(Bucket=bucket, Key=name) for name in ("one", "two", "three")]
    assert {(one["ServerSideEncryption"], one["SSEKMSKeyId"]) for one in found} == {
        ("aws:kms", stage.client("kms", SHARED).describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"])}
