"""S3 server access logs: every access to a bucket with logging on ends as a line in an object of its target bucket.

S3 User Guide, "Logging requests with server access logging" and "Amazon S3 server access log format". Delivery is done
by the service principal logging.s3.amazonaws.com, which the target's bucket policy must allow; what it may not write is
lost, as on AWS, and stands in the door's log.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.local.door.wire import Answer, Wire
from crossdock.local.identity import Caller, Kind, service_principal
from crossdock.local.store import Store

SECONDS = 2.0
"""How long lines are gathered before they are delivered (AWS: best effort, within hours)."""


class S3AccessLogs:
    """Gathers lines per source bucket and delivers them on a thread of its own."""

    def __init__(self, store: Store, *, region: str) -> None:
        self.store, self.region = store, region
        self.deliver: Callable[[Wire, Caller], Answer] | None = None
        self._lines: dict[str, list[str]] = defaultdict(list)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="s3-access-logs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def note(
        self, caller: Caller, wire: Wire, params: Mapping[str, Any], *, request_id: str, status: int, code: str = "",
        sent: int = 0,
    ) -> None:
        """One access, in AWS's format."""
        bucket = str(params.get("Bucket", ""))
        if not bucket or self.store.objects.logging(bucket) is None:
            return
        owner = hashlib.sha256(self.store.objects.owner(bucket).encode()).hexdigest()
        resource = "OBJECT" if params.get("Key") else "BUCKET"
        requester = "-" if caller.kind is Kind.ANONYMOUS else caller.arn
        uri = f"{wire.method} {wire.raw_path}{'?' + wire.query.partition('X-Amz-')[0] if wire.query else ''} HTTP/1.1"
        line = (
            f"{owner} {bucket} [{datetime.now(UTC):%d/%b/%Y:%H:%M:%S +0000}] 127.0.0.1 {requester} "
            f"{request_id.replace('-', '')[:16].upper()} REST.{wire.method}.{resource} {params.get('Key', '-')} "
            f'"{uri}" {status} {code or "-"} {sent or "-"} - - - "-" '
            f'"{wire.headers.get("user-agent", "-")}" {params.get("VersionId", "-")} - SigV4 - AuthHeader '
            f"{wire.headers.get('host', '-')} - - -"
        )
        with self._lock:
            self._lines[bucket].append(line)

    def _run(self) -> None:
        while not self._stop.wait(SECONDS):
            self.flush()
        self.flush()

    def flush(self) -> None:
        """Deliver what was gathered."""
        with self._lock:
            gathered, self._lines = self._lines, defaultdict(list)
        for bucket, lines in gathered.items():
            target = self.store.objects.logging(bucket)
            if target is None or self.deliver is None:
                continue
            name = f"{target.prefix}{datetime.now(UTC):%Y-%m-%d-%H-%M-%S}-{secrets.token_hex(8).upper()}"
            wire = Wire(method="PUT", raw_path=f"/{target.bucket}/{name}", query="",
                        headers={"content-type": "text/plain"}, body=("\n".join(lines) + "\n").encode())
            self.deliver(wire, service_principal(
                "logging.s3.amazonaws.com", source_arn=f"arn:aws:s3:::{bucket}",
                source_account=self.store.objects.owner(bucket),
            ))
