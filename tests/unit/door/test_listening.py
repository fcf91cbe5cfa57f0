"""The server on loopback answers what AWS's SDKs send, whatever they wait for first."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from crossdock.local.listening import listen


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body))), ("x-amz-meta-one-two", "Three")])
    return [body]


@pytest.fixture
def port() -> Iterator[int]:
    server = listen(echo, 0, threads=1)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield int(server.effective_port)
    server.close()
    thread.join(5)


def ask(port: int, body: bytes) -> bytes:
    """All that comes back for a body that is sent once the server says to go on."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        wire.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
                     + f"Content-Length: {len(body)}\r\n\r\n".encode())
        if body:
            assert wire.recv(64).startswith(b"HTTP/1.1 100")
            wire.sendall(body)
        return b"".join(iter(lambda: wire.recv(4096), b""))


def test_a_body_is_asked_for_and_answered(port: int) -> None:
    assert ask(port, b"text").endswith(b"text")


def test_an_empty_body_is_answered_without_waiting_for_it(port: int) -> None:
    assert ask(port, b"").startswith(b"HTTP/1.1 200 OK")


def test_names_of_metadata_stay_in_lower_case(port: int) -> None:
    assert b"\r\nx-amz-meta-one-two: Three\r\n" in ask(port, b"text")
