"""A request to a REST API: stage, resource and method found, caller asked for, request checked, integration called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crossdock.local.engine import AwsError, HttpRequest, HttpResponse, NotEmulated
from crossdock.local.gateway import (
    authorizers,
    integrations,
    keys,
    lambdas,
    pools,
    proxy,
    refusals,
    transforming,
    tree,
    validation,
)
from crossdock.local.gateway.authorizers import Admitted, Place
from crossdock.local.gateway.exchange import Malformed, Visit, message
from crossdock.local.gateway.mapping import Seen
from crossdock.local.gateway.refusals import Refused
from crossdock.local.gateway.state import Deployment, RestApi, Stage, State
from crossdock.local.gateway.tree import Match
from crossdock.local.identity import ANONYMOUS, Caller, Kind
from crossdock.local.world import World

TIMEOUT_SECONDS = 29.0
"""API Gateway quotas, "Integration timeout"."""
_MISSING = "Missing Authentication Token"


def visit(world: World, request: HttpRequest, path: str) -> Visit:
    """The request as seen below the stage."""
    endpoint = urlsplit(world.endpoint)
    return Visit(request=request, path=path, scheme=endpoint.scheme, port=str(endpoint.port or 443))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, with all that was found for it."""

    world: World
    state: State
    api: RestApi
    stage: Stage
    deployment: Deployment
    match: Match
    visit: Visit
    seen: Seen

    @property
    def method_arn(self) -> str:
        """The request as `execute-api:Invoke` is asked about it."""
        return f"{prefix(self.api)}/{self.stage.name}/{self.visit.request.method}{self.visit.path}"

    @property
    def place(self) -> Place:
        return Place(account=self.api.account, region=self.api.region, api_arn=prefix(self.api),
                     method_arn=self.method_arn)


def serve(world: World, state: State, api: RestApi, request: HttpRequest, rest: str) -> HttpResponse:
    """The answer to a request; `rest` is the path below the API, its stage first."""
    name, slash, below = rest.lstrip("/").partition("/")
    here = visit(world, request, slash + below or "/")
    stage = api.stages.get(name)
    if stage is None or api.disabled or _private(world, api):
        return message(403, "Forbidden", here, kind="ForbiddenException")
    deployment = api.deployments[stage.deployment]
    match = tree.find(deployment.resources, request.method, here.path)
    seen = Seen(visit=here, path=match.variables if match else {}, stage=stage.variables,
                context=_context(world, api, stage, match, here, None))
    try:
        if match is None:
            raise Refused("MISSING_AUTHENTICATION_TOKEN", _MISSING)
        return _served(Asked(world=world, state=state, api=api, stage=stage, deployment=deployment, match=match,
                             visit=here, seen=seen))
    except Refused as refused:
        return refusals.told(refused, seen, deployment.parts.responses)


def _private(world: World, api: RestApi) -> bool:
    """Private APIs answer through VPC endpoints alone; whoever calls here doesn't come through one."""
    private = "PRIVATE" in (api.members.get("endpointConfiguration") or {}).get("types", ())
    if private:
        world.substitution(f"the private API {api.name} answers nobody: no request comes through a VPC endpoint here")
    return private


def _served(asked_: Asked) -> HttpResponse:
    method = asked_.match.method
    signer, admitted = _authorized(asked_)
    if method.key_required:
        _key(asked_, admitted)
    asked_.seen.context["authorizer"] = dict(admitted.context)
    if signer is not None:
        context = _context(asked_.world, asked_.api, asked_.stage, asked_.match, asked_.visit, signer)
        asked_.seen.context["identity"] = context["identity"]
    validation.check(method, asked_.deployment.parts, asked_.seen)
    integration = method.integration or {}
    if integration.get("connectionType", "INTERNET") != "INTERNET":
        raise NotEmulated(f"{integration['connectionType']} connections of API Gateway")
    seconds = min(TIMEOUT_SECONDS, float(integration.get("timeoutInMillis") or 29000) / 1000)
    match integration.get("type"):
        case "AWS_PROXY":
            return _proxy(asked_, integration, signer, admitted, seconds)
        case "HTTP_PROXY":
            return transforming.proxied(asked_.world, integration, asked_.seen, seconds)
        case _:
            target = _target(asked_, integration, seconds)
            return transforming.through(asked_.world, target, method, asked_.seen, asked_.visit.request.caller)


