"""Which service a request speaks to, and which operation it is: by signature scope, target header, path and form."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.core import utils
from moto.core.loaders import create_loader
from moto.core.model import OperationModel, ServiceModel
from moto.core.utils import get_service_model

from crossdock.local.door.wire import Wire
from crossdock.local.engine import AwsError, NotEmulated

SIGNING_NAMES: Mapping[str, tuple[str, ...]] = {
    "apigateway": ("apigateway", "apigatewayv2"),
    "monitoring": ("cloudwatch",),
    "states": ("stepfunctions",),
    "appconfig": ("appconfig", "appconfigdata"),
    "es": ("opensearch", "es"),
    "elasticloadbalancing": ("elbv2",),
    "elasticfilesystem": ("efs",),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "application-autoscaling": ("application-autoscaling",),
    "email": ("sesv2", "ses"),
}
"""Signature scope -> botocore service names, where they differ."""


utils.create_loader = functools.cache(create_loader)
"""One loader for all models: each new one looks through all of botocore's folders again, which takes longer than most
calls."""


@functools.cache
def model(service: str) -> ServiceModel:
    """botocore's model of a service. KeyError-free: an unknown name raises NotEmulated."""
    from botocore.exceptions import UnknownServiceError

    try:
        return get_service_model(service)
    except UnknownServiceError:
        raise NotEmulated(f"the service {service}") from None


def service_of(wire: Wire, scope: str) -> str:
    """botocore's name of the service that a request signed for `scope` speaks to."""
    candidates = SIGNING_NAMES.get(scope, (scope,))
    if len(candidates) == 1:
        return candidates[0]
    if scope == "apigateway":
        return "apigatewayv2" if wire.raw_path.startswith("/v2/") else "apigateway"
    for candidate in candidates:
        try:
            operation_of(wire, model(candidate))
        except AwsError:
            continue
        return candidate
    return candidates[0]


@dataclass(frozen=True, slots=True)
class Match:
    """The operation found, the path's parameters, and the protocol that the request is written in."""

    operation: OperationModel
    path: Mapping[str, str]
    protocol: str


def operation_of(wire: Wire, service: ServiceModel) -> Match:
    """The operation of a request. Raises AwsError UnknownOperation."""
    name, protocol = _named(wire, service)
    if name:
        if name not in service.operation_names:
            raise AwsError("UnknownOperationException" if protocol == "json" else "InvalidAction",
                           f"Could not find operation {name}", 400)
        return Match(service.operation_model(name), {}, protocol)
    for route in _routes(service.service_name):
        found = route.match(wire)
        if found is not None:
            return Match(service.operation_model(route.operation), found, str(service.protocol))
    raise AwsError("UnknownOperationException", f"Unable to determine operation of {wire.method} {wire.path}", 404)


def _named(wire: Wire, service: ServiceModel) -> tuple[str, str]:
    if wire.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return wire.raw_path.rpartition("/operation/")[2], "smithy-rpc-v2-cbor"
    target = wire.headers.get("x-amz-target")
    if target:
        return target.rpartition(".")[2], "json"
    if str(service.protocol) in ("query", "ec2") or "query" in service.metadata.get("protocols", ()):
        action = wire.argument("Action")
        if action is None and "x-www-form-urlencoded" in wire.headers.get("content-type", ""):
            action = parse_qs(wire.body.decode("utf-8", "replace")).get("Action", [None])[0]
        if action:
            return action, "ec2" if str(service.protocol) == "ec2" else "query"
    return "", ""


@dataclass(frozen=True, slots=True)
class _Route:
    """A REST operation: method, path pattern, what its query and headers must hold. The most demanding one wins."""

    operation: str
    method: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    literals: tuple[tuple[str, str], ...]
    query: tuple[str, ...]
    headers: tuple[str, ...]
    rank: tuple[int, int, int]

    def match(self, wire: Wire) -> Mapping[str, str] | None:
        if wire.method != self.method:
            return None
        found = self.pattern.fullmatch(wire.raw_path.rstrip("/") or "/")
        if found is None and not (found := self.pattern.fullmatch(wire.raw_path)):
            return None
        if self.literals or self.query:
            given = dict(reversed(wire.pairs))
            if any(k not in given or (v and given[k] != v) for k, v in self.literals):
                return None
            if any(k not in given for k in self.query):
                return None
        if any(name not in wire.headers for name in self.headers):
            return None
        return {name: unquote(value) for name, value in zip(self.names, found.groups(), strict=True)}


@functools.cache
def _routes(service: str) -> tuple[_Route, ...]:
    found = []
    for name in model(service).operation_names:
        operation = model(service).operation_model(name)
        uri, _, query = operation.http.get("requestUri", "/").partition("?")
        literals = tuple(
            (k, v) for k, _, v in (part.partition("=") for part in query.split("&") if part) if k != "x-id"
        )
        required_query, required_headers = _demands(operation)
        pattern, names, plain = _pattern(uri)
        demanded = len(literals) + len(required_query) + len(required_headers)
        found.append(_Route(
            operation=name, method=operation.http.get("method", "POST"), pattern=pattern, names=names,
            literals=literals, query=required_query, headers=required_headers, rank=(-plain, -demanded, len(uri)),
        ))
    return tuple(sorted(found, key=lambda r: (r.rank, r.operation)))


def _demands(operation: OperationModel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    shape = operation.input_shape
    query: list[str] = []
    headers: list[str] = []
    for name in getattr(shape, "required_members", ()) or ():
        serialization: Mapping[str, Any] = shape.members[name].serialization
        if serialization.get("location") == "querystring":
            query.append(str(serialization.get("name", name)))
        elif serialization.get("location") == "header":
            headers.append(str(serialization.get("name", name)).lower())
    return tuple(query), tuple(headers)


def _pattern(uri: str) -> tuple[re.Pattern[str], tuple[str, ...], int]:
    """A requestUri as a pattern, the names of its groups, and how many plain segments it has."""
    out, plain = "", 0
    names: list[str] = []
    for segment in re.split(r"(\{[^}]+\})", uri.rstrip("/") or "/"):
        if not segment.startswith("{"):
            out += re.escape(segment)
            plain += sum(1 for part in segment.split("/") if part)
        else:
            names.append(segment[1:-1].removesuffix("+"))
            out += "(.+)" if segment.endswith("+}") else "([^/]+)"
    return re.compile(out), tuple(names), plain
