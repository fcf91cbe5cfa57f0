from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.unit.aws.fakes import Cloud

from crossdock.deploy.check import Answer, ask, check, judge
from crossdock.errors import CloudError
from crossdock.model.assembly import Check


class _Handler(BaseHTTPRequestHandler):
    seen = 0

    def do_GET(self) -> None:
        type(self).seen += 1
        status = {"/late": 200 if type(self).seen > 1 else 404, "/away": 302, "/broken": 502}.get(self.path, 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://example.org/")
        self.end_headers()
        self.wfile.write(b"hello world")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[str]:
    _Handler.seen = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Guarded(Cloud):
    def guard(self, url: str) -> None:
        if "127.0.0.1" not in url:
            raise CloudError(message=f"refused to follow {url}")


def test_the_right_answer_is_ok(endpoint: str) -> None:
    outcome = check(Guarded(), endpoint, Check(path="/hello", contains="world"))  # type: ignore[arg-type]
    assert (outcome.name, outcome.ok, outcome.detail) == ("GET /hello", True, "200 hello world")


def test_an_api_that_is_not_there_yet_is_asked_again(endpoint: str) -> None:
    pauses: list[float] = []
    assert check(Guarded(), endpoint, Check(path="/late"), sleep=pauses.append).ok  # type: ignore[arg-type]
    assert len(pauses) == 1


def test_a_failing_function_is_not_asked_again(endpoint: str) -> None:
    outcome = check(Guarded(), endpoint, Check(path="/broken"), sleep=lambda _: pytest.fail("asked again"))  # type: ignore[arg-type]
    assert outcome.detail == "expected 200, got 502 hello world"


def test_a_redirect_away_from_loopback_is_not_followed(endpoint: str) -> None:
    with pytest.raises(CloudError, match="refused to follow"):
        ask(Guarded(), endpoint + "/away")  # type: ignore[arg-type]


def test_nobody_answering_is_no_answer() -> None:
    pauses: list[float] = []
    outcome = check(Guarded(), "http://127.0.0.1:1", Check(path="/"), sleep=pauses.append)  # type: ignore[arg-type]
    assert not outcome.ok
    assert "no answer" in outcome.detail


def test_a_wanted_text_must_be_in_the_answer() -> None:
    outcome = judge("GET /", Check(path="/", contains="nonce"), Answer(status=200, body="hello"))
    assert outcome.detail == "expected 'nonce' in the answer, got 200 hello"
