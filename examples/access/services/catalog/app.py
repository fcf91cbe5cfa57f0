"""GET /items: what can be borrowed, as the service's configuration lists it."""

import functools
import json
import os
from typing import Any


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Called by Lambda with API Gateway's proxy event."""
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(listed(read()))}


def listed(items: list[dict[str, Any]]) -> dict[str, Any]:
    """What is there, by name; what is out comes last."""
    return {"items": sorted(items, key=lambda item: (item["out"], item["name"]))}


def read() -> list[dict[str, Any]]:
    """The configuration object in the shared account's bucket."""
    found = s3().get_object(Bucket=os.environ["CONFIGURATION_BUCKET_NAME"], Key=os.environ["CONFIGURATION_KEY"])
    items: list[dict[str, Any]] = json.load(found["Body"])
    return items


@functools.cache
def s3() -> Any:
    """One client for as long as this execution environment lives. Lambda brings boto3; the tests do without."""
    import boto3

    return boto3.client("s3")
