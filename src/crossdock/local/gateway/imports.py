"""ImportRestApi and PutRestApi: from an OpenAPI document to resources, methods and integrations."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway import integrations, openapi, parts, policies, refusals, tree
from crossdock.local.gateway.errors import bad_request
from crossdock.local.gateway.openapi import Operation
from crossdock.local.gateway.state import Method, Parts, RestApi, new_id

_INTEGRATION = ("uri", "httpMethod", "credentials", "requestTemplates", "requestParameters", "passthroughBehavior",
                "cacheNamespace", "cacheKeyParameters", "contentHandling", "timeoutInMillis", "connectionType",
                "connectionId", "tlsConfig", "responseTransferMode")
_PLACES = {"path": "path", "query": "querystring", "header": "header"}


def load(api: RestApi, document: Mapping[str, Any], params: Mapping[str, Any], *, merge: bool) -> None:
    """Bring an API to what the document says; without `merge` what it doesn't say goes. Raises before it changes."""
    held = copy.deepcopy(api.parts)
    if not merge:
        held = Parts(policy=held.policy)
    _parts(api, held, document)
    made = [(operation, _method(document, operation, held)) for operation in openapi.operations(document)]
    options = {name: value[-1] if isinstance(value, list) else value  # the query string as it is, lists and all
               for name, value in (params.get("parameters") or {}).items()}
    if options.get("basepath", "ignore") != "ignore" and document.get("basePath", "/") != "/":
        raise NotEmulated(f"basepath={options['basepath']} of API Gateway's import")
    if kinds := options.get("endpointConfigurationTypes"):
        api.members["endpointConfiguration"] = {"types": [kinds]}
    info = document.get("info") or {}
    api.name = str(info.get("title") or api.name)
    for name in ("description", "version"):
        if info.get(name):
            api.members[name] = str(info[name])
    if (binary := openapi.extension(document, "binary-media-types")) is not None:
        api.binary = [str(kind) for kind in binary]
    if size := openapi.extension(document, "minimum-compression-size"):
        api.members["minimumCompressionSize"] = int(size)
    if source := openapi.extension(document, "api-key-source"):
        api.members["apiKeySource"] = str(source)
    if not merge:
        _clear(api, {operation.path for operation, _ in made})
    api.parts = held
    for operation, method in made:
        tree.ensure(api, operation.path).methods[method.http_method] = method


def _parts(api: RestApi, held: Parts, document: Mapping[str, Any]) -> None:
    """Policy, gateway responses, models, validators, authorizers of a document. Raises AwsError."""
    if policy := openapi.extension(document, "policy"):
        held.policy = policies.settled(json.dumps(policy), api)
    for kind, given in (openapi.extension(document, "gateway-responses") or {}).items():
        if kind not in refusals.TYPES:
            raise bad_request(f"Invalid response type {kind}")
        held.responses[kind] = refusals.settled(kind, given or {})
    for name, schema in openapi.models(document).items():
        if str(name).isalnum():
            held.models[str(name)] = parts.model(str(name), {"schema": json.dumps(_rewritten(schema))}, new_id((), 6))
    for name, given in (openapi.extension(document, "request-validators") or {}).items():
        known = next((one for one in held.validators.values() if one.get("name") == name), None)
        id_ = str(known["id"]) if known else new_id(held.validators, 6)
        held.validators[id_] = {
            "id": id_, "name": str(name), "validateRequestBody": bool(given.get("validateRequestBody")),
            "validateRequestParameters": bool(given.get("validateRequestParameters"))}
    for name, scheme in openapi.schemes(document).items():
        given = dict(openapi.authorizer(scheme))
        if not given:
            continue
        kind = str(given.get("type", "")).upper()
        given |= {"name": name, "type": kind}
        if kind == "TOKEN":
            given["identitySource"] = f"method.request.header.{scheme.get('name', 'Authorization')}"
        elif kind == "COGNITO_USER_POOLS":
            given.setdefault("identitySource", f"method.request.header.{scheme.get('name', 'Authorization')}")
        known_ = next((one for one in held.authorizers.values() if one.name == name), None)
        made = parts.authorizer(known_.id if known_ else new_id(held.authorizers, 6), given)
        held.authorizers[made.id] = made


