"""What API Gateway says by itself, by type of gateway response, and how an API may have it said otherwise.

API Gateway Developer Guide, "Gateway response types", "Set up a gateway response".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import HttpResponse
from crossdock.local.gateway import mapping, vtl
from crossdock.local.gateway.exchange import answer
from crossdock.local.gateway.mapping import Seen

TYPES: Mapping[str, tuple[int, str]] = {
    "ACCESS_DENIED": (403, "AccessDeniedException"),
    "API_CONFIGURATION_ERROR": (500, "InternalServerErrorException"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, "AuthorizerConfigurationException"),
    "AUTHORIZER_FAILURE": (500, "AuthorizerConfigurationException"),
    "BAD_REQUEST_BODY": (400, "BadRequestException"),
    "BAD_REQUEST_PARAMETERS": (400, "BadRequestException"),
    "EXPIRED_TOKEN": (403, "ExpiredTokenException"),
    "INTEGRATION_FAILURE": (504, "InternalServerErrorException"),
    "INTEGRATION_TIMEOUT": (504, "InternalServerErrorException"),
    "INVALID_API_KEY": (403, "ForbiddenException"),
    "INVALID_SIGNATURE": (403, "InvalidSignatureException"),
    "MISSING_AUTHENTICATION_TOKEN": (403, "MissingAuthenticationTokenException"),
    "QUOTA_EXCEEDED": (429, "LimitExceededException"),
    "REQUEST_TOO_LARGE": (413, "RequestTooLargeException"),
    "RESOURCE_NOT_FOUND": (404, "NotFoundException"),
    "THROTTLED": (429, "TooManyRequestsException"),
    "UNAUTHORIZED": (401, "UnauthorizedException"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "BadRequestException"),
    "WAF_FILTERED": (403, "ForbiddenException"),
    "DEFAULT_4XX": (0, ""),
    "DEFAULT_5XX": (0, ""),
}
"""Type -> status and x-amzn-ErrorType. The defaults keep the status of what they stand for."""
USUAL = {"application/json": '{"message":$context.error.messageString}'}


class Refused(Exception):
    """API Gateway answers by itself. `status`: where the type's is another."""

    def __init__(self, kind: str, said: str, *, status: int = 0, member: str = "message", error: str = "") -> None:
        super().__init__(said)
        self.kind, self.said, self.member = kind, said, member
        self.status = status or TYPES[kind][0]
        self.error = error or TYPES[kind][1]


def settled(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A gateway response as an API keeps it."""
    made = {"responseType": kind, "responseParameters": dict(given.get("responseParameters") or {}),
            "responseTemplates": dict(given.get("responseTemplates") or {})}
    if given.get("statusCode"):
        made["statusCode"] = str(given["statusCode"])
    return made


def told(refused: Refused, seen: Seen, known: Mapping[str, Mapping[str, Any]]) -> HttpResponse:
    """The answer. `known` are the API's own responses by type."""
    own = known.get(refused.kind) or known.get(f"DEFAULT_{refused.status // 100}XX") or {}
    status = int(own.get("statusCode") or refused.status)
    headers = [("x-amzn-RequestId", seen.visit.id), ("x-amzn-ErrorType", refused.error)]
    seen.context["error"] = {"message": refused.said, "messageString": json.dumps(refused.said),
                             "responseType": refused.kind}
    for name, expression in (own.get("responseParameters") or {}).items():
        value = _value(str(expression), seen)
        if value is not None and name.startswith("gatewayresponse.header."):
            headers.append((name.removeprefix("gatewayresponse.header."), value))
    templates: Mapping[str, str] = own.get("responseTemplates") or {}
    kind, template = next(iter(templates.items()), ("application/json", ""))
    if template:
        try:
            body = mapping.transform(template, seen, seen.body)
        except vtl.TemplateFailed:
            body = ""
    else:
        body = json.dumps({refused.member: refused.said}, separators=(",", ":"))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", kind))
    return answer(status, headers, body.encode())


def _value(expression: str, seen: Seen) -> str | None:
    return mapping.value_of(expression.replace("gatewayresponse.", "method.", 1), seen, seen.body)
