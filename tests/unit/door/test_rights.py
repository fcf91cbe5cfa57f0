"""Every call asks the policies in force: identity, trust, bucket and key, within an account and across."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError

if TYPE_CHECKING:
    from crossdock.local.identity import Caller
    from crossdock.local.server import LocalWorld

SHARED, NONPROD = "111111111111", "222222222222"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **s} for s in statements]})


def trust(**principal: str) -> str:
    return policy({"Action": "sts:AssumeRole", "Principal": principal})


def denied(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(*args, **kwargs)
    assert refused.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
    return str(refused.value.response["Error"]["Message"])


def role(world: LocalWorld, account: str, name: str, *statements: dict[str, Any]) -> Caller:
    """A session of a new role that CodeBuild may assume, with these permissions."""
    iam = world.client("iam", world.root_user(account))
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(Service="codebuild.amazonaws.com"))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
    return world.assume(f"arn:aws:iam::{account}:role/{name}", service="codebuild.amazonaws.com", session="s")


@pytest.fixture
def artifact(world: LocalWorld) -> dict[str, str]:
    """An SSE-KMS object in the shared account, whose key delegates to its own account only."""
    root = world.root_user(SHARED)
    key = world.client("kms", root).create_key()["KeyMetadata"]["Arn"]
    s3 = world.client("s3", root)
    s3.create_bucket(Bucket="artifacts-1")
    s3.put_object(Bucket="artifacts-1", Key="a", Body=b"artifact", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    return {"key": key, "Bucket": "artifacts-1", "Key": "a"}


READ = {"Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::artifacts-1/*"}


def _get(world: LocalWorld, caller: Caller, artifact: dict[str, str]) -> Any:
    return world.client("s3", caller).get_object(Bucket=artifact["Bucket"], Key=artifact["Key"])


def test_reading_an_encrypted_object_in_ones_account_needs_the_bucket_and_the_key(
    world: LocalWorld, artifact: dict[str, str]
) -> None:
    assert "s3:GetObject" in denied(_get, world, role(world, SHARED, "nothing"), artifact)
    assert "kms:Decrypt" in denied(_get, world, role(world, SHARED, "no-key", READ), artifact)
    reader = role(world, SHARED, "reader", READ, {"Action": "kms:Decrypt", "Resource": artifact["key"]})
    assert _get(world, reader, artifact)["Body"].read() == b"artifact"


def test_reading_across_accounts_needs_four_statements_and_names_the_one_that_lacks(
    world: LocalWorld, artifact: dict[str, str]
) -> None:
    reader = role(world, NONPROD, "reader", READ, {"Action": "kms:Decrypt", "Resource": artifact["key"]})
    root = world.root_user(SHARED)
    assert "no resource-based policy allows the s3:GetObject" in denied(_get, world, reader, artifact)
    world.client("s3", root).put_bucket_policy(Bucket="artifacts-1", Policy=policy(
        READ | {"Principal": {"AWS": f"arn:aws:iam::{NONPROD}:role/reader"}}))
    message = denied(_get, world, reader, artifact)
    assert "kms:Decrypt" in message
    assert "no resource-based policy allows" in message
    world.client("kms", root).put_key_policy(KeyId=artifact["key"], PolicyName="default", Policy=policy(
        {"Action": "kms:*", "Resource": "*", "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"}},
        {"Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": f"arn:aws:iam::{NONPROD}:root"},
         "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"},
                       "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{NONPROD}:role/reader"}}}))
    assert _get(world, reader, artifact)["Body"].read() == b"artifact"
    other = role(world, NONPROD, "other", READ, {"Action": "kms:Decrypt", "Resource": artifact["key"]})
    assert "s3:GetObject" in denied(_get, world, other, artifact)


def test_a_disabled_key_fails_whatever_the_policies_say(world: LocalWorld, artifact: dict[str, str]) -> None:
    root = world.root_user(SHARED)
    world.client("kms", root).disable_key(KeyId=artifact["key"])
    with pytest.raises(ClientError) as refused:
        _get(world, root, artifact)
    assert refused.value.response["Error"]["Code"] == "KMS.DisabledException"


def test_a_role_is_assumed_across_accounts_only_when_both_sides_allow(world: LocalWorld) -> None:
    iam = world.client("iam", world.root_user(NONPROD))
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust(AWS=f"arn:aws:iam::{SHARED}:root"))
    assume = {"RoleArn": f"arn:aws:iam::{NONPROD}:role/deploy", "RoleSessionName": "pipeline"}
    stranger = role(world, SHARED, "stranger")
    denied(world.client("sts", stranger).assume_role, **assume)
    pipeline = role(world, SHARED, "pipeline", {"Action": "sts:AssumeRole", "Resource": assume["RoleArn"]})
    given = world.client("sts", pipeline).assume_role(**assume)
    session = world.session(given["Credentials"]["AccessKeyId"])
    assert session.arn == f"arn:aws:sts::{NONPROD}:assumed-role/deploy/pipeline"
    assert session.account == NONPROD


def test_a_role_that_does_not_exist_is_not_assumed(world: LocalWorld) -> None:
    sts = world.client("sts", role(world, SHARED, "pipeline", {"Action": "sts:AssumeRole", "Resource": "*"}))
    denied(sts.assume_role, RoleArn=f"arn:aws:iam::{NONPROD}:role/nobody", RoleSessionName="xx")
    denied(sts.assume_role, RoleArn="arn:aws:iam::999999999999:role/nobody", RoleSessionName="xx")


def test_a_service_assumes_only_roles_that_trust_it(world: LocalWorld) -> None:
    role(world, SHARED, "build")
    with pytest.raises(AwsError, match="not authorized to perform: sts:AssumeRole"):
        world.assume(f"arn:aws:iam::{SHARED}:role/build", service="lambda.amazonaws.com", session="s")


def test_a_policy_naming_a_principal_that_does_not_exist_is_refused_as_it_is_written(world: LocalWorld) -> None:
    root = world.root_user(SHARED)
    gone = f"arn:aws:iam::{NONPROD}:role/gone"
    world.client("s3", root).create_bucket(Bucket="b-1")
    writes = (
        lambda: world.client("iam", root).create_role(RoleName="r", AssumeRolePolicyDocument=trust(AWS=gone)),
        lambda: world.client("s3", root).put_bucket_policy(Bucket="b-1", Policy=policy(
            {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b-1/*", "Principal": {"AWS": gone}})),
        lambda: world.client("kms", root).create_key(Policy=policy(
            {"Action": "kms:*", "Resource": "*", "Principal": {"AWS": [f"arn:aws:iam::{SHARED}:root", gone]}})),
    )
    for write in writes:
        with pytest.raises(ClientError) as refused:
            write()
        assert "Malformed" in refused.value.response["Error"]["Code"]


def test_a_role_made_again_is_not_the_one_that_a_policy_named(world: LocalWorld, artifact: dict[str, str]) -> None:
    root = world.root_user(SHARED)
    permissions = (READ, {"Action": "kms:Decrypt", "Resource": artifact["key"]})
    reader = role(world, NONPROD, "reader", *permissions)
    arn = f"arn:aws:iam::{NONPROD}:role/reader"
    world.client("s3", root).put_bucket_policy(Bucket="artifacts-1", Policy=policy(READ | {"Principal": {"AWS": arn}}))
    assert "kms:Decrypt" in denied(_get, world, reader, artifact)
    iam = world.client("iam", world.root_user(NONPROD))
    iam.delete_role_policy(RoleName="reader", PolicyName="own")
    iam.delete_role(RoleName="reader")
    assert "s3:GetObject" in denied(_get, world, role(world, NONPROD, "reader", *permissions), artifact)


def test_a_session_policy_narrows_a_session(world: LocalWorld, artifact: dict[str, str]) -> None:
    iam = world.client("iam", world.root_user(NONPROD))
    iam.create_role(RoleName="wide", AssumeRolePolicyDocument=trust(AWS=f"arn:aws:iam::{NONPROD}:root"))
    iam.put_role_policy(RoleName="wide", PolicyName="own", PolicyDocument=policy({"Action": "*", "Resource": "*"}))
    caller = role(world, NONPROD, "caller", {"Action": "sts:AssumeRole", "Resource": "*"})
    given = world.client("sts", caller).assume_role(
        RoleArn=f"arn:aws:iam::{NONPROD}:role/wide", RoleSessionName="narrow",
        Policy=policy({"Action": "s3:ListAllMyBuckets", "Resource": "*"}))
    narrow = world.session(given["Credentials"]["AccessKeyId"])
    assert world.client("s3", narrow).list_buckets()["Buckets"] == []
    assert "session policy" in denied(world.client("iam", narrow).list_roles)


def test_an_operation_or_a_service_that_is_not_emulated_is_refused_by_name(world: LocalWorld) -> None:
    root = world.root_user(SHARED)
    with pytest.raises(ClientError, match="does not emulate the service sagemaker"):
        world.client("sagemaker", root).list_models()
    with pytest.raises(ClientError, match="does not emulate"):
        world.client("sts", root).get_federation_token(Name="xx")


def test_what_is_denied_stands_in_the_log_with_the_side_that_lacked(
    world: LocalWorld, artifact: dict[str, str]
) -> None:
    from crossdock.local.door.log_reader import read

    reader = role(world, NONPROD, "reader", READ, {"Action": "kms:Decrypt", "Resource": artifact["key"]})
    denied(_get, world, reader, artifact)
    line = list(read(world.log.path))[-1]
    assert (line["account"], line["owner"], line["action"]) == (NONPROD, SHARED, "s3:GetObject")
    assert line["decision"] == "implicit_deny"
    assert line["missing"]


def test_accesses_to_a_bucket_arrive_in_its_logging_bucket_when_that_lets_them(world: LocalWorld) -> None:
    root = world.root_user(SHARED)
    s3 = world.client("s3", root)
    for name in ("source-1", "logs-1"):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket="logs-1", Policy=policy(
        {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs-1/access/*",
         "Principal": {"Service": "logging.s3.amazonaws.com"},
         "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::source-1"},
                       "StringEquals": {"aws:SourceAccount": SHARED}}}))
    s3.put_bucket_logging(Bucket="source-1", BucketLoggingStatus={
        "LoggingEnabled": {"TargetBucket": "logs-1", "TargetPrefix": "access/"}})
    s3.put_object(Bucket="source-1", Key="x", Body=b"1")
    world._s3_logs.flush()
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket="logs-1", Prefix="access/").get("Contents", [])]
    assert keys
    text = b"".join(s3.get_object(Bucket="logs-1", Key=key)["Body"].read() for key in keys)
    assert b"REST.PUT.OBJECT x" in text


def test_a_grant_gives_a_key_across_accounts_and_only_for_its_operations(world: LocalWorld) -> None:
    kms = world.client("kms", world.root_user(SHARED))
    key = kms.create_key()["KeyMetadata"]["Arn"]
    user = role(world, NONPROD, "user", {"Action": "kms:*", "Resource": key})
    secret = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    denied(world.client("kms", user).decrypt, CiphertextBlob=secret)
    kms.create_grant(KeyId=key, GranteePrincipal=f"arn:aws:iam::{NONPROD}:role/user", Operations=["Decrypt"])
    assert world.client("kms", user).decrypt(CiphertextBlob=secret)["Plaintext"] == b"secret"
    denied(world.client("kms", user).encrypt, KeyId=key, Plaintext=b"x")
