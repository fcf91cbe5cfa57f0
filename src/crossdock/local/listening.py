"""The server on loopback: waitress, with two things mended that AWS's SDKs meet: no body after `Expect: 100-continue`,
and names of user metadata, which S3 answers in lower case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.task import WSGITask

_LARGEST_BODY = 5 * 1024**3
"""S3's for one request (S3 User Guide, upload-objects)."""


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    def parse_header(self, header_plus: bytes) -> None:
        """A client that asks to go on before it sends nothing (AWS's SDKs, for PutObject of no bytes) has sent its
        whole request: waitress would say so, and then wait for it."""
        super().parse_header(header_plus)
        if self.content_length == 0 and not self.chunked:
            self.expect_continue = False


class _Task(WSGITask):  # type: ignore[misc]
    def build_response_header(self) -> bytes:
        """waitress capitalises every word of a header's name (S3 User Guide, UsingMetadata: keys are lower-case)."""
        text: bytes = super().build_response_header()
        return re.sub(rb"(?mi)^x-amz-meta-[^:\r\n]*", lambda found: found[0].lower(), text)


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _Parser
    task_class = _Task


def listen(application: Callable[[dict[str, Any], Any], Iterable[bytes]], port: int, *, threads: int = 32) -> Any:
    """A server on 127.0.0.1, not yet running; port 0 means any. Raises OSError when somebody else listens there."""
    server = create_server(application, host="127.0.0.1", port=port, threads=threads, ident=None, channel_timeout=900,
                           max_request_body_size=_LARGEST_BODY)
    server.channel_class = _Channel
    return server