def _authorized(asked_: Asked) -> tuple[Caller | None, Admitted]:
    """Who signed the request where the method asks for that, and what an authorizer said. Raises Refused."""
    method, parts, here = asked_.match.method, asked_.deployment.parts, asked_.visit
    match method.authorization:
        case "NONE":
            if parts.policy:
                _may(asked_, ANONYMOUS)
            return None, Admitted()
        case "AWS_IAM":
            if here.request.caller.kind is Kind.ANONYMOUS:
                raise Refused("MISSING_AUTHENTICATION_TOKEN", _MISSING)
            _may(asked_, here.request.caller)
            return here.request.caller, Admitted()
        case "CUSTOM":
            authorizer = parts.authorizers[str(method.members["authorizerId"])]
            event = _event(asked_, None, Admitted())
            for name in ("body", "isBase64Encoded"):
                event.pop(name)
            return None, authorizers.ask(asked_.world, authorizer, asked_.place, asked_.seen, event, parts.policy)
        case _:
            authorizer = parts.authorizers[str(method.members["authorizerId"])]
            scopes = method.members.get("authorizationScopes") or ()
            admitted = pools.admitted(asked_.world, authorizer, asked_.seen, scopes)
            if parts.policy:
                _may(asked_, ANONYMOUS)
            return None, admitted


def _may(asked_: Asked, caller: Caller) -> None:
    """`execute-api:Invoke`, by the caller's policies and the API's own. Raises Refused."""
    try:
        asked_.world.authorize(caller, action="execute-api:Invoke", resource=asked_.method_arn,
                               account=asked_.api.account, region=asked_.api.region)
    except AwsError as error:
        raise Refused("ACCESS_DENIED", error.message, member="Message") from None


def _key(asked_: Asked, admitted: Admitted) -> None:
    """The key that a method asks for, from the header or from the authorizer. Raises Refused."""
    by_authorizer = asked_.api.members.get("apiKeySource") == "AUTHORIZER"
    value = admitted.usage_key if by_authorizer else asked_.seen.header("x-api-key") or ""
    key = keys.admitted(asked_.state, value, api=asked_.api.id, stage=asked_.stage.name) if value else None
    if key is None:
        raise Refused("INVALID_API_KEY", "Forbidden")
    asked_.seen.context["identity"] |= {"apiKey": key.value, "apiKeyId": key.id}


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


def _target(asked_: Asked, integration: Mapping[str, Any], seconds: float) -> lambdas.Target:
    uri = integrations.with_stage(str(integration.get("uri") or ""), asked_.stage.variables)
    return lambdas.Target(
        function=integrations.function(uri, {}) if integrations.is_function(uri) else "",
        source_arn=f"{prefix(asked_.api)}/{asked_.stage.name}/{asked_.visit.request.method}{asked_.match.resource.path}",
        account=asked_.api.account, region=asked_.api.region, credentials=str(integration.get("credentials") or ""),
        seconds=seconds)


def _event(asked_: Asked, signer: Caller | None, admitted: Admitted) -> dict[str, Any]:
    context = _context(asked_.world, asked_.api, asked_.stage, asked_.match, asked_.visit, signer)
    context["identity"] |= {name: value for name, value in asked_.seen.context["identity"].items()
                            if name.startswith("apiKey")}
    if admitted.context:
        context["authorizer"] = dict(admitted.context)
    return proxy.event(
        asked_.visit, context=context, resource=asked_.match.resource.path, variables=asked_.match.variables,
        stage_variables=asked_.stage.variables, binary=asked_.deployment.binary)


def _proxy(
    asked_: Asked, integration: Mapping[str, Any], signer: Caller | None, admitted: Admitted, seconds: float
) -> HttpResponse:
    here = asked_.visit
    try:
        if integration.get("httpMethod") != "POST":
            raise AwsError("BadRequestException", "functions are invoked by POST")
        target = _target(asked_, integration, seconds)
        payload = lambdas.call(asked_.world, target, _event(asked_, signer, admitted), here.request.caller)
        return proxy.respond(here, payload, asked_.deployment.binary)
    except NotEmulated:
        raise
    except lambdas.TimedOut:
        raise Refused("INTEGRATION_TIMEOUT", "Endpoint request timed out") from None
    except (lambdas.FunctionFailed, Malformed):
        raise Refused("DEFAULT_5XX", "Internal server error", status=502,
                      error="InternalServerErrorException") from None
    except AwsError:  # the door's log tells who was denied what; a client learns no more than on AWS
        raise Refused("API_CONFIGURATION_ERROR", "Internal server error") from None


def _context(
    world: World, api: RestApi, stage: Stage, match: Match | None, here: Visit, caller: Caller | None
) -> dict[str, Any]:
    return {
        "resourceId": match.resource.id if match else "", "resourcePath": match.resource.path if match else "",
        "httpMethod": here.request.method,
        "extendedRequestId": here.id.replace("-", "")[:15], "requestTime": here.stamp,
        "path": f"/{stage.name}{here.path}", "accountId": api.account, "protocol": "HTTP/1.1", "stage": stage.name,
        "domainPrefix": api.id, "requestTimeEpoch": here.milliseconds, "requestId": here.id,
        "identity": proxy.identity(here, caller, world.organization),
        "domainName": f"{api.id}.execute-api.{api.region}.amazonaws.com", "deploymentId": stage.deployment,
        "apiId": api.id,
    }
