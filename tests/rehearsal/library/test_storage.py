"""Buckets of an environment: made, changed, deleted; who reads and writes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.conftest import NONPROD, SHARED
from tests.rehearsal.cloudformation.policies import allow, policy, trust
from tests.rehearsal.library.lifecycle import failures, lives

from crossdock import library


@pytest.fixture
def naming(account) -> dict[str, str]:
    """Names of a region of their own: what holds data stays when its stack goes."""
    return {"Platform": "shop", "Environment": account.region}


@pytest.fixture
def logs(account, naming):
    """The bucket of access logs."""
    made = account.create(library.load("storage/access-logs"), "access-logs", parameters=naming)
    assert made == "CREATE_COMPLETE", failures(account, "access-logs")
    yield account.outputs("access-logs")["AccessLogBucketName"]
    assert account.delete("access-logs") == "DELETE_COMPLETE"


def session(account: Any, name: str, service: str, *statements: Any) -> Any:
    """Somebody of a new role."""
    iam = account.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust(service)))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy(*statements)))
    return account.as_role(arn)


def refused(call: Any) -> bool:
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException", "403")


def test_access_logs_have_a_bucket(account, naming):
    lives(account, "storage/access-logs", naming, {"AccessLogRetentionDays": "30"})


def test_a_zone_is_made_changed_and_deleted(account, naming, logs):
    lives(account, "storage/zone", naming | {"ZoneName": "raw", "AccessLogBucketName": logs}, {"OldVersionDays": "30"})


def test_a_drop_is_made_changed_and_deleted(account, naming, logs):
    given = {"SharedAccountId": SHARED, "OrganizationId": "o-a1b2c3d4e5", "AccessLogBucketName": logs}
    lives(account, "storage/drop", naming | given, {"OldVersionDays": "30", "OrganizationId": ""})


def test_a_zone_s_data_is_read_by_roles_of_its_environment_alone_and_encrypted_with_its_key(account, naming, logs):
    given = naming | {"ZoneName": "lake", "AccessLogBucketName": logs}
    assert account.create(library.load("storage/zone"), parameters=given) == "CREATE_COMPLETE", failures(account)
    bucket, key = account.outputs()["ZoneBucketName"], account.outputs()["ZoneKeyArn"]
    everything = allow("s3:*"), allow("kms:*")
    inside, outside = (
        session(account, name, "lambda.amazonaws.com", *everything).client("s3")
        for name in (f"shop-{account.region}-ingest-function", f"shop-other-{account.region}"))
    inside.put_object(Bucket=bucket, Key="a", Body=b"1")
    held = inside.get_object(Bucket=bucket, Key="a")
    assert (held["Body"].read(), held["SSEKMSKeyId"]) == (b"1", key)
    assert refused(lambda: outside.get_object(Bucket=bucket, Key="a"))
    assert refused(lambda: outside.put_object(Bucket=bucket, Key="b", Body=b"2"))
    other = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    assert refused(lambda: inside.put_object(
        Bucket=bucket, Key="c", Body=b"3", ServerSideEncryption="aws:kms", SSEKMSKeyId=other))
    inside.put_object(Bucket=bucket, Key="d", Body=b"4", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert account.delete() == "DELETE_COMPLETE"


def test_builds_of_the_environment_drop_files_across_accounts_and_its_services_read_them(enter, account, naming, logs):
    given = {"SharedAccountId": SHARED, "OrganizationId": "o-a1b2c3d4e5", "AccessLogBucketName": logs}
    assert account.create(library.load("storage/drop"), parameters=naming | given) == "CREATE_COMPLETE"
    bucket, key = account.outputs()["DropBucketName"], account.outputs()["DropKeyArn"]
    everything = allow("s3:*"), allow("kms:*")
    shared = enter(SHARED)
    shared.region = account.region
    build = session(shared, f"shop-{account.region}-survey-copy", "codebuild.amazonaws.com", *everything).client("s3")
    other = session(shared, f"shop-other-{account.region}-copy", "codebuild.amazonaws.com", *everything).client("s3")
    service = session(account, f"shop-{account.region}-survey-function", "lambda.amazonaws.com", *everything)
    named = {"Bucket": bucket, "Key": "survey/questions.json"}
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    build.put_object(**named, Body=b"[]", **encrypted)
    assert service.client("s3").get_object(**named)["Body"].read() == b"[]"
    assert refused(lambda: build.get_object(**named))
    assert refused(lambda: other.put_object(**named, Body=b"", **encrypted))
    assert account.number == NONPROD
    assert account.delete() == "DELETE_COMPLETE"
