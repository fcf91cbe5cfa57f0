"""Repositories at git hosts (GitHub, GitLab, Bitbucket), stood in for by bare repositories on this machine.

No host is reached from a rehearsal. What a person would push to `https://github.com/owner/name` they push to
`ENDPOINT/v1/hosts/github.com/owner/name`, with CodeCommit's credential helper and the keys of any account; the first
push makes the repository. Whoever listens to the host is told of each reference that moved, as a webhook would.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock.local.engine import AwsError, Engine, HttpRequest, HttpResponse
from crossdock.local.identity import Kind
from crossdock.local.repositories import git
from crossdock.local.repositories.state import Hosts, Remote
from crossdock.local.repositories.wire import PLAIN, asked_for, backend, inflated, pushed_references, refuse

if TYPE_CHECKING:
    from crossdock.local.world import World

_PATH = re.compile(r"/(?P<host>[a-z0-9][a-z0-9.-]*)/(?P<name>[\w.-]+(?:/[\w.-]+)+)/"
                   r"(?P<rest>info/refs|git-upload-pack|git-receive-pack)")
LISTENERS = ("codepipeline", "codebuild")
"""Engines that are told of pushes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One reference of a remote moved. `reference` is its full name; `before` and `after` are empty for a reference
    that was made or deleted; `files` are those that differ."""

    host: str
    name: str
    reference: str
    before: str
    after: str
    message: str = ""
    files: tuple[str, ...] = ()


class Remotes(Engine):
    """The part of the connections' engine that keeps repositories and speaks git."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state = Hosts()
        self._lock = threading.RLock()

    def remote(self, host: str, name: str) -> Path | None:
        """The bare repository that stands in for one at a host; None when nobody pushed there."""
        return self._directory(self.state.remotes[f"{host}/{name}"]) if f"{host}/{name}" in self.state.remotes else None

    def address(self, host: str, name: str) -> str:
        """Where to push to."""
        return f"{self.world.endpoint}/v1/hosts/{host}/{name}"

    def lacking(self, host: str, name: str, what: str = "") -> str:
        """What to do about a repository (or something in it) that is not there, as a sentence."""
        return (f"the local AWS does not emulate {host}: push {what or 'the repository'} to "
                f"{self.address(host, name)}, which stands in for https://{host}/{name}")

    def http(self, request: HttpRequest) -> HttpResponse:
        """Git's smart HTTP protocol. A host has no IAM: whoever has a key of the local AWS may read and push."""
        if request.caller.kind is Kind.ANONYMOUS:
            return HttpResponse(status=401, headers=PLAIN | {"www-authenticate": 'Basic realm="codecommit"'})
        found = _PATH.fullmatch(request.path)
        service = asked_for(request, found["rest"]) if found else ""
        name = found["name"].removesuffix(".git") if found else ""
        if found is None or not service or any(part.startswith(".") or not part for part in name.split("/")):
            return refuse(404, f"{request.method} {request.path} is not git's smart HTTP protocol")
        try:
            body = inflated(request)
            if service == "git-upload-pack":
                directory = self.remote(found["host"], name)
                if directory is None:
                    return refuse(404, self.lacking(found["host"], name))
                return backend(directory, request, found["rest"], body)
            return self._receive(request, self._made(found["host"], name), found["rest"], body)
        except AwsError as error:
            return refuse(error.status, error.message)

    def _made(self, host: str, name: str) -> Remote:
        with self._lock:
            key = f"{host}/{name}"
            if key not in self.state.remotes:
                remote = Remote(host=host, name=name)
                if not self._directory(remote).exists():
                    git.create(self._directory(remote))
                self.state.remotes[key] = remote
            return self.state.remotes[key]

    def _receive(self, request: HttpRequest, remote: Remote, rest: str, body: bytes) -> HttpResponse:
        directory = self._directory(remote)
        if rest != "git-receive-pack":
            return backend(directory, request, rest, body)
        pushed_references(body)
        with self._lock:
            before = git.references(directory)
            response = backend(directory, request, rest, body)
            after = git.references(directory)
            first = next((name for name in after if name.startswith("refs/heads/")), "")
            if first and not remote.default_branch:
                remote.default_branch = first.removeprefix("refs/heads/")
                git.run(directory, "symbolic-ref", "HEAD", first)
            pushes = [_push(remote, directory, name, before, after) for name in {**before, **after}
                      if before.get(name) != after.get(name)]
        self.keep(("remotes", f"{remote.host}/{remote.name}"))
        for push in pushes:
            self.told(push)
        return response

    def told(self, push: Push) -> None:
        """Tell those who listen."""
        for service in LISTENERS:
            try:
                engine: Any = self.world.engine(service)
            except KeyError:
                continue
            engine.pushed(push)

    def _directory(self, remote: Remote) -> Path:
        return self.world.root / "hosts" / remote.host / f"{remote.name}.git"


def _push(
    remote: Remote, directory: Path, reference: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Push:
    old, new = before.get(reference, ""), after.get(reference, "")
    tip = git.tip(directory, new) if new else None
    return Push(host=remote.host, name=remote.name, reference=reference, before=old, after=new,
                message=tip.message if tip else "", files=git.changed_files(directory, old, new) if new else ())
