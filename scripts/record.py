"""Makes a true recording of a terminal session: an asciicast and an animated SVG drawn from it.

Usage: python scripts/record.py [--output docs/recording] COMMAND...   run it, keep OUTPUT.cast, draw OUTPUT.svg
       python scripts/record.py --draw                                 draw OUTPUT.svg again from OUTPUT.cast
       python scripts/record.py --check                                is OUTPUT.cast of what is committed?

Needs a terminal emulator that is in no lock: pip install pyte
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from recording import capture, cast, frames, svg, truth

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / ".venv" / "bin"

LIMIT = 300_000
"""Bytes of the SVG at most."""
STEPS = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between two frames: the first with which the SVG is small enough."""
LONGEST, LAST = 1.5, 6.0
"""Seconds that a screen stands at most, and that the last one stands."""


def main() -> int:
    arguments = _arguments()
    kept, drawn = arguments.output.with_suffix(".cast"), arguments.output.with_suffix(".svg")
    if arguments.check:
        return _check(kept)
    try:
        if arguments.draw:
            document = _draw(cast.loads(kept.read_text("utf-8")))
        else:
            made = _record(arguments)
            document = _draw(made)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(cast.dumps(made), encoding="utf-8")
    except (Refused, frames.NoEmulator) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    drawn.write_text(document, encoding="utf-8")
    print(f"{drawn.name}: {len(document.encode()) / 1000:.0f} KB", file=sys.stderr)
    return 0


class Refused(Exception):
    """No recording is kept of this."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "recording", help="path without suffix")
    parser.add_argument("--width", type=int, default=100, help="columns (100)")
    parser.add_argument("--height", type=int, default=30, help="rows (30)")
    parser.add_argument("--draw", action="store_true", help="draw the SVG again from the kept asciicast")
    parser.add_argument("--check", action="store_true", help="fail unless the kept asciicast is of what is committed")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="what to record")
    arguments = parser.parse_args()
    if bool(arguments.command) == (arguments.draw or arguments.check):
        parser.error("say either a COMMAND, --draw or --check")
    return arguments


def _record(arguments: argparse.Namespace) -> cast.Cast:
    if changed := truth.uncommitted(ROOT):
        raise Refused(f"commit {truth.EXAMPLE} first, a recording names the version that it shows: {changed[0]}")
    frames.emulator()
    line = shlex.join(arguments.command)
    status, outputs = capture.capture(
        arguments.command, width=arguments.width, height=arguments.height, cwd=ROOT,
        env=capture.environment(os.environ, PROGRAMS), watch=_echo,
    )
    made = cast.Cast(
        width=arguments.width, height=arguments.height, title=line, environment={"TERM": "xterm-256color"},
        outputs=(cast.Output(0.0, f"$ {line}\r\n"), *outputs),
        origin=truth.origin(ROOT, arguments.command, status),
    )
    if status != 0:
        raise Refused(f"{line} ended with {status}: nothing was kept")
    if told := truth.revealed(made, {"the home folder": Path.home(), "the checkout": ROOT}):
        raise Refused(f"the output shows {', '.join(told)}: nothing was kept")
    return made


def _draw(recorded: cast.Cast) -> str:
    for step in STEPS:
        film = frames.frames(recorded, step=step, longest=LONGEST, last=LAST)
        document = svg.draw(film, width=recorded.width, height=recorded.height, title=f"$ {recorded.title}")
        if len(document.encode()) <= LIMIT:
            return document
    raise Refused(f"the drawing is larger than {LIMIT} bytes even with a frame in {STEPS[-1]} seconds")


def _check(kept: Path) -> int:
    if not kept.exists():
        print(f"error: there is no {kept.name}", file=sys.stderr)
        return 1
    current = {"example": truth.example(ROOT), "crossdock": truth.version(ROOT)}
    found = truth.faults(cast.loads(kept.read_text("utf-8")), current)
    for fault in found:
        print(f"error: {kept.name}: {fault}", file=sys.stderr)
    if found:
        print("hint: record again: python scripts/record.py crossdock rehearse examples/hello", file=sys.stderr)
    return 1 if found else 0


def _echo(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
