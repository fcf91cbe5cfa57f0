"""Reading the door's log, for those who need nothing else of the door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read(path: Path, *, since: float = 0.0) -> Iterator[dict[str, Any]]:
    """The log's lines from a moment on (seconds since the epoch); a line still being written is left out."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                entry = json.loads(line)
                if entry["at"] >= since:
                    yield entry
