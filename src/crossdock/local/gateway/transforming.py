"""Integrations that are no proxies: request mapped and transformed, backend called, response chosen and transformed.

API Gateway Developer Guide, "Integration passthrough behaviors", "Set up an integration response" (a selection pattern
is matched with the status, or with a function's error message; without a match the default response answers).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import AwsError, HttpResponse, NotEmulated
from crossdock.local.gateway import backends, integrations, lambdas, mapping, vtl
from crossdock.local.gateway.backends import Prepared, Reply
from crossdock.local.gateway.exchange import answer
from crossdock.local.gateway.mapping import Seen
from crossdock.local.gateway.refusals import Refused
from crossdock.local.gateway.state import Method
from crossdock.local.identity import Caller
from crossdock.local.world import World

_HEADER = "method.response.header."
_STATUS = re.compile(r"""["']?statusCode["']?\s*:\s*["']?(\d{3})""")


def through(world: World, target: lambdas.Target, method: Method, seen: Seen, caller: Caller) -> HttpResponse:
    """The answer of an integration of type AWS, HTTP or MOCK. Raises Refused, NotEmulated."""
    integration = method.integration or {}
    try:
        reply = _called(world, target, integration, seen, caller)
    except vtl.TemplateFailed:
        raise Refused("API_CONFIGURATION_ERROR", "Internal server error") from None
    except lambdas.TimedOut:
        raise Refused("INTEGRATION_TIMEOUT", "Endpoint request timed out") from None
    except NotEmulated:
        raise
    except AwsError as error:
        if error.status == 504:
            raise Refused("INTEGRATION_FAILURE", "Network error communicating with endpoint") from None
        raise Refused("API_CONFIGURATION_ERROR", "Internal server error") from None
    return _answered(integration, seen, reply)


def proxied(world: World, integration: Mapping[str, Any], seen: Seen, seconds: float) -> HttpResponse:
    """HTTP_PROXY: the request goes on as it is, with what is mapped; the answer comes back as it is."""
    made = backends.parameters(integration.get("requestParameters") or {}, seen, seen.body)
    headers = {name: value for name, value in seen.visit.request.headers.items() if name not in ("host", "connection")}
    query = {name: ",".join(values) for name, values in seen.query.items()}
    method = str(integration.get("httpMethod") or "ANY")
    prepared = Prepared(
        method=seen.visit.request.method if method == "ANY" else method, path={**seen.path, **made["path"]},
        query={**query, **made["querystring"]}, headers={**headers, **made["header"]}, body=seen.visit.request.body)
    try:
        reply = backends.address(world, integrations.with_stage(str(integration["uri"]), seen.stage), prepared, seconds)
    except lambdas.TimedOut:
        raise Refused("INTEGRATION_TIMEOUT", "Endpoint request timed out") from None
    except NotEmulated:
        raise
    except AwsError:
        raise Refused("INTEGRATION_FAILURE", "Network error communicating with endpoint") from None
    return answer(reply.status, [*reply.headers.items(), ("x-amzn-RequestId", seen.visit.id)], reply.body)


def _called(
    world: World, target: lambdas.Target, integration: Mapping[str, Any], seen: Seen, caller: Caller
) -> Reply:
    body = _request_body(integration, seen)
    if integration["type"] == "MOCK":
        return _mock(body)
    made = backends.parameters(integration.get("requestParameters") or {}, seen, body)
    override = seen.context["requestOverride"]
    headers = {"content-type": seen.header("content-type") or "application/json", "accept": "application/json",
               **{name.lower(): value for name, value in made["header"].items()},
               **{str(name).lower(): vtl.text(value) for name, value in override["header"].items()}}
    prepared = Prepared(
        method=str(integration.get("httpMethod") or seen.visit.request.method), body=body.encode(),
        headers=headers, path={**made["path"], **_texts(override["path"])},
        query={**made["querystring"], **_texts(override["querystring"])})
    uri = integrations.with_stage(str(integration["uri"]), seen.stage)
    if integration["type"] == "HTTP":
        return backends.address(world, uri, prepared, target.seconds)
    if integrations.is_function(uri):
        return backends.function(world, target, prepared, caller)
    return backends.service(world, target, uri, prepared, caller)


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): vtl.text(value) for name, value in given.items()}


def _request_body(integration: Mapping[str, Any], seen: Seen) -> str:
    """The body for the backend: by the template of its media type, or as it came. Raises Refused (415)."""
    kind = (seen.header("content-type") or "application/json").partition(";")[0].strip().lower()
    templates: Mapping[str, str] = integration.get("requestTemplates") or {}
    template = next((text for name, text in templates.items() if name.lower() == kind), None)
    if template is None:
        behaviour = str(integration.get("passthroughBehavior") or "WHEN_NO_MATCH").upper()
        if behaviour == "NEVER" or (behaviour == "WHEN_NO_TEMPLATES" and templates):
            raise Refused("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
        if integration["type"] == "MOCK":
            raise Refused("API_CONFIGURATION_ERROR", "Internal server error")
        return seen.body
    return mapping.transform(template or "", seen, seen.body)


def _mock(body: str) -> Reply:
    """A mock answers with the status that its request template came to."""
    try:
        status = int(json.loads(body)["statusCode"])
    except (ValueError, TypeError, KeyError):
        found = _STATUS.search(body)
        if found is None:
            raise Refused("API_CONFIGURATION_ERROR", "Internal server error") from None
        status = int(found[1])
    return Reply(status=status, headers={}, body=b"")


def _answered(integration: Mapping[str, Any], seen: Seen, reply: Reply) -> HttpResponse:
    responses = list((integration.get("integrationResponses") or {}).values())
    chosen = next((one for one in responses if _chosen(one, reply)), None) or \
        next((one for one in responses if not one.get("selectionPattern")), None)
    if chosen is None:
        raise Refused("API_CONFIGURATION_ERROR", "Internal server error")
    text = reply.body.decode("utf-8", "replace")
    headers: list[tuple[str, str]] = []
    for name, expression in (chosen.get("responseParameters") or {}).items():
        value = mapping.value_of(str(expression), seen, text, reply.headers)
        if name.startswith(_HEADER) and value is not None:
            headers.append((name.removeprefix(_HEADER), value))
    kind, template = _template(chosen, seen)
    try:
        body = mapping.transform(template, seen, text) if template else "" if template is not None and \
            integration["type"] == "MOCK" else text
    except vtl.TemplateFailed:
        raise Refused("API_CONFIGURATION_ERROR", "Internal server error") from None
    override = seen.context["responseOverride"]
    for name, value in (override.get("header") or {}).items():
        headers = [pair for pair in headers if pair[0].lower() != str(name).lower()]
        headers.append((str(name), vtl.text(value)))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", kind))
    headers.append(("x-amzn-RequestId", seen.visit.id))
    status = int(override.get("status") or chosen["statusCode"])
    return answer(status, headers, body.encode())


def _chosen(response: Mapping[str, Any], reply: Reply) -> bool:
    pattern = response.get("selectionPattern")
    return bool(pattern) and re.fullmatch(str(pattern), reply.choosing, re.DOTALL) is not None


def _template(response: Mapping[str, Any], seen: Seen) -> tuple[str, str | None]:
    """Media type and template of a response: that which the client accepts, else the first."""
    templates: Mapping[str, str] = response.get("responseTemplates") or {}
    wanted = [part.partition(";")[0].strip() for part in (seen.header("accept") or "").split(",")]
    for kind in wanted:
        if kind in templates:
            return kind, templates[kind]
    kind, template = next(iter(templates.items()), ("application/json", None))
    return kind, template