def _rewritten(schema: Any) -> Any:
    """References among a document's schemas, as models refer to each other: by name at the end."""
    match schema:
        case dict():
            return {key: _rewritten(value) for key, value in schema.items() if key not in ("example", "xml")}
        case list():
            return [_rewritten(value) for value in schema]
        case str() if schema.startswith(("#/definitions/", "#/components/schemas/")):
            return f"https://apigateway.amazonaws.com/restapis/this/models/{schema.rpartition('/')[2]}"
        case _:
            return schema


def _clear(api: RestApi, paths: set[str]) -> None:
    """Take away what the document doesn't name; resources that stay keep their identifiers."""
    kept = {"/"} | {"/".join(path.split("/")[:n]) for path in paths for n in range(2, path.count("/") + 2)}
    for resource in list(api.resources.values()):
        resource.methods.clear()
        if resource.path not in kept and resource.id in api.resources:
            tree.remove(api, resource)


def _method(document: Mapping[str, Any], operation: Operation, held: Parts) -> Method:
    definition = operation.definition
    given = [openapi.resolved(document, parameter) for parameter in definition.get("parameters") or ()]
    parameters = {
        f"method.request.{_PLACES[p['in']]}.{p['name']}": bool(p.get("required"))
        for p in given if p.get("in") in _PLACES
    }
    members: dict[str, Any] = {"requestParameters": parameters} if parameters else {}
    if definition.get("operationId"):
        members["operationName"] = str(definition["operationId"])
    if models := _request_models(document, definition, given):
        members["requestModels"] = models
    wanted = openapi.extension(definition, "request-validator") or openapi.extension(document, "request-validator")
    if wanted:
        found = next((one for one in held.validators.values() if one.get("name") == wanted), None)
        if found is None:
            raise bad_request(f"Invalid Request Validator identifier specified: {wanted}")
        members["requestValidatorId"] = found["id"]
    if operation.authorizer and operation.authorization in ("CUSTOM", "COGNITO_USER_POOLS"):
        by = next((one for one in held.authorizers.values() if one.name == operation.authorizer), None)
        if by is None:
            raise bad_request(f"Authorizer {operation.authorizer} is used but not defined")
        members["authorizerId"] = by.id
    if operation.scopes:
        members["authorizationScopes"] = list(operation.scopes)
    return Method(
        http_method=operation.http_method, authorization=operation.authorization, key_required=operation.key_required,
        members=members, responses={str(code): _response(str(code), openapi.resolved(document, response or {}))
                                    for code, response in (definition.get("responses") or {}).items()},
        integration=_integration(operation.integration) if operation.integration is not None else None,
    )


def _request_models(
    document: Mapping[str, Any], definition: Mapping[str, Any], parameters: list[Mapping[str, Any]]
) -> dict[str, str]:
    """Media type -> model of a request's body."""
    found: dict[str, str] = {}
    for parameter in parameters:
        reference = (parameter.get("schema") or {}).get("$ref")
        if parameter.get("in") == "body" and reference:
            for kind in definition.get("consumes") or document.get("consumes") or ("application/json",):
                found[str(kind)] = str(reference).rpartition("/")[2]
    body = openapi.resolved(document, definition.get("requestBody") or {})
    for kind, content in (body.get("content") or {}).items():
        if reference := ((content or {}).get("schema") or {}).get("$ref"):
            found[str(kind)] = str(reference).rpartition("/")[2]
    return found


def _response(code: str, response: Mapping[str, Any]) -> dict[str, Any]:
    headers = {f"method.response.header.{name}": False for name in response.get("headers") or {}}
    return {"statusCode": code, **({"responseParameters": headers} if headers else {})}


def _integration(given: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(given.get("type", "")).upper()
    made: dict[str, Any] = {"type": kind, **{name: given[name] for name in _INTEGRATION if given.get(name) is not None}}
    responses = {}
    for pattern, response in (given.get("responses") or {}).items():
        members = {name: value for name, value in response.items() if value is not None}
        members["statusCode"] = str(members.get("statusCode", "200"))
        if pattern != "default":
            members["selectionPattern"] = str(pattern)
        responses[members["statusCode"]] = members
    if responses:
        made["integrationResponses"] = responses
    integrations.check(made)
    return made
