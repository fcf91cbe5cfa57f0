"""The Lambda Runtime API that one execution environment speaks to, on a loopback port of its own.

Lambda Developer Guide, "Using the Lambda runtime API". One invocation at a time: `next` hands it out, `response` or
`error` ends it.
"""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


@dataclass(slots=True, kw_only=True)
class Invocation:
    """One event on its way through a function. `deadline` is in seconds since the epoch."""

    request_id: str
    event: bytes
    arn: str
    deadline: float
    client_context: str = ""
    payload: bytes = b""
    failed: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    def end(self, payload: bytes, *, failed: bool) -> None:
        self.payload, self.failed = payload, failed
        self.done.set()


class RuntimeApi:
    """Serves one environment. `ready` is set by its first `next`; `idle` whenever it waits for work."""

    def __init__(self) -> None:
        self.ready, self.idle = threading.Event(), threading.Event()
        self.init_error: Mapping[str, Any] | None = None
        self.current: Invocation | None = None
        self._queue: queue.Queue[Invocation | None] = queue.Queue()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 30}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def submit(self, invocation: Invocation) -> None:
        self.idle.clear()
        self.current = invocation
        self._queue.put(invocation)

    def take(self) -> Invocation | None:
        """The next invocation, for the runtime; None when this environment is being retired."""
        self.ready.set()
        self.idle.set()
        return self._queue.get()

    def close(self) -> None:
        """Stop serving. The server looks up only when somebody connects, so somebody does until it has seen the end."""
        self._queue.put(None)
        ender = threading.Thread(target=self._server.shutdown, daemon=True)
        ender.start()
        while ender.is_alive():
            with contextlib.suppress(OSError):
                socket.create_connection(cast(tuple[str, int], self._server.server_address), 1.0).close()
            ender.join(0.01)
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    api: RuntimeApi

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A runtime that was ended in the middle of a call is nothing to tell of; what else goes wrong here is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    @property
    def api(self) -> RuntimeApi:
        return cast(_Server, self.server).api

    def do_GET(self) -> None:
        if not self.path.endswith("/invocation/next"):
            self._answer(404)
            return
        invocation = self.api.take()
        if invocation is None:
            self.close_connection = True
            return
        self._answer(200, invocation.event, {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-00000000-{invocation.request_id.replace('-', '')[:24]};Sampled=0",
            **({"Lambda-Runtime-Client-Context": invocation.client_context} if invocation.client_context else {}),
        })

    def do_POST(self) -> None:
        body = self._body()
        if self.path.endswith("/init/error"):
            # Before the answer: the runtime ends once it has it.
            self.api.init_error = json.loads(body or b"{}")
            self.api.ready.set()
            self._answer(202)
            return
        current = self.api.current
        request_id, _, what = self.path.rpartition("/invocation/")[2].partition("/")
        if current is None or current.request_id != request_id:
            self._answer(400)
            return
        current.end(body, failed=what == "error")
        self._answer(202)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def log_message(self, *_: Any) -> None:
        """Nothing of the Runtime API is worth a line."""
