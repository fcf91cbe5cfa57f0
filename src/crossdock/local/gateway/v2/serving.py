"""A request to an HTTP API: stage and route found, caller asked for, function called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import AwsError, HttpRequest, HttpResponse, NotEmulated
from crossdock.local.gateway import lambdas, proxy
from crossdock.local.gateway.exchange import Malformed, Visit, message
from crossdock.local.gateway.serving import asked, visit
from crossdock.local.gateway.v2 import cors, match, parts, payload
from crossdock.local.gateway.v2.match import Match
from crossdock.local.gateway.v2.state import DEFAULT, HttpApi, Integration, Stage
from crossdock.local.identity import Caller
from crossdock.local.world import World


def serve(world: World, api: HttpApi, request: HttpRequest, rest: str) -> HttpResponse:
    """The answer to a request; `rest` is the path below the API. Its first segment may name a stage."""
    name, _, below = rest.lstrip("/").partition("/")
    stage, path = (api.stages[name], f"/{below}") if name in api.stages and name != DEFAULT else \
        (api.stages.get(DEFAULT), rest or "/")
    here = visit(world, request, path)
    if api.disabled or stage is None:
        return message(404, "Not Found", here)
    if api.cors and (answered := cors.preflight(api.cors, request)) is not None:
        return answered
    response = _route(world, api, stage, here)
    return cors.decorate(api.cors, request, response) if api.cors else response


def _route(world: World, api: HttpApi, stage: Stage, here: Visit) -> HttpResponse:
    deployment = api.deployments.get(stage.deployment)
    found = match.find(deployment.routes, here.request.method, here.path) if deployment else None
    if deployment is None or found is None:
        return message(404, "Not Found", here)
    caller: Caller | None = None
    match found.route.authorization:
        case "NONE":
            pass
        case "AWS_IAM":
            resource = f"{_prefix(api)}/{stage.name}/{here.request.method}{here.path}"
            if asked(world, here, resource=resource, account=api.account, region=api.region) is not None:
                return message(403, "Forbidden", here)
            caller = here.request.caller
        case kind:
            raise NotEmulated(f"{kind} authorizers of HTTP APIs")
    integration = deployment.integrations.get(found.route.target)
    if integration is None:
        return message(500, "Internal Server Error", here)
    return _call(world, api, stage, here, found, integration, caller)


def _prefix(api: HttpApi) -> str:
    return f"arn:{api.partition}:execute-api:{api.region}:{api.account}:{api.id}"


def _call(
    world: World, api: HttpApi, stage: Stage, here: Visit, found: Match, integration: Integration,
    caller: Caller | None,
) -> HttpResponse:
    raw_path = here.path if stage.name == DEFAULT else f"/{stage.name}{here.path}"
    where = DEFAULT if found.route.key == DEFAULT else f"{here.request.method}{found.route.path}"
    if integration.payload == "2.0":
        event = payload.event(
            here, context=_context(world, api, stage, here, found, raw_path, caller), key=found.route.key,
            raw_path=raw_path, variables=found.variables, stage_variables=stage.variables)
    else:
        event = _older(world, api, stage, here, found, raw_path, caller)
    try:
        target = lambdas.Target(
            function=parts.function(integration, stage.variables), source_arn=f"{_prefix(api)}/{stage.name}/{where}",
            account=api.account, region=api.region, credentials=integration.credentials, seconds=integration.seconds)
        answer = lambdas.call(world, target, event, here.request.caller)
        return payload.respond(here, answer) if integration.payload == "2.0" else proxy.respond(here, answer, ("*/*",))
    except NotEmulated:
        raise
    except lambdas.TimedOut:
        return message(503, "Service Unavailable", here)
    except (lambdas.FunctionFailed, Malformed, AwsError):  # the door's log tells who was denied what
        return message(500, "Internal Server Error", here)


def _context(
    world: World, api: HttpApi, stage: Stage, here: Visit, found: Match, raw_path: str, caller: Caller | None
) -> Mapping[str, Any]:
    made: dict[str, Any] = {
        "accountId": api.account, "apiId": api.id,
        "domainName": f"{api.id}.execute-api.{api.region}.amazonaws.com", "domainPrefix": api.id,
        "http": {"method": here.request.method, "path": raw_path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                 "userAgent": here.request.headers.get("user-agent", "")},
        "requestId": here.id, "routeKey": found.route.key, "stage": stage.name, "time": here.stamp,
        "timeEpoch": here.milliseconds,
    }
    if caller is not None:
        known = proxy.identity(here, caller, world.organization)
        made["authorizer"] = {"iam": {
            "accessKey": known["accessKey"], "accountId": known["accountId"], "callerId": known["caller"],
            "cognitoIdentity": None, "principalOrgId": known["principalOrgId"], "userArn": known["userArn"],
            "userId": known["user"]}}
    return made


def _older(
    world: World, api: HttpApi, stage: Stage, here: Visit, found: Match, raw_path: str, caller: Caller | None
) -> dict[str, Any]:
    """The event of payload format 1.0, as an HTTP API writes it."""
    context = {
        "accountId": api.account, "apiId": api.id, "domainName": f"{api.id}.execute-api.{api.region}.amazonaws.com",
        "domainPrefix": api.id, "extendedRequestId": here.id, "httpMethod": here.request.method,
        "identity": proxy.identity(here, caller, world.organization), "path": raw_path, "protocol": "HTTP/1.1",
        "requestId": here.id, "requestTime": here.stamp, "requestTimeEpoch": here.milliseconds,
        "resourceId": found.route.key, "resourcePath": found.route.path, "stage": stage.name,
    }
    made = proxy.event(here, context=context, resource=found.route.path, variables=found.variables,
                       stage_variables=stage.variables, binary=("*/*",) if payload.is_binary(here) else ())
    return {"version": "1.0", **made, "path": raw_path}
