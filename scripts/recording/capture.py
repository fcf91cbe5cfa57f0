"""Run a command under a pseudo-terminal and note what it writes, and when."""

from __future__ import annotations

import codecs
import errno
import fcntl
import os
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from recording.cast import Output

_HIDDEN = ("CI", "NO_COLOR", "COLORTERM", "COLUMNS", "LINES", "PYTHONWARNINGS")
"""Variables that would make a program write otherwise than in a plain terminal."""


def environment(given: Mapping[str, str], programs: Path) -> dict[str, str]:
    """The environment of a recorded command; `programs` is a folder to look for commands in first."""
    kept = {name: value for name, value in given.items() if name not in _HIDDEN}
    return kept | {"TERM": "xterm-256color", "PATH": f"{programs}{os.pathsep}{given.get('PATH', os.defpath)}"}


def capture(
    command: Sequence[str], *, width: int, height: int, env: Mapping[str, str], cwd: Path,
    watch: Callable[[str], object] = lambda _: None,
) -> tuple[int, tuple[Output, ...]]:
    """Exit status and outputs of a command. `watch` is given each piece of text as it comes.

    An interrupt is passed on to the command, whose output is then recorded to its end.
    """
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=dict(env), cwd=cwd, start_new_session=True
    )
    os.close(theirs)
    began = time.monotonic()
    outputs: list[Output] = []
    pieces = _pieces(ours)
    try:
        while True:
            try:
                text = next(pieces, None)
            except KeyboardInterrupt:
                os.killpg(process.pid, signal.SIGINT)
                pieces = _pieces(ours)
                continue
            if text is None:
                break
            outputs.append(Output(time.monotonic() - began, text))
            watch(text)
        return process.wait(), tuple(outputs)
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
            process.wait()


def _pieces(descriptor: int) -> Iterator[str]:
    """What comes through the terminal, decoded, until nobody holds its other end."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        try:
            read = os.read(descriptor, 65536)
        except OSError as error:
            if error.errno != errno.EIO:  # Linux says so when the other end was closed
                raise
            return
        if not read:
            return
        if text := decoder.decode(read):
            yield text
