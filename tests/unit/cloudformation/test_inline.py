"""What stands beside functions that are written inline in a template."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from crossdock.local.cloudformation.inline import cfnresponse
from crossdock.local.cloudformation.resources.lambda_ import _zip_of


@pytest.fixture
def waiting() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Somebody who waits for an answer: their address, and what they got."""
    got: list[tuple[str, Any]] = []

    class Waits(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            got.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing to tell."""

    server = HTTPServer(("127.0.0.1", 0), Waits)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    server.server_close()


def test_the_answer_for_a_custom_resource_goes_where_it_is_waited_for(waiting: Any) -> None:
    address, got = waiting
    event = {"ResponseURL": f"{address}/here", "StackId": "s", "RequestId": "r", "LogicalResourceId": "L"}
    cfnresponse.send(event, SimpleNamespace(log_stream_name="stream"), cfnresponse.SUCCESS, {"a": 1})
    assert got == [("/here", {
        "Status": "SUCCESS", "Reason": "See the details in CloudWatch Log Stream: stream",
        "PhysicalResourceId": "stream",
        "StackId": "s", "RequestId": "r", "LogicalResourceId": "L", "NoEcho": False, "Data": {"a": 1}})]


@pytest.mark.parametrize(("runtime", "names"), [
    ("python3.12", ["index.py", "cfnresponse.py"]), ("nodejs22.x", ["index.js", "cfn-response.js"])])
def test_inline_code_has_that_module_beside_it(runtime: str, names: list[str]) -> None:
    with zipfile.ZipFile(io.BytesIO(_zip_of("source", runtime))) as archive:
        assert archive.namelist() == names
