"""A build's log: lines as CodeBuild writes them, secrets masked, sent on in batches."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

PAUSE, BATCH = 0.3, 500
"""Lines are sent at least every so many seconds while something happens, and when so many wait."""
LONGEST = 200_000
"""Characters of a line that are kept; CloudWatch Logs takes 256 KB an event."""


class BuildLog:
    """Collects lines. `send` takes a batch and may raise AwsError; None: the build's log goes nowhere but to S3."""

    def __init__(self, send: Callable[[Sequence[str]], None] | None) -> None:
        self._send = send
        self._waiting: list[str] = []
        self._all: list[str] = []
        self._secrets: list[str] = []
        self._sent = time.monotonic()

    def mask(self, values: Iterable[str]) -> None:
        """Draw these values as `***` from now on, each line of a longer one; not those of one or two letters."""
        parts = {part for value in values for part in (value, *value.splitlines()) if len(part) > 2}
        self._secrets = sorted({*self._secrets, *parts}, key=len, reverse=True)

    def say(self, text: str) -> None:
        """A line of CodeBuild's own: `[Container] 2026/01/31 10:00:00.123456 Entering phase BUILD`."""
        first, *others = text.split("\n")
        self.line(f"[Container] {datetime.now(UTC):%Y/%m/%d %H:%M:%S.%f} {first}")
        for other in others:
            self.line(other)

    def line(self, text: str) -> None:
        """A line of a command's output."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        self._waiting.append(text[:LONGEST])
        if len(self._waiting) >= BATCH:
            self.flush()

    def idle(self) -> None:
        """Send what has waited long enough."""
        if self._waiting and time.monotonic() - self._sent >= PAUSE:
            self.flush()

    def flush(self) -> None:
        """Send what waits. Raises AwsError."""
        lines, self._waiting, self._sent = self._waiting, [], time.monotonic()
        self._all += lines
        if lines and self._send is not None:
            # An event of CloudWatch Logs is never empty.
            self._send([line or " " for line in lines])

    def packed(self) -> bytes:
        """The whole log, gzipped, as the S3 log has it."""
        return gzip.compress("".join(f"{line}\n" for line in [*self._all, *self._waiting]).encode())
