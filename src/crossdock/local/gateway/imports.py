"""ImportRestApi and PutRestApi: from an OpenAPI document to resources, methods and integrations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway import integrations, openapi, patches, tree
from crossdock.local.gateway.openapi import Operation
from crossdock.local.gateway.state import Method, RestApi

_INTEGRATION = ("uri", "httpMethod", "credentials", "requestTemplates", "requestParameters", "passthroughBehavior",
                "cacheNamespace", "cacheKeyParameters", "contentHandling", "timeoutInMillis", "connectionType",
                "connectionId", "tlsConfig", "responseTransferMode")
_PLACES = {"path": "path", "query": "querystring", "header": "header"}


def load(api: RestApi, document: Mapping[str, Any], params: Mapping[str, Any], *, merge: bool) -> None:
    """Bring an API to what the document says; without `merge` what it doesn't say goes. Raises before it changes."""
    made = [(operation, _method(operation)) for operation in openapi.operations(document)]
    options = {name: value[-1] if isinstance(value, list) else value  # the query string as it is, lists and all
               for name, value in (params.get("parameters") or {}).items()}
    if options.get("basepath", "ignore") != "ignore" and document.get("basePath", "/") != "/":
        raise NotEmulated(f"basepath={options['basepath']} of API Gateway's import")
    if kinds := options.get("endpointConfigurationTypes"):
        patches.endpoint({"types": [kinds]})
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
    for operation, method in made:
        tree.ensure(api, operation.path).methods[method.http_method] = method


def _clear(api: RestApi, paths: set[str]) -> None:
    """Take away what the document doesn't name; resources that stay keep their identifiers."""
    kept = {"/"} | {"/".join(path.split("/")[:n]) for path in paths for n in range(2, path.count("/") + 2)}
    for resource in list(api.resources.values()):
        resource.methods.clear()
        if resource.path not in kept and resource.id in api.resources:
            tree.remove(api, resource)


def _method(operation: Operation) -> Method:
    definition = operation.definition
    parameters = {
        f"method.request.{_PLACES[p['in']]}.{p['name']}": bool(p.get("required"))
        for p in definition.get("parameters") or () if p.get("in") in _PLACES
    }
    members: dict[str, Any] = {"requestParameters": parameters} if parameters else {}
    if definition.get("operationId"):
        members["operationName"] = str(definition["operationId"])
    return Method(
        http_method=operation.http_method, authorization=operation.authorization, key_required=operation.key_required,
        members=members, responses={str(code): _response(str(code), response or {})
                                    for code, response in (definition.get("responses") or {}).items()},
        integration=_integration(operation.integration) if operation.integration is not None else None,
    )


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

