"""A request to an HTTP API: stage and route found, caller asked for, function called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crossdock.local.engine import AwsError, HttpRequest, HttpResponse, NotEmulated
from crossdock.local.gateway import backends, lambdas, proxy
from crossdock.local.gateway.backends import Prepared
from crossdock.local.gateway.exchange import Malformed, Visit, answer, grouped, message
from crossdock.local.gateway.serving import asked, visit
from crossdock.local.gateway.v2 import actions, authorizers, cors, expressions, match, parts, payload
from crossdock.local.gateway.v2.authorizers import Refused
from crossdock.local.gateway.v2.expressions import Values
from crossdock.local.gateway.v2.match import Match
from crossdock.local.gateway.v2.state import DEFAULT, Deployment, HttpApi, Integration, Stage
from crossdock.local.identity import Caller
from crossdock.local.world import World


def serve(world: World, api: HttpApi, request: HttpRequest, rest: str) -> HttpResponse:
    """The answer to a request; `rest` is the path below the API. Its first segment may name a stage."""
    name, _, below = rest.lstrip("/").partition("/")
    stage, path = (api.stages[name], f"/{below}") if name in api.stages and name != DEFAULT else \
        (api.stages.get(DEFAULT), rest or "/")
    here = visit(world, request, path)
    if api.protocol == "WEBSOCKET":
        raise NotEmulated("connections to WebSocket APIs")
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
    admitted: Mapping[str, Any] = {}
    values = _values(world, api, stage, here, found)
    match found.route.authorization:
        case "NONE":
            pass
        case "AWS_IAM":
            resource = f"{_prefix(api)}/{stage.name}/{here.request.method}{here.path}"
            if asked(world, here, resource=resource, account=api.account, region=api.region) is not None:
                return message(403, "Forbidden", here)
            caller = here.request.caller
        case _:
            try:
                admitted = _admitted(world, api, stage, deployment, here, found, values)
            except Refused as refused:
                return refused.response
    integration = deployment.integrations.get(found.route.target)
    if integration is None:
        return message(500, "Internal Server Error", here)
    if integration.connection:
        raise NotEmulated("VPC links of HTTP APIs")
    if admitted:
        values = replace(values, context={**values.context, "authorizer": admitted})
    if integration.kind == "HTTP_PROXY":
        response = _forwarded(world, integration, here, values)
    elif integration.subtype:
        response = _acted(world, api, stage, here, found, integration, values)
    else:
        response = _call(world, api, stage, here, found, integration, caller, admitted)
    return _mapped(integration, response, values)


def _values(world: World, api: HttpApi, stage: Stage, here: Visit, found: Match) -> Values:
    context = _older_context(world, api, stage, here, found, here.path, None)
    return Values(visit=here, path=found.variables, stage=stage.variables,
                  context={**context, "routeKey": found.route.key})


def _admitted(
    world: World, api: HttpApi, stage: Stage, deployment: Deployment, here: Visit, found: Match, values: Values
) -> Mapping[str, Any]:
    """What an authorizer says of a request: `requestContext.authorizer`. Raises Refused."""
    authorizer = deployment.authorizers[str(found.route.members["AuthorizerId"])]
    if authorizer.kind == "JWT":
        scopes = found.route.members.get("AuthorizationScopes") or ()
        return authorizers.by_token(world, authorizer, here, values, scopes)
    raw_path = here.path if stage.name == DEFAULT else f"/{stage.name}{here.path}"
    arn = f"{_prefix(api)}/{stage.name}/{here.request.method}{here.path}"
    if authorizer.members.get("AuthorizerPayloadFormatVersion") == "2.0":
        event = payload.event(
            here, context=_context(world, api, stage, here, found, raw_path, None), key=found.route.key,
            raw_path=raw_path, variables=found.variables, stage_variables=stage.variables)
        context = authorizers.by_function(world, api, authorizer, here, values, event, arn)
    else:
        event = _older(world, api, stage, here, found, raw_path, None)
        context = authorizers.by_function(world, api, authorizer, here, values, event, arn)
    return {"lambda": context}


def _forwarded(world: World, integration: Integration, here: Visit, values: Values) -> HttpResponse:
    """HTTP_PROXY: the request goes on as it is, mapped; the path's variables are filled in."""
    headers = {name: value for name, value in here.request.headers.items() if name not in ("host", "connection")}
    query = {name: ",".join(held) for name, held in grouped(here.query).items()}
    path = ""
    for target, expression in integration.parameters.items():
        how, _, name = target.partition(":")
        where, _, key = name.partition(".")
        value = expressions.filled(expression, values)
        held = {"header": headers, "querystring": query}.get(where)
        if name == "path":
            path = value
        elif held is None:
            raise NotEmulated(f"the parameter mapping {target} of HTTP APIs")
        elif how == "remove":
            held.pop(key, None)
        else:
            held[key] = f"{held[key]},{value}" if how == "append" and held.get(key) else value
    uri = integration.uri if not path else f"{integration.uri.rstrip('/')}/{path.lstrip('/')}"
    prepared = Prepared(method=here.request.method if integration.method == "ANY" else integration.method,
                        path=values.path, query=query, headers=headers, body=here.request.body)
    try:
        reply = backends.address(world, uri, prepared, integration.seconds)
    except NotEmulated:
        raise
    except (lambdas.TimedOut, AwsError):
        return message(503, "Service Unavailable", here)
    return answer(reply.status, [*reply.headers.items(), ("apigw-requestid", here.id)], reply.body)


