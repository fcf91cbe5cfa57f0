"""Storage and observability of an environment, nested and told to services."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rehearsal.cloudformation.conftest import SHARED
from tests.rehearsal.library.lifecycle import failures

from crossdock import library


@pytest.fixture
def given(account: Any) -> dict[str, str]:
    """Parameters of an environment named after a region, whose templates lie in a bucket of the account."""
    s3, bucket = account.client("s3"), f"parts-templates-{account.region}"
    where = {} if account.region == "us-east-1" else {
        "CreateBucketConfiguration": {"LocationConstraint": account.region}}  # fmt: skip
    s3.create_bucket(Bucket=bucket, **where)
    for name in library.names():
        s3.put_object(Bucket=bucket, Key=f"{name}.yaml", Body=library.load(name).encode())
    return {"Platform": "shop", "Environment": account.region,
            "TemplatePrefixUrl": f"https://{bucket}.s3.{account.region}.amazonaws.com"}


def told(account: Any) -> dict[str, str]:
    """What services are told of the environment."""
    path = f"/shop/{account.region}/"
    found = account.client("ssm").get_parameters_by_path(Path=path, Recursive=True)["Parameters"]
    return {p["Name"].removeprefix(path): p["Value"] for p in found}


def test_zones_come_and_stay_with_their_data(account, given):
    storage = given | {"DataZoneNames": "raw", "SharedAccountId": SHARED, "OrganizationId": "o-a1b2c3d4e5"}
    template, both = library.load("environment/storage"), storage | {"DataZoneNames": "raw,warehouse"}
    assert account.create(template, parameters=storage) == "CREATE_COMPLETE", failures(account)
    base = f"shop-{account.region}"
    assert told(account) == {"DropBucketName": f"{base}-drop-{account.number}",
                             "zones/raw/ZoneBucketName": f"{base}-raw-{account.number}"}
    assert account.update(template, parameters=both) == "UPDATE_COMPLETE", failures(account)
    assert told(account)["zones/warehouse/ZoneBucketName"] == f"{base}-warehouse-{account.number}"
    assert account.delete() == "DELETE_COMPLETE", failures(account)
    assert told(account) == {}
    held = {bucket["Name"] for bucket in account.client("s3").list_buckets()["Buckets"]}
    assert {f"{base}-{name}-{account.number}" for name in ("raw", "warehouse", "drop", "access")} <= held


def test_people_are_told_of_an_environment_and_services_whom_to_tell(account, given):
    template, one = library.load("environment/observability"), given | {"NoticeEmails": "ada@example.test"}
    assert account.create(template, parameters=one) == "CREATE_COMPLETE", failures(account)
    topic = told(account)["NoticeTopicArn"]
    assert topic.endswith(f":shop-{account.region}-notices")
    two = one | {"NoticeEmails": "ada@example.test,grace@example.test"}
    assert account.update(template, parameters=two) == "UPDATE_COMPLETE", failures(account)
    asked = account.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert {one["Endpoint"] for one in asked} == {"ada@example.test", "grace@example.test"}
    assert account.delete() == "DELETE_COMPLETE", failures(account)
