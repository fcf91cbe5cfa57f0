"""Integrations and routes: from a call's parameters or an OpenAPI document, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway import integrations, openapi
from crossdock.local.gateway.errors import bad_request, conflict
from crossdock.local.gateway.state import new_id
from crossdock.local.gateway.v2.state import DEFAULT, HttpApi, Integration, Route

_REFUSED = ("IntegrationSubtype", "RequestParameters", "ResponseParameters", "TlsConfig", "ConnectionId")
_INTEGRATION = ("Description", "IntegrationMethod")
_ROUTE = ("OperationName", "AuthorizerId", "AuthorizationScopes")
_AUTHORIZATIONS = ("NONE", "AWS_IAM", "JWT", "CUSTOM")
_KEY = re.compile(r"(ANY|GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH) /\S*|\$default")
_FUNCTION = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:.+")
_CORS = ("AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "MaxAge", "AllowCredentials")
_DOCUMENT = {"uri": "IntegrationUri", "type": "IntegrationType", "payloadFormatVersion": "PayloadFormatVersion",
             "httpMethod": "IntegrationMethod", "credentials": "CredentialsArn", "timeoutInMillis": "TimeoutInMillis",
             "connectionType": "ConnectionType", "integrationSubtype": "IntegrationSubtype",
             "requestParameters": "RequestParameters", "responseParameters": "ResponseParameters"}


def integration(id_: str, p: Mapping[str, Any]) -> Integration:
    """From the members of CreateIntegration. Raises NotEmulated for all but Lambda proxies."""
    kind = str(p.get("IntegrationType", ""))
    if kind != "AWS_PROXY":
        raise NotEmulated(f"{kind or 'nameless'} integrations of HTTP APIs")
    for name in _REFUSED:
        if p.get(name):
            raise NotEmulated(f"{name} of an HTTP API's integration")
    payload = str(p.get("PayloadFormatVersion") or "")
    if payload not in ("1.0", "2.0"):
        raise bad_request("PayloadFormatVersion is a required parameter for integration with AWS_PROXY")
    uri = str(p.get("IntegrationUri") or "")
    if not _FUNCTION.fullmatch(uri):
        integrations.function(uri, {})
    return Integration(
        id=id_, uri=uri, payload=payload, credentials=str(p.get("CredentialsArn") or ""),
        seconds=int(p.get("TimeoutInMillis") or 30000) / 1000,
        members={name: p[name] for name in _INTEGRATION if p.get(name) is not None})


def function(found: Integration, variables: Mapping[str, str]) -> str:
    """The ARN of the function that an integration calls."""
    return found.uri if _FUNCTION.fullmatch(found.uri) else integrations.function(found.uri, variables)


def route(api: HttpApi, id_: str, p: Mapping[str, Any]) -> Route:
    """From the members of CreateRoute."""
    key, target = str(p.get("RouteKey") or ""), str(p.get("Target") or "").removeprefix("integrations/")
    if not _KEY.fullmatch(key):
        raise bad_request(f"Invalid route key {key!r}")
    if p.get("ApiKeyRequired") or p.get("RequestParameters") or p.get("RequestModels"):
        raise NotEmulated("API keys, parameters and models of an HTTP API's route")
    if any(other.key == key and other.id != id_ for other in api.routes.values()):
        raise conflict(f"Route with key {key} already exists for this API")
    if target and target not in api.integrations:
        raise bad_request(f"Invalid target specified: integrations/{target}")
    authorization = str(p.get("AuthorizationType") or "NONE")
    if authorization not in _AUTHORIZATIONS:
        raise bad_request(f"Invalid authorization type {authorization}")
    return Route(id=id_, key=key, target=target, authorization=authorization,
                 members={name: p[name] for name in _ROUTE if p.get(name) is not None})


def cors(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """A CORS configuration, whose members a document begins in lower case; None when it says nothing."""
    named = {name[0].upper() + name[1:]: value for name, value in given.items()}
    return {name: named[name] for name in _CORS if named.get(name) is not None} or None


def load(api: HttpApi, document: Mapping[str, Any]) -> None:
    """Replace routes, integrations, CORS, name and tags by the document's. Raises before anything changes."""
    known = {route.key: route.id for route in api.routes.values()}
    draft = HttpApi(id=api.id, account=api.account, region=api.region, partition=api.partition, name=api.name)
    for operation in openapi.operations(document):
        if operation.key_required:
            raise NotEmulated("API keys of HTTP APIs")
        target = ""
        if operation.integration is not None:
            given = {_DOCUMENT[name]: value for name, value in operation.integration.items() if name in _DOCUMENT}
            given["IntegrationType"] = str(given.get("IntegrationType", "")).upper()
            made = integration(new_id(draft.integrations, 7), given)
            draft.integrations[made.id] = made
            target = f"integrations/{made.id}"
        key = DEFAULT if operation.path.strip("/") == DEFAULT else f"{operation.http_method} {operation.path}"
        found = route(draft, known.get(key) or new_id(draft.routes, 7), {
            "RouteKey": key, "Target": target, "AuthorizationType": operation.authorization,
            "OperationName": operation.definition.get("operationId")})
        draft.routes[found.id] = found
    info = document.get("info") or {}
    api.name = str(info.get("title") or api.name)
    for name in ("description", "version"):
        if info.get(name):
            api.members[name.capitalize()] = str(info[name])
    api.cors = cors(openapi.extension(document, "cors") or {})
    api.routes, api.integrations = draft.routes, draft.integrations
    for tag in document.get("tags") or ():
        if "x-amazon-apigateway-tag-value" in tag:
            api.tags[str(tag["name"])] = str(tag["x-amazon-apigateway-tag-value"])
