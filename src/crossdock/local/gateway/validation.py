"""Request validators: required parameters, and bodies that must fit a model.

API Gateway Developer Guide, "Request validation for REST APIs": a body is checked with the model of its media type;
without one for it, it isn't checked. Models are JSON schema of draft 4.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from crossdock.local.gateway.errors import bad_request
from crossdock.local.gateway.mapping import Seen
from crossdock.local.gateway.refusals import Refused
from crossdock.local.gateway.state import Method, Parts


def check_schema(schema: str) -> None:
    """Raise for a model that is no JSON schema."""
    if not schema.strip():
        return
    try:
        Draft4Validator.check_schema(json.loads(schema))
    except (ValueError, SchemaError) as error:
        reason = error.message if isinstance(error, SchemaError) else str(error)
        raise bad_request(f"Invalid model specified: Validation Result: warnings : [], errors : [{reason}]") from error


def check(method: Method, parts: Parts, seen: Seen) -> None:
    """Raises Refused for a request that the method's validator doesn't let through."""
    validator = parts.validators.get(str(method.members.get("requestValidatorId") or ""))
    if validator is None:
        return
    if validator.get("validateRequestParameters"):
        _parameters(method, seen)
    if validator.get("validateRequestBody"):
        _body(method, parts, seen)


def _parameters(method: Method, seen: Seen) -> None:
    missing = []
    for name, required in (method.members.get("requestParameters") or {}).items():
        _, _, place, key = str(name).split(".", 3)
        held: Mapping[str, Any] = {"querystring": seen.query, "path": seen.path,
                                   "header": seen.visit.headers}.get(place, {})
        if required and not held.get(key.lower() if place == "header" else key):
            missing.append(key)
    if missing:
        raise Refused("BAD_REQUEST_PARAMETERS", f"Missing required request parameters: [{', '.join(missing)}]")


def _body(method: Method, parts: Parts, seen: Seen) -> None:
    kind = (seen.header("content-type") or "application/json").partition(";")[0].strip()
    name = (method.members.get("requestModels") or {}).get(kind)
    model = parts.models.get(str(name)) if name else None
    if model is None or not str(model.get("schema") or "").strip():
        return
    try:
        body = json.loads(seen.body)
        valid = Draft4Validator(json.loads(model["schema"]), registry=_registry(parts)).is_valid(body)
    except ValueError:
        valid = False
    if not valid:
        raise Refused("BAD_REQUEST_BODY", "Invalid request body")


def _registry(parts: Parts) -> Any:
    """Models that refer to others do so by URLs that end in the other's name."""

    def found(uri: str) -> Resource[Any]:
        model = parts.models.get(uri.rpartition("/")[2])
        return DRAFT4.create_resource(json.loads(model["schema"]) if model else {})

    return Registry(retrieve=found)  # type: ignore[call-arg]
