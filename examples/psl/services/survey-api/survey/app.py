"""The function behind the API: POST /surveys, GET /health."""

import functools
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from survey import record

Event = Mapping[str, Any]


def handler(event: Event, _context: object) -> dict[str, Any]:
    """Called by Lambda with API Gateway's proxy event."""
    return respond(event, keep)


def respond(event: Event, put: Callable[[str, str], None]) -> dict[str, Any]:
    """The answer to one request. `put` keeps a text under a key."""
    if event["path"] == "/health":
        return answer(200, {"status": "ok"})
    try:
        survey = record.checked(event.get("body") or "")
    except ValueError as error:
        return answer(400, {"error": str(error)})
    put(record.key(survey), json.dumps(survey))
    return answer(202, {"kept": record.key(survey)})


def answer(status: int, body: Mapping[str, Any]) -> dict[str, Any]:
    """What API Gateway turns into an HTTP response."""
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


def keep(key: str, text: str) -> None:
    """Into the raw zone, which encrypts with its own key."""
    s3().put_object(Bucket=os.environ["RAW_ZONE_BUCKET_NAME"], Key=key, Body=text.encode())


@functools.cache
def s3() -> Any:
    """One client for as long as this execution environment lives. Lambda brings boto3; the tests do without."""
    import boto3

    return boto3.client("s3")
