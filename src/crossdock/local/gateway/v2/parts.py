"""Integrations, routes and authorizers: from a call's parameters or an OpenAPI document, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway import integrations, openapi
from crossdock.local.gateway.errors import bad_request, conflict
from crossdock.local.gateway.state import new_id
from crossdock.local.gateway.v2 import actions
from crossdock.local.gateway.v2.state import DEFAULT, Authorizer, HttpApi, Integration, Route

_INTEGRATION = ("Description", "RequestTemplates", "TemplateSelectionExpression", "PassthroughBehavior",
                "ContentHandlingStrategy")
_ROUTE = ("OperationName", "AuthorizerId", "AuthorizationScopes", "RouteResponseSelectionExpression",
          "ModelSelectionExpression", "RequestModels", "ApiKeyRequired", "RequestParameters")
_AUTHORIZER = ("AuthorizerUri", "AuthorizerCredentialsArn", "IdentitySource", "JwtConfiguration",
               "AuthorizerPayloadFormatVersion", "EnableSimpleResponses", "AuthorizerResultTtlInSeconds",
               "IdentityValidationExpression")
_AUTHORIZATIONS = ("NONE", "AWS_IAM", "JWT", "CUSTOM")
_KEY = re.compile(r"(ANY|GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH) /\S*|\$default")
_FUNCTION = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:.+")
_CORS = ("AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "MaxAge", "AllowCredentials")
_DOCUMENT = {"uri": "IntegrationUri", "type": "IntegrationType", "payloadFormatVersion": "PayloadFormatVersion",
             "httpMethod": "IntegrationMethod", "credentials": "CredentialsArn", "timeoutInMillis": "TimeoutInMillis",
             "connectionType": "ConnectionType", "connectionId": "ConnectionId",
             "integrationSubtype": "IntegrationSubtype", "subtype": "IntegrationSubtype",
             "requestParameters": "RequestParameters", "responseParameters": "ResponseParameters"}


def integration(api: HttpApi, id_: str, p: Mapping[str, Any]) -> Integration:
    """From the members of CreateIntegration. Raises AwsError, NotEmulated."""
    kind, uri, subtype = (str(p.get(name) or "") for name in ("IntegrationType", "IntegrationUri",
                                                              "IntegrationSubtype"))
    usual = "1.0" if api.protocol == "WEBSOCKET" or kind != "AWS_PROXY" or subtype else ""
    payload = str(p.get("PayloadFormatVersion") or usual)
    made = Integration(
        id=id_, uri=uri, payload=payload, credentials=str(p.get("CredentialsArn") or ""), kind=kind, subtype=subtype,
        seconds=int(p.get("TimeoutInMillis") or 30000) / 1000, method=str(p.get("IntegrationMethod") or "POST"),
        connection=str(p.get("ConnectionId") or "") if p.get("ConnectionType") == "VPC_LINK" else "",
        parameters=dict(p.get("RequestParameters") or {}), responses=dict(p.get("ResponseParameters") or {}),
        members={name: p[name] for name in _INTEGRATION if p.get(name) is not None})
    if api.protocol == "WEBSOCKET":
        integrations.check({"type": kind, "uri": uri, "httpMethod": made.method} if kind != "MOCK" else {"type": kind})
        return made
    if p.get("TlsConfig"):
        raise NotEmulated("TlsConfig of an HTTP API's integration")
    match kind:
        case "AWS_PROXY" if subtype:
            actions.check(made)
        case "AWS_PROXY":
            if payload not in ("1.0", "2.0"):
                raise bad_request("PayloadFormatVersion is a required parameter for integration with AWS_PROXY")
            if not _FUNCTION.fullmatch(uri):
                integrations.function(uri, {})
        case "HTTP_PROXY":
            if not made.connection and not re.match(r"https?://", uri):
                raise bad_request("Invalid HTTP endpoint specified for URI")
        case _:
            raise bad_request(f"IntegrationType {kind} is not supported for HTTP protocol Apis")
    return made


def function(found: Integration, variables: Mapping[str, str]) -> str:
    """The ARN of the function that an integration calls."""
    return named(found.uri, variables)


def named(uri: str, variables: Mapping[str, str]) -> str:
    """The ARN of the function in a URI, or that is one."""
    return uri if _FUNCTION.fullmatch(uri) else integrations.function(uri, variables)


def route(api: HttpApi, id_: str, p: Mapping[str, Any]) -> Route:
    """From the members of CreateRoute."""
    key, target = str(p.get("RouteKey") or ""), str(p.get("Target") or "").removeprefix("integrations/")
    if api.protocol == "HTTP":
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
    if authorization in ("JWT", "CUSTOM") and p.get("AuthorizerId") not in api.authorizers:
        raise bad_request(f"Authorizer is required for authorization type {authorization}")
    return Route(id=id_, key=key, target=target, authorization=authorization,
                 members={name: p[name] for name in _ROUTE if p.get(name) is not None})


def authorizer(api: HttpApi, id_: str, p: Mapping[str, Any]) -> Authorizer:
    """From the members of CreateAuthorizer."""
    kind, name = str(p.get("AuthorizerType") or ""), str(p.get("Name") or "")
    members = {member: p[member] for member in _AUTHORIZER if p.get(member) is not None}
    if any(other.name == name and other.id != id_ for other in api.authorizers.values()):
        raise conflict(f"Authorizer name must be unique. Authorizer {name} already exists in this Api.")
    match kind:
        case "JWT":
            configuration = members.get("JwtConfiguration") or {}
            if not str(configuration.get("Issuer") or "").startswith("https://") or not configuration.get("Audience"):
                raise bad_request("JWT authorizers need an issuer, an HTTPS address, and an audience")
        case "REQUEST":
            named(str(members.get("AuthorizerUri") or ""), {})
            if api.protocol == "HTTP" and members.get("AuthorizerPayloadFormatVersion") not in ("1.0", "2.0"):
                raise bad_request("AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer")
        case _:
            raise bad_request(f"Invalid authorizer type {kind}")
    return Authorizer(id=id_, name=name, kind=kind, members=members)


def cors(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """A CORS configuration, whose members a document begins in lower case; None when it says nothing."""
    named_ = {name[0].upper() + name[1:]: value for name, value in given.items()}
    return {name: named_[name] for name in _CORS if named_.get(name) is not None} or None


def load(api: HttpApi, document: Mapping[str, Any]) -> None:
    """Replace routes, integrations, authorizers, CORS, name and tags by the document's. Raises before anything changes.
    """
    known = {route.key: route.id for route in api.routes.values()}
    draft = HttpApi(id=api.id, account=api.account, region=api.region, partition=api.partition, name=api.name)
    _authorizers(api, draft, document)
    by_name = {one.name: one.id for one in draft.authorizers.values()}
    for operation in openapi.operations(document):
        if operation.key_required:
            raise NotEmulated("API keys of HTTP APIs")
        target = ""
        if operation.integration is not None:
            given = {_DOCUMENT[name]: value for name, value in operation.integration.items() if name in _DOCUMENT}
            given["IntegrationType"] = str(given.get("IntegrationType", "")).upper()
            made = integration(draft, new_id(draft.integrations, 7), given)
            draft.integrations[made.id] = made
            target = f"integrations/{made.id}"
        key = DEFAULT if operation.path.strip("/") == DEFAULT else f"{operation.http_method} {operation.path}"
        found = route(draft, known.get(key) or new_id(draft.routes, 7), {
            "RouteKey": key, "Target": target, "AuthorizationType": operation.authorization,
            "AuthorizerId": by_name.get(operation.authorizer), "AuthorizationScopes": list(operation.scopes) or None,
            "OperationName": operation.definition.get("operationId")})
        draft.routes[found.id] = found
    info = document.get("info") or {}
    api.name = str(info.get("title") or api.name)
    for name in ("description", "version"):
        if info.get(name):
            api.members[name.capitalize()] = str(info[name])
    api.cors = cors(openapi.extension(document, "cors") or {})
    api.routes, api.integrations, api.authorizers = draft.routes, draft.integrations, draft.authorizers
    for tag in document.get("tags") or ():
        if "x-amazon-apigateway-tag-value" in tag:
            api.tags[str(tag["name"])] = str(tag["x-amazon-apigateway-tag-value"])


def _authorizers(api: HttpApi, draft: HttpApi, document: Mapping[str, Any]) -> None:
    known = {one.name: one.id for one in api.authorizers.values()}
    for name, scheme in openapi.schemes(document).items():
        given = openapi.authorizer(scheme)
        if not given:
            continue
        jwt = given.get("jwtConfiguration") or {}
        source = given.get("identitySource") or ""
        made = authorizer(draft, known.get(name) or new_id(draft.authorizers, 6), {
            "Name": name, "AuthorizerType": str(given.get("type", "")).upper(),
            "AuthorizerUri": given.get("authorizerUri"), "AuthorizerCredentialsArn": given.get("authorizerCredentials"),
            "IdentitySource": source if isinstance(source, list) else [one for one in source.split(",") if one],
            "AuthorizerPayloadFormatVersion": _text(given.get("authorizerPayloadFormatVersion")),
            "EnableSimpleResponses": given.get("enableSimpleResponses"),
            "AuthorizerResultTtlInSeconds": given.get("authorizerResultTtlInSeconds"),
            "JwtConfiguration": {"Issuer": jwt.get("issuer"), "Audience": jwt.get("audience")} if jwt else None})
        draft.authorizers[made.id] = made


def _text(value: Any) -> str | None:
    """A version that YAML may have read as a number."""
    return None if value is None else str(value)
