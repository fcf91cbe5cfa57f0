"""A client that signs as botocore does and keeps the request instead of sending it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import botocore.session

from crossdock.local.door.wire import Wire
from crossdock.local.identity import Credentials


class Captured(Exception):
    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self.wire = wire


def signed(credentials: Credentials, service: str, operation: str, **params: Any) -> Wire:
    """The wire of one call, signed with these credentials."""
    session = botocore.session.Session()
    session.set_credentials(credentials.access_key, credentials.secret_key, credentials.token or None)
    client = session.create_client(service, region_name="us-east-1", endpoint_url="http://127.0.0.1:4")

    def capture(request: Any, **_: Any) -> None:
        raise Captured(wire_of(request))

    client.meta.events.register("before-send", capture)
    try:
        getattr(client, operation)(**params)
    except Captured as captured:
        return captured.wire
    raise AssertionError("no request was made")


def wire_of(request: Any) -> Wire:
    split = urlsplit(request.url)
    headers = {k.lower(): v.decode() if isinstance(v, bytes) else v for k, v in request.headers.items()}
    headers.setdefault("host", split.netloc)
    body = request.body.read() if hasattr(request.body, "read") else request.body
    return Wire(method=request.method, raw_path=split.path, query=split.query, headers=headers,
                body=body.encode() if isinstance(body, str) else body or b"")
