"""Events as JSON lines, for programs that follow a run."""

from __future__ import annotations

import json
from types import TracebackType
from typing import IO, Self

from crossdock.model.codec import encode
from crossdock.model.events import Event


class Lines:
    """Writes one JSON document a line, as events come."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        self._stream.write(json.dumps(encode(event), ensure_ascii=False, default=str) + "\n")
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.flush()
