"""Aliases of a function: names for versions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import AwsError
from crossdock.local.functions.state import Alias, Function


def create(function: Function, params: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(params["Name"])
    if name in function.aliases:
        raise AwsError("ResourceConflictException", f"Alias already exists: {function.arn}:{name}", 409)
    _known(function, str(params["FunctionVersion"]))
    function.aliases[name] = Alias(
        name=name, version=str(params["FunctionVersion"]), description=str(params.get("Description", "")),
        routing=_routing(function, params), revision=str(uuid.uuid4()),
    )
    return get(function, name)


def update(function: Function, params: Mapping[str, Any]) -> Mapping[str, Any]:
    alias = _alias(function, str(params["Name"]))
    if params.get("FunctionVersion"):
        _known(function, str(params["FunctionVersion"]))
        alias.version = str(params["FunctionVersion"])
    if params.get("RoutingConfig") is not None:
        alias.routing = _routing(function, params)
    alias.description = str(params.get("Description", alias.description))
    alias.revision = str(uuid.uuid4())
    return get(function, alias.name)


def get(function: Function, name: str) -> Mapping[str, Any]:
    alias = _alias(function, name)
    return {
        "AliasArn": f"{function.arn}:{name}", "Name": name, "FunctionVersion": alias.version,
        "Description": alias.description, "RevisionId": alias.revision,
        **({"RoutingConfig": {"AdditionalVersionWeights": alias.routing}} if alias.routing else {}),
    }


def unused(function: Function, version: str) -> None:
    """Raise unless no alias points to this version."""
    for alias in function.aliases.values():
        if version in (alias.version, *alias.routing):
            raise AwsError("ResourceConflictException", f"Version {version} is used by alias {alias.name}", 409)


def _alias(function: Function, name: str) -> Alias:
    if name not in function.aliases:
        raise AwsError("ResourceNotFoundException", f"Cannot find alias arn: {function.arn}:{name}", 404)
    return function.aliases[name]


def _known(function: Function, version: str) -> None:
    if version not in function.versions:
        raise AwsError("ResourceNotFoundException", f"Function not found: {function.arn}:{version}", 404)


def choose(alias: Alias, chance: float) -> str:
    """The version that an invocation of an alias gets; `chance` is a random number from 0 to 1 (Lambda Developer Guide,
    "Implement Lambda canary deployments using a weighted alias")."""
    for version, weight in alias.routing.items():
        if chance < weight:
            return version
        chance -= weight
    return alias.version


def _routing(function: Function, params: Mapping[str, Any]) -> dict[str, float]:
    weights = (params.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    for version in weights:
        _known(function, str(version))
    return {str(version): float(weight) for version, weight in weights.items()}
