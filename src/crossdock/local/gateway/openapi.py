"""OpenAPI 2 and 3 documents as API Gateway reads them (API Gateway Developer Guide, "OpenAPI extensions")."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway.errors import bad_request
from crossdock.local.gateway.state import ANY

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_X = "x-amazon-apigateway-"
_REFUSED = {
    f"{_X}policy": "resource policies of API Gateway",
    f"{_X}gateway-responses": "gateway responses of API Gateway",
    f"{_X}request-validator": "request validators of API Gateway",
    f"{_X}request-validators": "request validators of API Gateway",
    f"{_X}auth": "x-amazon-apigateway-auth",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path. `integration` is None where the document has none; `key_required`: of an API key."""

    path: str
    http_method: str
    authorization: str
    key_required: bool
    integration: Mapping[str, Any] | None
    definition: Mapping[str, Any]


def read(body: bytes | str) -> Mapping[str, Any]:
    """The document, JSON or YAML. Raises AwsError for what is no OpenAPI 2 or 3, or asks for what is not emulated."""
    try:
        text = body.decode() if isinstance(body, bytes) else body
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise bad_request(f"Failed to parse the uploaded OpenAPI document due to: {error}") from error
    if not isinstance(document, dict) or not (
        str(document.get("swagger", "")).startswith("2") or str(document.get("openapi", "")).startswith("3.")
    ):
        raise bad_request("Invalid OpenAPI input.")
    _refuse(document)
    return document


def extension(document: Mapping[str, Any], name: str) -> Any:
    """The value of `x-amazon-apigateway-<name>`, or None."""
    return document.get(_X + name)


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """All methods of a document, path by path. An HTTP API's `$default` is a path too."""
    for path, item in (document.get("paths") or {}).items():
        for name, given in (item or {}).items():
            if name not in METHODS and name != f"{_X}any-method":
                continue
            definition: Mapping[str, Any] = given or {}
            _refuse(definition)
            authorization, key = _security(document, definition)
            yield Operation(
                path=str(path), http_method=ANY if name.startswith(_X) else name.upper(), authorization=authorization,
                key_required=key, integration=_integration(document, definition), definition=definition,
            )


def _refuse(part: Mapping[str, Any]) -> None:
    for name, what in _REFUSED.items():
        if part.get(name):
            raise NotEmulated(what)


def _integration(document: Mapping[str, Any], definition: Mapping[str, Any]) -> Mapping[str, Any] | None:
    given = definition.get(f"{_X}integration")
    if isinstance(given, dict) and "$ref" in given:
        name = str(given["$ref"]).rpartition("/")[2]
        given = (document.get("components") or {}).get(f"{_X}integrations", {}).get(name)
        if given is None:
            raise bad_request(f"Unable to resolve the reference to integration {name}")
    return given


def _security(document: Mapping[str, Any], definition: Mapping[str, Any]) -> tuple[str, bool]:
    """(authorization type, whether an API key is needed). SAM writes `NONE` for a method that opts out."""
    schemes = document.get("securityDefinitions") or (document.get("components") or {}).get("securitySchemes") or {}
    required = definition.get("security", document.get("security")) or []
    authorization, key = "NONE", False
    for name in (name for requirement in required for name in requirement):
        scheme = schemes.get(name)
        if scheme is None:
            if name != "NONE":
                raise bad_request(f"Security scheme {name} is used but not defined")
            continue
        kind = str(scheme.get(f"{_X}authtype", "")).lower()
        authorizer = scheme.get(f"{_X}authorizer") or {}
        match kind, str(authorizer.get("type", "")).lower():
            case "awssigv4", _:
                authorization = "AWS_IAM"
            case "cognito_user_pools", _:
                authorization = "COGNITO_USER_POOLS"
            case _, "jwt":
                authorization = "JWT"
            case _, found if found or kind:
                authorization = "CUSTOM"
            case _ if scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key":
                key = True
            case _:
                raise NotEmulated(f"the security scheme {name} of API Gateway")
    return authorization, key
