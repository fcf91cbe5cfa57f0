"""The function behind the API: GET /hello?name=Ada&visit=3, GET /health."""

import functools
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from greeter.greeting import REVISION, Settings, greet

Event = Mapping[str, Any]


def handler(event: Event, _context: object) -> dict[str, Any]:
    """Called by Lambda with API Gateway's proxy event."""
    return respond(event, read_settings)


def respond(event: Event, read: Callable[[], Settings]) -> dict[str, Any]:
    """The answer to one request. The settings are read each time, so that a change of them shows at once."""
    settings = read()
    if event["path"] == "/health":
        return answer(200, {"status": "ok", "language": settings.language, "revision": REVISION})
    query = event.get("queryStringParameters") or {}
    try:
        message = greet(query.get("name", ""), int(query.get("visit", "1")), settings)
    except ValueError as error:
        return answer(400, {"error": str(error)})
    return answer(200, {"message": message, "revision": REVISION})


def answer(status: int, body: Mapping[str, Any]) -> dict[str, Any]:
    """What API Gateway turns into an HTTP response."""
    text = json.dumps(body, ensure_ascii=False)
    return {"statusCode": status, "headers": {"Content-Type": "application/json; charset=utf-8"}, "body": text}


def read_settings() -> Settings:
    """The configuration object in the shared account's bucket."""
    found = s3().get_object(Bucket=os.environ["CONFIGURATION_BUCKET_NAME"], Key=os.environ["CONFIGURATION_KEY"])
    return Settings.of(json.load(found["Body"]))


@functools.cache
def s3() -> Any:
    """One client for as long as this execution environment lives. Lambda brings boto3; the tests do without."""
    import boto3

    return boto3.client("s3")
