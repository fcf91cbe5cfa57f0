"""Lambda proxy integrations, payload format 1.0: the event a function gets, and the answer it must give.

API Gateway Developer Guide, "Lambda proxy integrations in API Gateway": input and output format.
"""

from __future__ import annotations

import base64
import fnmatch
import json
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.local.engine import HttpResponse
from crossdock.local.gateway.exchange import Malformed, Visit, answer, decoded, grouped, header_pairs, status_of
from crossdock.local.identity import Caller, Kind

_KNOWN = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})


def event(
    visit: Visit, *, context: Mapping[str, Any], resource: str, variables: Mapping[str, str],
    stage_variables: Mapping[str, str], binary: Sequence[str],
) -> dict[str, Any]:
    """The event. `resource` is the path template, `variables` what its braces stand for, `binary` media types."""
    headers = {_title(name): value for name, value in visit.headers.items()}
    query = grouped(visit.query)
    body, encoded = _body(visit, binary)
    return {
        "resource": resource, "path": visit.path, "httpMethod": visit.request.method,
        "headers": headers, "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(variables) or None, "stageVariables": dict(stage_variables) or None,
        "requestContext": dict(context), "body": body, "isBase64Encoded": encoded,
    }


def identity(visit: Visit, caller: Caller | None, organization: str) -> dict[str, Any]:
    """`requestContext.identity`; `caller` where the method knows who calls."""
    signed = caller if caller is not None and caller.kind is not Kind.ANONYMOUS else None
    return {
        "cognitoIdentityPoolId": None, "cognitoIdentityId": None, "cognitoAuthenticationType": None,
        "cognitoAuthenticationProvider": None, "accessKey": _access_key(visit) if signed else None,
        "accountId": signed.account if signed else None, "caller": signed.user_id if signed else None,
        "principalOrgId": organization if signed else None, "sourceIp": "127.0.0.1",
        "user": signed.user_id if signed else None, "userArn": signed.arn if signed else None,
        "userAgent": visit.request.headers.get("user-agent"),
    }


def respond(visit: Visit, payload: bytes, binary: Sequence[str]) -> HttpResponse:
    """The answer to the client. Raises Malformed (502 on AWS) unless it is one of the format."""
    try:
        given = json.loads(payload)
    except ValueError:
        raise Malformed("the answer is no JSON") from None
    if not isinstance(given, dict) or given.keys() - _KNOWN:
        raise Malformed("the answer is no object of statusCode, headers and body")
    body = given.get("body")
    if body is not None and not isinstance(body, str):
        raise Malformed("body is no string")
    raw = (body or "").encode()
    if given.get("isBase64Encoded") and matches(visit.request.headers.get("accept", "").split(",")[0], binary):
        raw = decoded(body or "")
    headers = header_pairs(given)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return answer(status_of(given), [*headers, ("x-amzn-RequestId", visit.id)], raw)


def matches(media_type: str, binary: Sequence[str]) -> bool:
    """Whether an API treats this media type as binary."""
    kind = media_type.partition(";")[0].strip().lower()
    return "*/*" in binary or any(fnmatch.fnmatchcase(kind, known.lower()) for known in binary)


def _body(visit: Visit, binary: Sequence[str]) -> tuple[str | None, bool]:
    raw = visit.request.body
    if not raw:
        return None, False
    if binary and matches(visit.request.headers.get("content-type", ""), binary):
        return base64.b64encode(raw).decode(), True
    return raw.decode("utf-8", "replace"), False


def _title(name: str) -> str:
    """Header names reach this server without their case; events show them as clients of HTTP/1.1 write them."""
    return "-".join(part.capitalize() for part in name.split("-"))


def _access_key(visit: Visit) -> str | None:
    authorization = visit.request.headers.get("authorization", "")
    return authorization.partition("Credential=")[2].partition("/")[0] or None
