"""A request is what moto itself would make of the same message."""

from __future__ import annotations

from typing import Any

import pytest
from moto.core.request import Request

from crossdock.local.store.requests import made

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8", "authorization": "AWS4-HMAC-SHA256 x"}


@pytest.mark.parametrize(("method", "path", "query", "headers", "body"), [
    ("POST", "/", "", FORM, b"Action=CreateTopic&Name=a%2Fb"),
    ("POST", "/", "", {"content-type": "application/x-amz-json-1.1", "x-amz-target": "A.B"}, b'{"Name": "\xc3\xa4"}'),
    ("PUT", "/bucket/a%20b%2Fc+d%C3%A4", "x-id=PutObject&tagging", {"x-amz-meta-my_key": "a", "etag": "b"}, b"\0\xff"),
    ("GET", "/bucket", "list-type=2&prefix=a%26b", {"range": "bytes=0-1"}, b""),
    ("DELETE", "/bucket/key", "", {"content-length": "0", "transfer-encoding": "chunked"}, b""),
])  # fmt: skip
def test_a_request_is_what_moto_makes(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> None:
    host = "s3.eu-west-1.amazonaws.com"
    theirs = Request.from_primitives(method, f"https://{host}{path}" + (f"?{query}" if query else ""),
                                     {**headers, "host": host}, body)
    ours = made(method, host, path, query, {**headers, "host": host}, body)
    assert seen(ours) == seen(theirs)


def seen(request: Request) -> dict[str, Any]:
    return {
        "method": request.method, "path": request.path, "query": request.query_string, "url": request.url,
        "data": request.get_data(cache=True), "form": dict(request.form), "args": dict(request.args),
        "headers": sorted((name, value) for name, value in request.headers.items() if name != "Content-Length"),
        "length": int(request.headers["Content-Length"]), "type": request.content_type,
    }  # fmt: skip
