"""Did a body arrive as it was sent (S3 API, PutObject, Content-MD5)?"""

from __future__ import annotations

import base64
import hashlib

from crossdock.local.door.wire import Wire
from crossdock.local.engine import AwsError


def intact(wire: Wire) -> None:
    """Raises AwsError BadDigest where the sender's MD5 is of something else."""
    said = wire.headers.get("content-md5")
    chunked = wire.headers.get("x-amz-content-sha256", "").startswith("STREAMING-")  # then of what the chunks hold
    if not said or chunked:
        return
    if base64.b64encode(hashlib.md5(wire.body, usedforsecurity=False).digest()).decode() != said:
        raise AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.")