def _acted(
    world: World, api: HttpApi, stage: Stage, here: Visit, found: Match, integration: Integration, values: Values
) -> HttpResponse:
    try:
        return actions.call(world, integration, _target(api, stage, here, found, integration, ""), here, values,
                            here.request.caller)
    except NotEmulated:
        raise
    except AwsError:  # the door's log tells who was denied what
        return message(500, "Internal Server Error", here)


def _mapped(integration: Integration, response: HttpResponse, values: Values) -> HttpResponse:
    """The answer as the integration's response parameters for its status make it."""
    mappings = integration.responses.get(str(response.status))
    if not mappings:
        return response
    values = replace(values, response=(response.status, response.headers, response.body))
    headers, status = dict(response.headers), response.status
    for target, expression in mappings.items():
        how, _, name = target.partition(":")
        key = name.removeprefix("header.")
        value = expressions.filled(expression, values)
        if name == "statuscode":
            status = int(value)
            continue
        held = next((one for one in headers if one.lower() == key.lower()), key)
        if how == "remove":
            headers.pop(held, None)
        else:
            headers[held] = f"{headers[held]},{value}" if how == "append" and held in headers else value
    return HttpResponse(status=status, headers=headers, body=response.body)


def _prefix(api: HttpApi) -> str:
    return f"arn:{api.partition}:execute-api:{api.region}:{api.account}:{api.id}"


def _call(
    world: World, api: HttpApi, stage: Stage, here: Visit, found: Match, integration: Integration,
    caller: Caller | None, admitted: Mapping[str, Any],
) -> HttpResponse:
    raw_path = here.path if stage.name == DEFAULT else f"/{stage.name}{here.path}"
    if integration.payload == "2.0":
        event = payload.event(
            here, context=_context(world, api, stage, here, found, raw_path, caller), key=found.route.key,
            raw_path=raw_path, variables=found.variables, stage_variables=stage.variables)
    else:
        event = _older(world, api, stage, here, found, raw_path, caller)
    if admitted:
        # In format 1.0 what a function said stands in `authorizer` itself (claims of tokens under `claims`).
        event["requestContext"]["authorizer"] = admitted if integration.payload == "2.0" else \
            admitted.get("lambda", {"claims": admitted.get("jwt", {}).get("claims"),
                                    "scopes": admitted.get("jwt", {}).get("scopes")})
    try:
        target = _target(api, stage, here, found, integration, parts.function(integration, stage.variables))
        told = lambdas.call(world, target, event, here.request.caller)
        return payload.respond(here, told) if integration.payload == "2.0" else proxy.respond(here, told, ("*/*",))
    except NotEmulated:
        raise
    except lambdas.TimedOut:
        return message(503, "Service Unavailable", here)
    except (lambdas.FunctionFailed, Malformed, AwsError):  # the door's log tells who was denied what
        return message(500, "Internal Server Error", here)


def _target(
    api: HttpApi, stage: Stage, here: Visit, found: Match, integration: Integration, function: str
) -> lambdas.Target:
    where = DEFAULT if found.route.key == DEFAULT else f"{here.request.method}{found.route.path}"
    return lambdas.Target(
        function=function, source_arn=f"{_prefix(api)}/{stage.name}/{where}", account=api.account, region=api.region,
        credentials=integration.credentials, seconds=integration.seconds)


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
    context = _older_context(world, api, stage, here, found, raw_path, caller)
    made = proxy.event(here, context=context, resource=found.route.path, variables=found.variables,
                       stage_variables=stage.variables, binary=("*/*",) if payload.is_binary(here) else ())
    return {"version": "1.0", **made, "path": raw_path}


def _older_context(
    world: World, api: HttpApi, stage: Stage, here: Visit, found: Match, raw_path: str, caller: Caller | None
) -> dict[str, Any]:
    return {
        "accountId": api.account, "apiId": api.id, "domainName": f"{api.id}.execute-api.{api.region}.amazonaws.com",
        "domainPrefix": api.id, "extendedRequestId": here.id, "httpMethod": here.request.method,
        "identity": proxy.identity(here, caller, world.organization), "path": raw_path, "protocol": "HTTP/1.1",
        "requestId": here.id, "requestTime": here.stamp, "requestTimeEpoch": here.milliseconds,
        "resourceId": found.route.key, "resourcePath": found.route.path, "stage": stage.name,
    }
