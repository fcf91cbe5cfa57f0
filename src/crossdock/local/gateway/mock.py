"""Mock integrations: a status chosen by a literal template, answered with literal headers and body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import HttpResponse
from crossdock.local.gateway import integrations
from crossdock.local.gateway.exchange import Visit, answer, message

_HEADER = "method.response.header."


def respond(visit: Visit, integration: Mapping[str, Any]) -> HttpResponse:
    """The answer of a mock (API Gateway Developer Guide, "Set up mock integrations in API Gateway")."""
    kind = visit.request.headers.get("content-type", "application/json").partition(";")[0].strip()
    templates: Mapping[str, str] = integration.get("requestTemplates") or {}
    if kind not in templates:
        return message(415, "Unsupported Media Type", visit) if _refuses(integration, templates) else \
            message(500, "Internal server error", visit)
    status = str(integrations.status(templates[kind]))
    responses = [dict(found) for found in (integration.get("integrationResponses") or {}).values()]
    chosen = next((r for r in responses if r.get("selectionPattern") and re.fullmatch(r["selectionPattern"], status)),
                  next((r for r in responses if not r.get("selectionPattern")), None))
    if chosen is None:
        return message(500, "Internal server error", visit)
    headers = [(name.removeprefix(_HEADER), str(value)[1:-1])
               for name, value in (chosen.get("responseParameters") or {}).items() if name.startswith(_HEADER)]
    bodies: Mapping[str, str] = chosen.get("responseTemplates") or {}
    accepted, body = next(iter(bodies.items()), ("application/json", ""))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", accepted))
    return answer(int(chosen["statusCode"]), [*headers, ("x-amzn-RequestId", visit.id)], (body or "").encode())


def _refuses(integration: Mapping[str, Any], templates: Mapping[str, str]) -> bool:
    behaviour = str(integration.get("passthroughBehavior", "WHEN_NO_MATCH")).upper()
    return behaviour == "NEVER" or (behaviour == "WHEN_NO_TEMPLATES" and bool(templates))
