"""What the store answers reads as AWS's answers do, and says what AWS says where nothing was given."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from crossdock.local.server import LocalWorld
from crossdock.local.store.wording import worded

ACCOUNT = "111111111111"


@pytest.mark.parametrize(("service", "said", "meant"), [
    ("iam", "<Error><Message>Role a&lt;b not found</Message></Error>",
     "<Error><Message>The role with name a&lt;b cannot be found.</Message></Error>"),
    ("iam", "<Message>User x already exists</Message>", "<Message>User with name x already exists.</Message>"),
    ("sqs", '{"message": "An error occurred (A) when calling the B operation: so", "x": 1}',
     '{"message": "so", "x": 1}'),
    ("s3", "<Message>Role a not found</Message>", "<Message>Role a not found</Message>"),
])
def test_a_message_is_in_awss_words(service: str, said: str, meant: str) -> None:
    assert worded(service, said) == meant


def client(world: LocalWorld, service: str) -> Any:
    return world.client(service, world.root_user(ACCOUNT))


def test_unique_ids_say_what_they_are_of(world: LocalWorld) -> None:
    iam = client(world, "iam")
    assert iam.create_user(UserName="u")["User"]["UserId"].startswith("AIDA")
    assert iam.create_group(GroupName="g")["Group"]["GroupId"].startswith("AGPA")
    profile = iam.create_instance_profile(InstanceProfileName="p")["InstanceProfile"]
    assert profile["InstanceProfileId"].startswith("AIPA")


def test_a_bucket_is_encrypted_from_its_first_day(world: LocalWorld) -> None:
    s3 = client(world, "s3")
    s3.create_bucket(Bucket="bucket")
    rule = s3.get_bucket_encryption(Bucket="bucket")["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_a_key_says_what_it_is_for(world: LocalWorld) -> None:
    made = client(world, "kms").create_key()["KeyMetadata"]
    assert (made["KeyUsage"], made["MultiRegion"]) == ("ENCRYPT_DECRYPT", False)


REFUSED = [
    ("sns", "subscribe", {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t", "Protocol": "pigeon"},
     "does not support this protocol string: pigeon"),
    ("sns", "subscribe", {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t", "Protocol": "sqs", "Endpoint": "x",
                          "Attributes": {"FilterPolicy": "{"}}, "failed to parse JSON"),
    ("sns", "subscribe", {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t", "Protocol": "sqs", "Endpoint": "x",
                          "Attributes": {"FilterPolicyScope": "All"}}, r"Invalid value \[All\]"),
    ("sns", "publish", {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t", "Message": ""}, "Empty message"),
    ("sqs", "create_queue", {"QueueName": "q", "Attributes": {"VisibilityTimeout": "43201"}}, "InvalidAttributeValue"),
    ("sqs", "create_queue", {"QueueName": "q", "Attributes": {"Colour": "blue"}}, "Unknown Attribute Colour"),
    ("s3", "create_bucket", {"Bucket": "Capitals"}, "InvalidBucketName"),
    ("s3", "create_bucket", {"Bucket": "192.168.5.4"}, "InvalidBucketName"),
]


@pytest.mark.parametrize(("service", "operation", "members", "why"), REFUSED, ids=lambda part: str(part)[:30])
def test_what_a_service_would_not_take_is_refused(
    world: LocalWorld, service: str, operation: str, members: dict[str, Any], why: str
) -> None:
    with pytest.raises(ClientError, match=why):
        getattr(client(world, service), operation)(**members)


def test_a_key_is_not_deleted_within_a_week(world: LocalWorld) -> None:
    kms = client(world, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(ClientError, match="greater than or equal to 7"):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=6)


def test_a_bucket_of_another_account_has_its_name(world: LocalWorld) -> None:
    client(world, "s3").create_bucket(Bucket="taken")
    with pytest.raises(ClientError, match="BucketAlreadyExists"):
        world.client("s3", world.root_user("222222222222")).create_bucket(Bucket="taken")


def test_a_body_that_is_not_what_its_digest_says_is_refused(world: LocalWorld) -> None:
    s3 = client(world, "s3")
    s3.create_bucket(Bucket="bucket")
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(Bucket="bucket", Key="a", Body=b"1", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")


def test_a_delete_marker_has_nothing_to_get(world: LocalWorld) -> None:
    s3 = client(world, "s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="bucket", Key="a", Body=b"1")
    marker = s3.delete_object(Bucket="bucket", Key="a")["VersionId"]
    with pytest.raises(ClientError, match="MethodNotAllowed"):
        s3.get_object(Bucket="bucket", Key="a", VersionId=marker)


def test_a_token_that_no_listing_gave_is_refused(world: LocalWorld) -> None:
    s3 = client(world, "s3")
    s3.create_bucket(Bucket="bucket")
    for number in range(3):
        s3.put_object(Bucket="bucket", Key=str(number), Body=b"1")
    token = s3.list_objects_v2(Bucket="bucket", MaxKeys=1)["NextContinuationToken"]
    assert s3.list_objects_v2(Bucket="bucket", ContinuationToken=token)["KeyCount"] == 2
    with pytest.raises(ClientError, match="continuation token provided is incorrect"):
        s3.list_objects_v2(Bucket="bucket", ContinuationToken="nonsense")
