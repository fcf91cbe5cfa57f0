"""REST APIs and their parts as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.gateway.state import Deployment, Method, Resource, RestApi, Stage

_SETTINGS = {
    "logging/loglevel": "loggingLevel", "logging/dataTrace": "dataTraceEnabled", "metrics/enabled": "metricsEnabled",
    "throttling/burstLimit": "throttlingBurstLimit", "throttling/rateLimit": "throttlingRateLimit",
    "caching/ttlInSeconds": "cacheTtlInSeconds", "caching/dataEncrypted": "cacheDataEncrypted",
}


def api(found: RestApi) -> Mapping[str, Any]:
    return {
        "id": found.id, "name": found.name, "createdDate": found.created, "binaryMediaTypes": found.binary or None,
        "apiKeySource": "HEADER", "endpointConfiguration": {"types": ["EDGE"]}, "tags": found.tags,
        "disableExecuteApiEndpoint": found.disabled, "rootResourceId": found.root.id,
        "policy": found.parts.policy or None, **found.members,
    }


def resource(found: Resource, *, methods: bool) -> Mapping[str, Any]:
    """`methods`: whether methods are shown whole, or by name only (GetResources, embed)."""
    shown = {name: method(m) if methods else {} for name, m in found.methods.items()}
    return {
        "id": found.id, "path": found.path, "parentId": found.parent, "pathPart": found.part or None,
        "resourceMethods": shown or None,
    }


def method(found: Method) -> Mapping[str, Any]:
    return {
        "httpMethod": found.http_method, "authorizationType": found.authorization, "apiKeyRequired": found.key_required,
        "methodResponses": found.responses or None, "methodIntegration": found.integration, **found.members,
    }


def deployment(found: Deployment, *, summary: bool = False) -> Mapping[str, Any]:
    answer: dict[str, Any] = {"id": found.id, "description": found.description or None, "createdDate": found.created}
    if summary:
        answer["apiSummary"] = {
            r.path: {name: {"authorizationType": m.authorization, "apiKeyRequired": m.key_required}
                     for name, m in r.methods.items()}
            for r in found.resources.values() if r.methods
        }
    return answer


def stage(found: Stage) -> Mapping[str, Any]:
    settings = {
        key: {_SETTINGS[name]: _typed(value) for name, value in values.items() if name in _SETTINGS}
        for key, values in found.settings.items()
    }
    return {
        "stageName": found.name, "deploymentId": found.deployment, "variables": found.variables or None,
        "methodSettings": settings, "tags": found.tags or None, "createdDate": found.created,
        "lastUpdatedDate": found.updated, "cacheClusterEnabled": False, "tracingEnabled": False, **found.members,
        "cacheClusterStatus": "AVAILABLE" if found.members.get("cacheClusterEnabled") else "NOT_AVAILABLE",
    }


def _typed(value: str) -> Any:
    if value in ("true", "false"):
        return value == "true"
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
