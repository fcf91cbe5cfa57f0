"""A world with no door but its own list of denials, and an HTTP server for real git."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crossdock.local.engine import AwsError, Call, HttpRequest
from crossdock.local.identity import ANONYMOUS, Caller, Kind
from crossdock.local.repositories import CodeCommit, CodeStarConnections

ACCOUNT = "111111111111"
ALICE = Caller(kind=Kind.USER, arn=f"arn:aws:iam::{ACCOUNT}:user/alice", account=ACCOUNT, user_name="alice")


class FakeWorld:
    """Enough of a world for one engine: it remembers events and questions, and denies what it is told to."""

    endpoint, region, partition = "http://127.0.0.1:1", "eu-west-1", "aws"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.events: list[Mapping[str, Any]] = []
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.denied: set[tuple[str, str]] = set()
        self.pushes: list[Any] = []

    def engine(self, service: str) -> Any:
        """Who is told of pushes to git hosts."""
        if service != "codepipeline":
            raise KeyError(service)
        return SimpleNamespace(pushed=self.pushes.append)

    def emit(self, **event: Any) -> None:
        self.events.append(event)

    def authorize(self, caller: Caller, *, action: str, resource: str, context: Any = None, **_: Any) -> None:
        self.asked.append((action, dict(context or {})))
        if (action, (context or {}).get("codecommit:References", "")) in self.denied:
            raise AwsError("AccessDeniedException", f"User: {caller.arn} is not authorized to perform: {action}")


class Codecommit:
    """Calls an engine's operations by their API names, and serves it to git."""

    def __init__(self, root: Path) -> None:
        self.world = FakeWorld(root)
        self.engine = CodeCommit(self.world)  # type: ignore[arg-type]
        self.hosts = CodeStarConnections(self.world)  # type: ignore[arg-type]
        self.work = root / "work"

    def __call__(self, operation: str, /, **params: Any) -> Mapping[str, Any]:
        return self.engine.handle(
            Call(
                service="codecommit", operation=operation, params=params, caller=ALICE, account=ACCOUNT,
                region="eu-west-1", request_id="1",
            )
        )

    def git(self, *args: str, ok: bool = True) -> str:
        """Run git as a user would, in the working copy; its output."""
        env = {
            "PATH": "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin", "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
            **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", "Alice"), ("EMAIL", "alice@example.com"))},
        }
        self.work.mkdir(exist_ok=True)
        done = subprocess.run(["git", *args], cwd=self.work, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) is ok, done.stderr
        return done.stdout.strip() if ok else done.stderr

    def url(self, name: str = "hello", user: str = "alice", below: str = "/v1/repos") -> str:
        scheme, _, host = self.world.endpoint.partition("://")
        return f"{scheme}://{user}:secret@{host}{below}/{name}"

    def commit(self, content: str = "one", path: str = "app.py") -> str:
        """A commit in the working copy; its id."""
        if not (self.work / ".git").exists():
            self.git("init", "-q", "-b", "develop")
        (self.work / path).write_text(content)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"say {content[:20]}")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def codecommit(tmp_path: Path) -> Iterator[Codecommit]:
    subject = Codecommit(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            path, _, query = self.path.partition("?")
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            else:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            engine = subject.hosts if path.startswith("/v1/hosts") else subject.engine
            response = engine.http(
                HttpRequest(
                    method=self.command, path=path.removeprefix("/v1/repos").removeprefix("/v1/hosts"), query=query,
                    headers={k.lower(): v for k, v in self.headers.items()}, body=body,
                    caller=ALICE if "Authorization" in self.headers else ANONYMOUS,
                )
            )
            self.send_response(response.status)
            for key, value in response.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    subject.world.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    yield subject
    server.shutdown()
    server.server_close()
    thread.join()
