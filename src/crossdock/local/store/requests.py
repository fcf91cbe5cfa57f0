"""Requests as moto's backends take them: what `moto.core.request.Request.from_primitives` makes, without werkzeug's
builder for tests, which takes longer than most calls."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    Request,
    environ_key_for_header,
    should_preserve_original_header_name,
)

_SAME: Mapping[str, Any] = {
    "SCRIPT_NAME": "", "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0),
    "wsgi.url_scheme": "https", "wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}  # fmt: skip


def made(method: str, host: str, raw_path: str, query: str, headers: Mapping[str, str], body: bytes) -> Request:
    """`raw_path` and `query` are percent-encoded; `headers` have names in lower case."""
    environ = {
        **_SAME, "REQUEST_METHOD": method, "PATH_INFO": _wsgi(unquote(raw_path)), "QUERY_STRING": _wsgi(query),
        "REQUEST_URI": raw_path, "RAW_URI": raw_path, "SERVER_NAME": host, "HTTP_HOST": host,
        "wsgi.input": io.BytesIO(body),
    }  # fmt: skip
    environ |= {environ_key_for_header(name): value for name, value in headers.items() if name != "transfer-encoding"}
    environ["CONTENT_LENGTH"] = str(len(body))
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = {
        environ_key_for_header(name): name for name in headers if should_preserve_original_header_name(name)
    }
    return Request(environ)


def _wsgi(text: str) -> str:
    """Text as WSGI carries it: its UTF-8 bytes as characters."""
    return text.encode().decode("latin-1")
