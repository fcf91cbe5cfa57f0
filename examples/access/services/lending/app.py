"""GET /fee?days=3: what it costs to borrow something, by the rates in the service's configuration."""

import functools
import json
import os
from collections.abc import Mapping
from typing import Any


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Called by Lambda with API Gateway's proxy event."""
    days = (event.get("queryStringParameters") or {}).get("days", "1")
    if not days.isdigit():
        return answer(400, {"error": f"{days} is no number of days"})
    return answer(200, {"fee": fee(int(days), read())})


def fee(days: int, rates: Mapping[str, int]) -> int:
    """Free days cost nothing, every further day the same."""
    return max(0, days - rates["free"]) * rates["daily"]


def answer(status: int, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


def read() -> Mapping[str, int]:
    """The configuration object in the shared account's bucket."""
    found = s3().get_object(Bucket=os.environ["CONFIGURATION_BUCKET_NAME"], Key=os.environ["CONFIGURATION_KEY"])
    rates: Mapping[str, int] = json.load(found["Body"])
    return rates


@functools.cache
def s3() -> Any:
    """One client for as long as this execution environment lives. Lambda brings boto3; the tests do without."""
    import boto3

    return boto3.client("s3")
