"""A recording as data, kept as an asciicast v2 file (asciinema documentation, asciicast v2): a header, then
`[seconds, "o", text]` a line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # cursor, erase, colours (ECMA-48, control sequences)
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles, links
    r"|\x1b[ -/]*[0-~]"
)


@dataclass(frozen=True, slots=True)
class Output:
    """Text that the terminal received `at` seconds after the start."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One recorded session. `origin` is what was run and of what: `truth.origin` makes it."""

    width: int
    height: int
    outputs: tuple[Output, ...]
    title: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """From the start to the last output."""
        return self.outputs[-1].at if self.outputs else 0.0

    @property
    def text(self) -> str:
        """All that was written, without control sequences."""
        return _CONTROL.sub("", "".join(output.text for output in self.outputs)).replace("\r\n", "\n")


def dumps(cast: Cast) -> str:
    """The asciicast v2 document of a recording."""
    header = {
        "version": 2, "width": cast.width, "height": cast.height, "duration": round(cast.seconds, 3),
        "title": cast.title, "env": dict(cast.environment), "origin": dict(cast.origin),
    }
    lines = [header, *([round(output.at, 3), "o", output.text] for output in cast.outputs)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def loads(document: str) -> Cast:
    """Read an asciicast v2 document. ValueError when it is none."""
    first, *rest = document.split("\n")
    header = json.loads(first)
    if not isinstance(header, dict) or header.get("version") != 2:
        raise ValueError("not an asciicast of version 2")
    events = [json.loads(line) for line in rest if line.strip()]
    return Cast(
        width=header["width"], height=header["height"], title=header.get("title", ""),
        environment=header.get("env", {}), origin=header.get("origin", {}),
        outputs=tuple(Output(float(at), text) for at, kind, text in events if kind == "o"),
    )
