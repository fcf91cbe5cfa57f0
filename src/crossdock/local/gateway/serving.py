"""A request to a REST API: stage, resource and method found, caller asked for, integration called."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from crossdock.local.engine import AwsError, HttpRequest, HttpResponse, NotEmulated
from crossdock.local.gateway import integrations, lambdas, mock, proxy, tree
from crossdock.local.gateway.exchange import Malformed, Visit, message
from crossdock.local.gateway.state import Method, RestApi, Stage
from crossdock.local.gateway.tree import Match
from crossdock.local.identity import Caller, Kind
from crossdock.local.world import World

TIMEOUT_SECONDS = 29.0
"""API Gateway quotas, "Integration timeout"."""
_MISSING = "Missing Authentication Token"


def visit(world: World, request: HttpRequest, path: str) -> Visit:
    """The request as seen below the stage."""
    endpoint = urlsplit(world.endpoint)
    return Visit(request=request, path=path, scheme=endpoint.scheme, port=str(endpoint.port or 443))


def serve(world: World, api: RestApi, request: HttpRequest, rest: str) -> HttpResponse:
    """The answer to a request; `rest` is the path below the API, its stage first."""
    name, slash, below = rest.lstrip("/").partition("/")
    here = visit(world, request, slash + below or "/")
    stage = api.stages.get(name)
    if stage is None or api.disabled:
        return message(403, "Forbidden", here, kind="ForbiddenException")
    deployment = api.deployments[stage.deployment]
    match = tree.find(deployment.resources, request.method, here.path)
    if match is None:
        return message(403, _MISSING, here, kind="MissingAuthenticationTokenException")
    refused = _authorized(world, api, stage, match.method, here)
    if refused is not None:
        return refused
    integration = match.method.integration or {}
    if integration.get("type") == "MOCK":
        return mock.respond(here, integration)
    return _through_lambda(world, api, stage, match, here, deployment.binary)


def _authorized(world: World, api: RestApi, stage: Stage, method: Method, here: Visit) -> HttpResponse | None:
    """None, or the answer that refuses."""
    if method.key_required:
        raise NotEmulated("API keys of API Gateway")
    match method.authorization:
        case "NONE":
            return None
        case "AWS_IAM":
            return asked(world, here, account=api.account, region=api.region, resource=(
                f"{prefix(api)}/{stage.name}/{here.request.method}{here.path}"))
        case kind:
            raise NotEmulated(f"{kind} authorizers of API Gateway")


def asked(world: World, here: Visit, *, resource: str, account: str, region: str) -> HttpResponse | None:
    """Whether the signer of a request may make it (API Gateway Developer Guide, "Control access with IAM")."""
    if here.request.caller.kind is Kind.ANONYMOUS:
        return message(403, _MISSING, here, kind="MissingAuthenticationTokenException")
    try:
        world.authorize(here.request.caller, action="execute-api:Invoke", resource=resource, account=account,
                        region=region)
    except AwsError as error:
        headers = message(403, "", here, kind="AccessDeniedException").headers
        return HttpResponse(status=403, headers=headers, body=json.dumps({"Message": error.message}).encode())
    return None


def prefix(api: RestApi) -> str:
    return f"arn:{api.partition}:execute-api:{api.region}:{api.account}:{api.id}"


def _through_lambda(
    world: World, api: RestApi, stage: Stage, match: Match, here: Visit, binary: tuple[str, ...]
) -> HttpResponse:
    integration = match.method.integration or {}
    source = f"{prefix(api)}/{stage.name}/{here.request.method}{match.resource.path}"
    caller = here.request.caller if match.method.authorization == "AWS_IAM" else None
    event = proxy.event(
        here, context=_context(world, api, stage, match, here, caller), resource=match.resource.path,
        variables=match.variables, stage_variables=stage.variables, binary=binary)
    try:
        if integration.get("httpMethod") != "POST":
            raise AwsError("BadRequestException", "functions are invoked by POST")
        target = lambdas.Target(
            function=integrations.function(str(integration["uri"]), stage.variables), source_arn=source,
            account=api.account, region=api.region, credentials=str(integration.get("credentials") or ""),
            seconds=min(TIMEOUT_SECONDS, float(integration.get("timeoutInMillis") or 29000) / 1000))
        payload = lambdas.call(world, target, event, here.request.caller)
        return proxy.respond(here, payload, binary)
    except NotEmulated:
        raise
    except lambdas.TimedOut:
        return message(504, "Endpoint request timed out", here, kind="InternalServerErrorException")
    except (lambdas.FunctionFailed, Malformed):
        return message(502, "Internal server error", here, kind="InternalServerErrorException")
    except AwsError:  # the door's log tells who was denied what; a client learns no more than on AWS
        return message(500, "Internal server error", here, kind="InternalServerErrorException")


def _context(
    world: World, api: RestApi, stage: Stage, match: Match, here: Visit, caller: Caller | None
) -> dict[str, Any]:
    return {
        "resourceId": match.resource.id, "resourcePath": match.resource.path, "httpMethod": here.request.method,
        "extendedRequestId": here.id.replace("-", "")[:15], "requestTime": here.stamp,
        "path": f"/{stage.name}{here.path}", "accountId": api.account, "protocol": "HTTP/1.1", "stage": stage.name,
        "domainPrefix": api.id, "requestTimeEpoch": here.milliseconds, "requestId": here.id,
        "identity": proxy.identity(here, caller, world.organization),
        "domainName": f"{api.id}.execute-api.{api.region}.amazonaws.com", "deploymentId": stage.deployment,
        "apiId": api.id,
    }
