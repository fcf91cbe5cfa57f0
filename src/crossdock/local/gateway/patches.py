"""Patch operations: how API Gateway's Update calls say what to change (API reference, "Patch operations")."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway import policies
from crossdock.local.gateway.errors import bad_request
from crossdock.local.gateway.state import RestApi, Stage

Operation = Mapping[str, Any]
_STAGE = ("description", "tracingEnabled", "documentationVersion")
_API = ("description", "version", "apiKeySource", "minimumCompressionSize")


def each(operations: Sequence[Operation], apply: Callable[[str, tuple[str, ...], str], bool]) -> None:
    """Apply one after the other: `apply(op, path segments, value)` says whether it knows the path."""
    for operation in operations:
        path = str(operation.get("path", ""))
        segments = tuple(part.replace("~1", "/").replace("~0", "~") for part in path.removeprefix("/").split("/"))
        if not apply(str(operation.get("op", "")), segments, str(operation.get("value", ""))):
            raise bad_request(f"Invalid patch path '{path}' specified for op '{operation.get('op')}'.")


def to_api(api: RestApi) -> Callable[[str, tuple[str, ...], str], bool]:
    """Paths of UpdateRestApi."""

    def apply(op: str, path: tuple[str, ...], value: str) -> bool:
        match path:
            case ("name",):
                api.name = value
            case ("disableExecuteApiEndpoint",):
                api.disabled = value == "true"
            case ("policy",):
                api.parts.policy = policies.settled(value, api)
            case ("minimumCompressionSize",):
                api.members.pop("minimumCompressionSize", None)
                if value:
                    api.members["minimumCompressionSize"] = int(value)
            case (name,) if name in _API:
                api.members[name] = value
            case ("endpointConfiguration", "vpcEndpointIds", *_):
                held = api.members.setdefault("endpointConfiguration", {"types": ["PRIVATE"]})
                ids = [id_ for id_ in held.get("vpcEndpointIds", ()) if id_ != value]
                held["vpcEndpointIds"] = [*ids, value] if op == "add" else ids
            case ("binaryMediaTypes", kind):
                api.binary[:] = [known for known in api.binary if known not in (kind, value)]
                if op != "remove":
                    api.binary.append(value if op == "replace" and value else kind)
            case ("endpointConfiguration", "types", *_):
                api.members["endpointConfiguration"] = {**api.members.get("endpointConfiguration", {}),
                                                        "types": [value]}
            case _:
                return False
        return True

    return apply


def to_stage(api: RestApi, stage: Stage) -> Callable[[str, tuple[str, ...], str], bool]:
    """Paths of UpdateStage."""

    def apply(op: str, path: tuple[str, ...], value: str) -> bool:
        match path:
            case ("deploymentId",):
                if value not in api.deployments:
                    raise bad_request("Invalid deployment identifier specified")
                stage.deployment = value
            case ("variables", name):
                stage.variables.pop(name, None)
                if op != "remove":
                    stage.variables[name] = value
            case ("accessLogSettings", *rest):
                log = stage.members.setdefault("accessLogSettings", {})
                if op == "remove" and not rest:
                    log.clear()
                elif rest:
                    log[rest[0]] = value
            case ("cacheClusterEnabled",):
                stage.members["cacheClusterEnabled"] = value == "true"
            case ("cacheClusterSize",):
                stage.members["cacheClusterSize"] = value
            case ("canarySettings", *_) | ("webAclArn",):
                raise NotEmulated(f"{path[0]} of API Gateway's stages")
            case (name,) if name in _STAGE:
                stage.members[name] = value == "true" if name == "tracingEnabled" else value
            case (resource, method, group, name):
                settings = stage.settings.setdefault(f"{resource}/{method}", {})
                settings.pop(f"{group}/{name}", None)
                if op != "remove":
                    settings[f"{group}/{name}"] = value
            case (resource, method) if op == "remove":
                stage.settings.pop(f"{resource}/{method}", None)
            case _:
                return False
        return True

    return apply


def to_members(
    held: dict[str, Any], *, texts: tuple[str, ...] = (), truths: tuple[str, ...] = (), numbers: tuple[str, ...] = (),
    lists: tuple[str, ...] = (),
) -> Callable[[str, tuple[str, ...], str], bool]:
    """Paths that are members by their names; `lists` take and give single values by `add` and `remove`."""

    def apply(op: str, path: tuple[str, ...], value: str) -> bool:
        match path:
            case (name,) if name in lists:
                kept = [one for one in held.get(name, ()) if one != value]
                held[name] = [*kept, value] if op == "add" else kept
            case (name,) if op == "remove" and name in (*texts, *numbers):
                held.pop(name, None)
            case (name,) if name in texts:
                held[name] = value
            case (name,) if name in truths:
                held[name] = value == "true"
            case (name,) if name in numbers:
                held[name] = int(value)
            case _:
                return False
        return True

    return apply


def throttle(held: dict[str, Any], op: str, path: Sequence[str], value: str) -> None:
    """Throttling by method within a usage plan's stage: `/apiStages/API:STAGE/throttle/PATH/METHOD/rateLimit`."""
    match list(path):
        case [] if op == "remove":
            held.clear()
        case [method] if op == "remove":
            held.pop(method, None)
        case [method, what]:
            held.setdefault(method, {})[what] = float(value) if what == "rateLimit" else int(value)
