"""OpenAPI 2 and 3 documents as API Gateway reads them (API Gateway Developer Guide, "OpenAPI extensions")."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway.errors import bad_request
from crossdock.local.gateway.state import ANY

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_X = "x-amazon-apigateway-"
_REFUSED = {f"{_X}auth": "x-amazon-apigateway-auth"}
_VARIABLE = re.compile(r"\$\{AWS::(AccountId|Partition|Region)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path. `integration` is None where the document has none; `key_required`: of an API key;
    `authorizer`: the security scheme's name where a function or user pools decide; `scopes` that it asks for."""

    path: str
    http_method: str
    authorization: str
    key_required: bool
    integration: Mapping[str, Any] | None
    definition: Mapping[str, Any]
    authorizer: str = ""
    scopes: tuple[str, ...] = ()


def read(body: bytes | str, *, account: str, region: str, partition: str = "aws") -> Mapping[str, Any]:
    """The document, JSON or YAML. Raises AwsError for what is no OpenAPI 2 or 3, or asks for what is not emulated.

    `${AWS::AccountId}`, `${AWS::Partition}` and `${AWS::Region}` are filled in (API Gateway Developer Guide, "AWS
    variables for OpenAPI import").
    """
    known = {"AccountId": account, "Partition": partition, "Region": region}
    try:
        text = body.decode() if isinstance(body, bytes) else body
        text = _VARIABLE.sub(lambda found: known[found[1]], text)
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
            if item.get("parameters"):
                definition = {**definition, "parameters": [*item["parameters"], *(definition.get("parameters") or ())]}
            authorization, key, authorizer, scopes = _security(document, definition)
            yield Operation(
                path=str(path), http_method=ANY if name.startswith(_X) else name.upper(), authorization=authorization,
                key_required=key, integration=_integration(document, definition), definition=definition,
                authorizer=authorizer, scopes=scopes,
            )


def schemes(document: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Security schemes by name."""
    found = document.get("securityDefinitions") or (document.get("components") or {}).get("securitySchemes") or {}
    return {str(name): scheme or {} for name, scheme in found.items()}


def authorizer(scheme: Mapping[str, Any]) -> Mapping[str, Any]:
    """The authorizer that a security scheme describes; empty for none."""
    return scheme.get(f"{_X}authorizer") or {}


def models(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Schemas by name."""
    return document.get("definitions") or (document.get("components") or {}).get("schemas") or {}


def resolved(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part, or what it refers to by `$ref` within the document."""
    reference = part.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return part
    found: Any = document
    for name in reference.removeprefix("#/").split("/"):
        found = found.get(name.replace("~1", "/"), {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


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


def _security(document: Mapping[str, Any], definition: Mapping[str, Any]) -> tuple[str, bool, str, tuple[str, ...]]:
    """(authorization type, whether an API key is needed, its scheme, scopes). SAM writes `NONE` for a method that opts
    out."""
    known = schemes(document)
    required = definition.get("security", document.get("security")) or []
    authorization, key, by, scopes = "NONE", False, "", tuple[str, ...]()
    for name, wanted in ((name, wanted) for requirement in required for name, wanted in requirement.items()):
        scheme = known.get(name)
        if scheme is None:
            if name != "NONE":
                raise bad_request(f"Security scheme {name} is used but not defined")
            continue
        kind = str(scheme.get(f"{_X}authtype", "")).lower()
        match kind, str(authorizer(scheme).get("type", "")).lower():
            case "awssigv4", _:
                authorization = "AWS_IAM"
            case _, "cognito_user_pools":
                authorization, by, scopes = "COGNITO_USER_POOLS", name, tuple(map(str, wanted or ()))
            case _, "jwt":
                authorization, by, scopes = "JWT", name, tuple(map(str, wanted or ()))
            case _, found if found or kind:
                authorization, by = "CUSTOM", name
            case _ if scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key":
                key = True
            case _:
                raise NotEmulated(f"the security scheme {name} of API Gateway")
    return authorization, key, by, scopes
