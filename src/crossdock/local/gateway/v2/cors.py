"""CORS by configuration: preflight answered without a route, headers put on every answer.

API Gateway Developer Guide, "Configure CORS for HTTP APIs": what a backend says of CORS is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crossdock.local.engine import HttpRequest, HttpResponse

_PREFIX = "access-control-"


def preflight(configuration: Mapping[str, Any], request: HttpRequest) -> HttpResponse | None:
    """The answer to a preflight request, None for any other."""
    if request.method != "OPTIONS" or not request.headers.get("origin") \
            or "access-control-request-method" not in request.headers:
        return None
    headers = _origin(configuration, request)
    if headers:
        for name, member in (("methods", "AllowMethods"), ("headers", "AllowHeaders")):
            if configuration.get(member):
                headers[f"{_PREFIX}allow-{name}"] = ",".join(configuration[member])
        if configuration.get("MaxAge"):
            headers[f"{_PREFIX}max-age"] = str(configuration["MaxAge"])
    return HttpResponse(status=204, headers=headers)


def decorate(configuration: Mapping[str, Any], request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with the configuration's headers in place of the backend's."""
    kept = {name: value for name, value in response.headers.items() if not name.lower().startswith(_PREFIX)}
    headers = _origin(configuration, request)
    if headers and configuration.get("ExposeHeaders"):
        headers[f"{_PREFIX}expose-headers"] = ",".join(configuration["ExposeHeaders"])
    return replace(response, headers={**kept, **headers})


def _origin(configuration: Mapping[str, Any], request: HttpRequest) -> dict[str, str]:
    """Nothing for an origin that is not allowed. An allowed one may end its scheme in `*`: `https://*`."""
    origin = request.headers.get("origin", "")
    allowed = configuration.get("AllowOrigins") or ()
    if not origin or not any(
        a in ("*", origin) or (a.endswith("://*") and origin.startswith(a[:-1])) for a in allowed
    ):
        return {}
    headers = {f"{_PREFIX}allow-origin": "*" if "*" in allowed else origin}
    if configuration.get("AllowCredentials"):
        headers[f"{_PREFIX}allow-credentials"] = "true"
    return headers
