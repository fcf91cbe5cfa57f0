"""The HTTP front on loopback: turns sockets into wires and routes what is no AWS API call to its engine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from crossdock.local.door import protocol
from crossdock.local.door.signature import read, verify, verify_git
from crossdock.local.door.wire import Answer, Wire
from crossdock.local.engine import AwsError, Engine, HttpRequest
from crossdock.local.identity import ANONYMOUS, Caller
from crossdock.local.server import LocalWorld

ROUTES: Mapping[str, str] = {"execute-api": "apigateway", "lambda-url": "lambda"}
"""First segment below `/_aws/` -> engine, where the names differ."""

GIT: Mapping[str, str] = {"/v1/repos": "codecommit", "/v1/hosts": "codestar-connections"}
"""Where git's repositories stand: CodeCommit's, and those that stand in for repositories at git hosts."""

_API_HOST = re.compile(r"(?P<api>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?(:\d+)?")


_URL_HOST = re.compile(r"(?P<id>[a-z0-9]+)\.lambda-url\.[a-z0-9-]+\.on\.aws(:\d+)?")


def application(world: LocalWorld) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """The WSGI application of one local AWS."""

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        wire = _wire(environ)
        answer = _route(world, wire)
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in ("connection", "content-length", "date")}
        length = answer.headers.get("Content-Length") or answer.headers.get("content-length")
        if wire.method != "HEAD" or length is None:
            length = str(len(answer.body))
        start_response(f"{answer.status} {_reason(answer.status)}", [*_clean(headers), ("Content-Length", length)])
        return [] if wire.method == "HEAD" else [answer.body]

    return serve


def _route(world: LocalWorld, wire: Wire) -> Answer:
    host = _API_HOST.fullmatch(wire.headers.get("host", ""))
    if host is not None:
        return _hand_over(world, "apigateway", wire, f"/{host['api']}{wire.raw_path}")
    if (url := _URL_HOST.fullmatch(wire.headers.get("host", ""))) is not None:
        return _hand_over(world, "lambda", wire, f"/{url['id']}{wire.raw_path}")
    for prefix, service in GIT.items():
        if wire.raw_path.startswith(f"{prefix}/"):
            return _git(world, wire, prefix, service)
    if wire.raw_path.startswith("/_aws/"):
        name, _, rest = wire.raw_path[len("/_aws/") :].partition("/")
        if name == "status":
            body = {"accounts": world.accounts, "region": world.region, "organization": world.organization}
            return Answer(headers={"Content-Type": "application/json"}, body=json.dumps(body).encode())
        return _hand_over(world, ROUTES.get(name, name), wire, f"/{rest}")
    return world.door.serve(wire)


def _hand_over(world: LocalWorld, service: str, wire: Wire, path: str) -> Answer:
    try:
        signed = read(wire)
        caller = verify(wire, signed, world.find_key) if signed is not None else ANONYMOUS
        engine = world.engine(service)
    except KeyError:
        return Answer(status=404, body=b"no such route\n")
    except AwsError as error:
        return protocol.error(error, service=service, protocol="rest-json", request_id="-")
    return _ask(engine, wire, path, caller)


def _git(world: LocalWorld, wire: Wire, prefix: str, service: str) -> Answer:
    try:
        caller = verify_git(wire, world.find_key, region=world.region) or ANONYMOUS
    except AwsError as error:
        return Answer(status=403, headers={"Content-Type": "text/plain"}, body=f"{error.message}\n".encode())
    return _ask(world.engine(service), wire, wire.raw_path[len(prefix) :], caller)


def _ask(engine: Engine, wire: Wire, path: str, caller: Caller) -> Answer:
    request = HttpRequest(method=wire.method, path=unquote(path), query=wire.query, headers=wire.headers,
                          body=wire.body, caller=caller)
    try:
        try:
            response = engine.http(request)
        finally:
            engine.keep(request)
    except AwsError as error:
        return Answer(status=error.status, headers={"Content-Type": "application/json"},
                      body=json.dumps({"message": error.message, "code": error.code}).encode())
    return Answer(status=response.status, headers=response.headers, body=response.body)


def _wire(environ: dict[str, Any]) -> Wire:
    raw = environ.get("REQUEST_URI") or environ["PATH_INFO"]
    if raw.startswith(("http://", "https://")):
        raw = "/" + raw.split("/", 3)[-1]
    path, _, query = raw.partition("?")
    headers = {
        name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return Wire(method=environ["REQUEST_METHOD"], raw_path=path, query=query, headers=headers,
                body=environ["wsgi.input"].read())


def _clean(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(str(k), str(v).replace("\r", " ").replace("\n", " ")) for k, v in headers.items()]


def _reason(status: int) -> str:
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"
