"""Git's smart HTTP protocol: `git http-backend` behind IAM."""

from __future__ import annotations

import gzip
import subprocess
import zlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs

from crossdock.local.engine import AwsError, HttpRequest, HttpResponse
from crossdock.local.identity import Kind
from crossdock.local.repositories import git
from crossdock.local.repositories.shelf import Shelf

_ACTIONS = {"git-upload-pack": "codecommit:GitPull", "git-receive-pack": "codecommit:GitPush"}
PLAIN = {"content-type": "text/plain; charset=utf-8"}


class Wire(Shelf):
    """`/<repository>/info/refs`, `/<repository>/git-upload-pack` and `/<repository>/git-receive-pack`."""

    def http(self, request: HttpRequest) -> HttpResponse:
        """Fetch from and push to a repository of the caller's account in the world's region.

        401 without credentials, 403 with IAM's words, 404 for what isn't there: git prints the text it is given.
        """
        if request.caller.kind is Kind.ANONYMOUS:
            return HttpResponse(status=401, headers=PLAIN | {"www-authenticate": 'Basic realm="codecommit"'})
        name, _, rest = request.path.lstrip("/").partition("/")
        service = asked_for(request, rest)
        if not service:
            return refuse(404, f"{request.method} {request.path} is not git's smart HTTP protocol")
        try:
            return self._exchange(request, name, rest, service)
        except AwsError as error:
            return refuse(403 if error.code.startswith("AccessDenied") else error.status, error.message)

    def _exchange(self, request: HttpRequest, name: str, rest: str, service: str) -> HttpResponse:
        caller, region = request.caller, self.world.region
        arn = f"arn:{self.world.partition}:codecommit:{region}:{caller.account}:{name}"
        body = inflated(request)
        pushed = pushed_references(body) if rest == "git-receive-pack" else ()
        # Advertising references has no reference to ask about; a push is asked about each one that it moves.
        contexts: list[Mapping[str, str | tuple[str, ...]]] = [{"codecommit:References": ref} for ref in pushed]
        for context in contexts or [{}]:
            self.world.authorize(
                caller, action=_ACTIONS[service], resource=arn, account=caller.account, region=region, context=context
            )
        repository = self.state.repositories.get(arn)
        if repository is None:
            return refuse(404, f"repository {name} does not exist in account {caller.account}, region {region}")
        directory = self.directory(repository)
        if rest != "git-receive-pack":
            return backend(directory, request, rest, body)
        with self.lock(arn):
            before = git.references(directory)
            response = backend(directory, request, rest, body)
            self.moved(repository, before, git.references(directory), caller)
        return response


def asked_for(request: HttpRequest, rest: str) -> str:
    """`git-upload-pack` or `git-receive-pack`: the service that a request below a repository's address is for; empty
    when it is not git's smart HTTP protocol."""
    service = parse_qs(request.query).get("service", [""])[0] if rest == "info/refs" else rest
    right = service in _ACTIONS and request.method == ("GET" if rest == "info/refs" else "POST")
    return service if right else ""


def refuse(status: int, message: str) -> HttpResponse:
    return HttpResponse(status=status, headers=PLAIN, body=f"{message}\n".encode())


def inflated(request: HttpRequest) -> bytes:
    """The request's body; git compresses long ones."""
    if request.headers.get("content-encoding") not in ("gzip", "x-gzip"):
        return request.body
    try:
        return gzip.decompress(request.body)
    except (OSError, EOFError, zlib.error) as error:
        raise AwsError("BadRequest", "the body is not gzip") from error


def pushed_references(body: bytes) -> tuple[str, ...]:
    """Full names of the references that a push moves, from the pkt-lines that precede its pack (gitprotocol-pack).

    Raises AwsError for a body that is no push: what cannot be read cannot be authorised.
    """
    names: list[str] = []
    at = 0
    while at + 4 <= len(body):
        try:
            size = int(body[at : at + 4], 16)
        except ValueError as error:
            raise AwsError("BadRequest", "malformed pkt-line") from error
        if size == 0:
            break
        if size < 4 or at + size > len(body):
            raise AwsError("BadRequest", "malformed pkt-line")
        line = body[at + 4 : at + size].split(b"\0", 1)[0].decode(errors="surrogateescape").rstrip("\n")
        at += size
        match line.split(" ", 2):
            case [old, new, name] if len(old) == len(new) == len(git.ZERO):
                names.append(name)
            case ["shallow", _]:
                pass
            case _:
                raise AwsError("BadRequest", "the local CodeCommit reads plain pushes, no signed ones")
    return tuple(names)


def backend(directory: Path, request: HttpRequest, rest: str, body: bytes) -> HttpResponse:
    """One CGI exchange of a request with `git http-backend` about a bare repository."""
    variables = {
        "GIT_PROJECT_ROOT": str(directory.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{directory.name}/{rest}",
        "QUERY_STRING": request.query,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_USER": request.caller.arn,
        "REMOTE_ADDR": "127.0.0.1",
    }
    if "git-protocol" in request.headers:
        variables["GIT_PROTOCOL"] = request.headers["git-protocol"]
    done = subprocess.run(
        ["git", "http-backend"], input=body, env=git.environment(variables), capture_output=True, check=False
    )
    head, separator, content = done.stdout.partition(b"\r\n\r\n")
    if not separator:
        why = done.stderr.decode(errors="replace").strip() or "git http-backend did not answer"
        raise AwsError("InternalFailure", why, 500)
    headers: dict[str, str] = {}
    for line in head.decode("latin-1").split("\r\n"):
        key, _, value = line.partition(":")
        headers[key.strip().lower()] = value.strip()
    status = int(headers.pop("status", "200").split()[0])
    return HttpResponse(status=status, headers=headers, body=content)
