"""Integrations other than proxies of functions: AWS services, functions without proxy, addresses on this machine.

API Gateway API reference, PutIntegration (uri, credentials, requestParameters); Developer Guide, "Integration request
and response". A service is called through the door, as the integration's role.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from botocore.exceptions import BotoCoreError
from botocore.model import OperationNotFoundError

from crossdock.local.door.services import model
from crossdock.local.door.wire import Wire
from crossdock.local.engine import AwsError, HttpRequest, HttpResponse, NotEmulated
from crossdock.local.gateway import lambdas, mapping
from crossdock.local.gateway.errors import bad_request
from crossdock.local.gateway.mapping import Seen
from crossdock.local.world import World

_URI = re.compile(r"arn:[\w-]+:apigateway:(?P<region>[\w-]+):(?:(?P<host>[\w.-]+)\.)?(?P<service>[\w-]+):"
                  r"(?P<kind>path|action)/(?P<rest>.*)", re.DOTALL)
_SERVICES = {"states": "stepfunctions", "monitoring": "cloudwatch", "email": "ses", "elasticloadbalancing": "elbv2",
             "data": "iot-data", "events": "events"}
"""Names in integration URIs -> botocore's."""
_API = re.compile(r"(?P<api>[a-z0-9]{10})\.execute-api\.[\w-]+\.amazonaws\.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a backend said. `failed`: a function's error, whose message chooses the response."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    failed: bool = False

    @property
    def choosing(self) -> str:
        """What a selection pattern is matched with."""
        if not self.failed:
            return "" if self.status == 200 and self.headers.get("x-crossdock-function") else str(self.status)
        try:
            return str(json.loads(self.body).get("errorMessage") or "")
        except (ValueError, AttributeError):
            return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request to a backend: what mappings and templates made."""

    method: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


def check(uri: str) -> None:
    """Raise for a URI that no integration of type AWS can have."""
    if _URI.fullmatch(uri) is None and "${" not in uri:
        raise bad_request("Invalid ARN specified in the request")


def parameters(given: Mapping[str, str], seen: Seen, body: str) -> dict[str, dict[str, str]]:
    """Request parameters as mapped: place (header, querystring, path) -> name -> value."""
    made: dict[str, dict[str, str]] = {"header": {}, "querystring": {}, "path": {}}
    for target, expression in given.items():
        place, _, name = target.removeprefix("integration.request.").partition(".")
        value = mapping.value_of(str(expression), seen, body)
        if value is not None:
            made.setdefault(place.removeprefix("multivalue"), {})[name] = value
    return made


def service(world: World, target: lambdas.Target, uri: str, prepared: Prepared, caller: Any) -> Reply:
    """A call of an AWS service. `target` tells on whose behalf. Raises NotEmulated, AwsError."""
    found = _URI.fullmatch(uri)
    if found is None:
        raise bad_request("Invalid ARN specified in the request")
    name = _SERVICES.get(found["service"], found["service"])
    who = lambdas.principal(world, target, caller)
    wire = _wire(name, found, prepared)
    answer = world.serve(wire, caller=who, service=name, region=found["region"])
    return Reply(status=answer.status, headers={k.lower(): v for k, v in answer.headers.items()}, body=answer.body)


def _wire(name: str, uri: re.Match[str], prepared: Prepared) -> Wire:
    headers = {key.lower(): value for key, value in prepared.headers.items()}
    query, path, method = dict(prepared.query), f"/{uri['rest']}", prepared.method
    for variable, value in prepared.path.items():
        path = path.replace("{" + variable + "}", quote(value, safe="/" if name == "s3" else ""))
    if uri["kind"] == "action":
        operation, _, more = uri["rest"].partition("&")
        path, described = "/", model(name)
        prefix = described.metadata.get("targetPrefix")
        if prefix and described.protocol == "json":
            headers.setdefault("x-amz-target", f"{prefix}.{operation}")
            headers["content-type"] = f"application/x-amz-json-{described.metadata.get('jsonVersion', '1.0')}"
        elif described.protocol in ("query", "ec2") or "query" in described.metadata.get("protocols", ()):
            query = {"Action": operation, "Version": str(described.metadata["apiVersion"]), **query,
                     **dict(pair.partition("=")[::2] for pair in more.split("&") if pair)}
        else:
            method, path = _rest(name, operation)
    elif "?" in path:
        path, _, rest = path.partition("?")
        query = {**dict(pair.partition("=")[::2] for pair in rest.split("&") if pair), **query}
    if uri["host"] and name == "s3":
        path = f"/{uri['host']}{path}"
    if method in ("GET", "HEAD", "DELETE"):
        headers.pop("content-type", None)
    headers.setdefault("host", "door.invalid")
    return Wire(method=method, raw_path=path, query=urlencode(query), headers=headers,
                body=b"" if method in ("GET", "HEAD") else prepared.body)


def _rest(name: str, operation: str) -> tuple[str, str]:
    """Method and path of a REST operation called by its name."""
    try:
        http_ = model(name).operation_model(operation).http
    except (OperationNotFoundError, BotoCoreError) as error:
        raise bad_request(f"no operation {operation} of {name}") from error
    if "{" in http_["requestUri"]:
        raise NotEmulated(f"the action {operation} of {name} in an integration of API Gateway: use its path")
    return str(http_["method"]), str(http_["requestUri"])


def function(world: World, target: lambdas.Target, prepared: Prepared, caller: Any) -> Reply:
    """A function without proxy: what the templates made is its event. Raises AwsError, lambdas.TimedOut."""
    asynchronous = prepared.headers.get("X-Amz-Invocation-Type", "").strip("'") == "Event"
    try:
        json.loads(prepared.body or b"{}")
    except ValueError:
        raise AwsError("InvalidRequestContentException", "Could not parse request body into json", 400) from None
    if asynchronous:
        lambdas.later(world, target, prepared.body or b"{}", caller)
        return Reply(status=202, headers={"x-crossdock-function": "yes"}, body=b"")
    payload, failed = lambdas.invoke(world, target, prepared.body or b"{}", caller)
    return Reply(status=200, headers={"x-crossdock-function": "yes"}, body=payload, failed=failed)


def address(world: World, uri: str, prepared: Prepared, seconds: float) -> Reply:
    """An HTTP endpoint: an API here, or a server on this machine. All others are refused: a rehearsal calls nobody."""
    for variable, value in prepared.path.items():
        uri = re.sub(r"\{" + re.escape(variable) + r"\+?\}", quote(value, safe="/"), uri)
    where = urlsplit(uri)
    query = "&".join(part for part in (where.query, urlencode(prepared.query)) if part)
    if (api := _API.fullmatch(where.hostname or "")) is not None:
        from crossdock.local.identity import ANONYMOUS

        answer: HttpResponse = world.engine("apigateway").http(HttpRequest(
            method=prepared.method, path=f"/{api['api']}{where.path}", query=query, body=prepared.body,
            headers={key.lower(): value for key, value in prepared.headers.items()}, caller=ANONYMOUS))
        return Reply(status=answer.status, body=answer.body,
                     headers={key.lower(): value for key, value in answer.headers.items()})
    if where.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise NotEmulated(f"HTTP integrations with addresses beyond this machine ({where.hostname})")
    connection = http.client.HTTPConnection(where.hostname, where.port or 80, timeout=seconds)
    try:
        connection.request(prepared.method, f"{where.path or '/'}{'?' + query if query else ''}", prepared.body or None,
                           dict(prepared.headers))
        told = connection.getresponse()
        return Reply(status=told.status, body=told.read(),
                     headers={key.lower(): value for key, value in told.getheaders()})
    except TimeoutError:
        raise lambdas.TimedOut from None
    except OSError as error:
        raise AwsError("InternalServerErrorException", f"{uri}: {error}", 504) from error
    finally:
        connection.close()
