"""Payload format 2.0: the event a function gets, and what may come back.

API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import HttpResponse
from crossdock.local.gateway.exchange import Malformed, Visit, answer, decoded, grouped, header_pairs, status_of

_TEXT = re.compile(r"text/.*|application/(json|javascript|xml|x-www-form-urlencoded|.*\+(json|xml))")


def event(
    visit: Visit, *, context: Mapping[str, Any], key: str, raw_path: str, variables: Mapping[str, str],
    stage_variables: Mapping[str, str],
) -> dict[str, Any]:
    """The event. `raw_path` has the stage in front, unless that is `$default`. What is absent has no member."""
    headers = visit.headers
    cookies = [part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()]
    made: dict[str, Any] = {
        "version": "2.0", "routeKey": key, "rawPath": raw_path, "rawQueryString": visit.request.query,
        "headers": headers, "requestContext": dict(context),
    }
    if cookies:
        made["cookies"] = cookies
    if query := grouped(visit.query):
        made["queryStringParameters"] = {name: ",".join(values) for name, values in query.items()}
    if variables:
        made["pathParameters"] = dict(variables)
    if stage_variables:
        made["stageVariables"] = dict(stage_variables)
    encoded = is_binary(visit) and bool(visit.request.body)
    if visit.request.body:
        made["body"] = base64.b64encode(visit.request.body).decode() if encoded else \
            visit.request.body.decode("utf-8", "replace")
    return made | {"isBase64Encoded": encoded}


def is_binary(visit: Visit) -> bool:
    """Whether the body's media type is one that travels as base64."""
    kind = visit.request.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
    return not _TEXT.fullmatch(kind)


def respond(visit: Visit, payload: bytes) -> HttpResponse:
    """The answer to the client. An answer without `statusCode` is a body. Raises Malformed."""
    try:
        given = json.loads(payload)
    except ValueError:
        raise Malformed("the answer is no JSON") from None
    number = ("apigw-requestid", visit.id)
    if not isinstance(given, dict) or "statusCode" not in given:
        body = given.encode() if isinstance(given, str) else payload
        return answer(200, [("content-type", "application/json"), number], body)
    text = given.get("body")
    if text is not None and not isinstance(text, str):
        raise Malformed("body is no string")
    headers = header_pairs({"headers": given.get("headers")})
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain;charset=UTF-8"))
    cookies = given.get("cookies") or ()
    if not isinstance(cookies, list | tuple):
        raise Malformed("cookies is no list")
    headers += [("set-cookie", str(cookie)) for cookie in cookies]
    raw = decoded(text or "") if given.get("isBase64Encoded") else (text or "").encode()
    return answer(status_of(given), [*headers, number], raw)
