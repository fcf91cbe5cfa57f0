"""The shell in which a build's commands run: one live process, so that cd, exports and functions survive.

The shell reads names of scripts from its standard input and sources each; the commands themselves see an empty
standard input. After each it writes a line with a random mark and the status, and keeps its exported variables and
directory on file. When a command ends the shell (`exit 3`, `kill $$`), the next one starts a new shell from these.
"""

from __future__ import annotations

import os
import secrets
import selectors
import shlex
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from crossdock.local.processes import Process

Start = Callable[[list[str], Mapping[str, str], Path], Process]

# `{ ...; } 2>/dev/null` keeps the driver silent under `set -x`; `|| :` keeps it alive under `set -e`.
_DRIVER = """\
exec 9<&0 </dev/null 8>&1
trap '{{ export -p >|{state}; pwd >|{where}; }} 2>/dev/null' EXIT
while {{ IFS= read -r crossdock_script <&9; }} 2>/dev/null
do
  . "$crossdock_script" 8>&- 9<&-
  {{ crossdock_status=$?; export -p >|{state} || :; pwd >|{where} || :
    printf '%s %s\\n' {mark} "$crossdock_status" >&8; }} 2>/dev/null
done
"""


class TimedOut(Exception):
    """The deadline passed; the shell and everything below it is dead."""


class Shell:
    """A shell for one build.

    start     starts a supervised process with standard input
    deadline  time.monotonic() at which running commands are ended
    line      is given each line of output, without its end
    idle      is called now and then while a command runs (to send collected lines on their way)
    """

    def __init__(
        self, *, program: str, start: Start, env: Mapping[str, str], cwd: Path, control: Path, deadline: float,
        line: Callable[[str], None], idle: Callable[[], None] = lambda: None, live: bool = True,
    ) -> None:
        self._program, self._start, self._env, self._cwd = program, start, dict(env), cwd
        self._control, self._deadline, self._line, self._idle, self._live = control, deadline, line, idle, live
        self._mark = secrets.token_hex(16).encode()
        self._process: Process | None = None
        self._resume = False
        self._killed = False
        self._count = 0
        self._buffer = b""
        control.mkdir(parents=True, exist_ok=True)

    def run(self, command: str) -> int:
        """Run one command of a buildspec; its exit status, 128 + N when signal N ended the shell."""
        self._count += 1
        script = self._control / f"{self._count}.sh"
        script.write_text(command + "\n", encoding="utf-8")
        if self._process is None:
            self._open()
        assert self._process is not None  # noqa: S101  just opened
        try:
            self._process.stdin.write(str(script).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, as the output's end will tell
        status = self._follow()
        if not self._live:
            self._resume = False
            self.close()
        return status

    def set(self, name: str, value: str) -> None:
        """Export a variable in this and any later shell."""
        self._env[name] = value
        if self._process is not None or self._resume:
            self.run(f"export {name}={shlex.quote(value)}")

    def get(self, name: str) -> str | None:
        """The value of a variable, None where it is not set."""
        return self._ask(f'if [ "${{{name}+set}}" ]; then printf %s "=${{{name}}}"; fi')

    def expand(self, text: str) -> str:
        """The text as the shell reads it between double quotes: `$NAME`, `$(date +%F)`."""
        if "$" not in text and "`" not in text:
            return text
        quoted = text.replace('"', '\\"')
        return self._ask(f'printf %s "={quoted}"') or ""

    def close(self) -> None:
        """End the shell and all that still runs below it."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def kill(self) -> None:
        """From another thread: end what runs now; later commands end at once."""
        self._killed = True
        process = self._process
        if process is not None:
            process.kill()

    def _ask(self, command: str) -> str | None:
        answer = self._control / "answer"
        answer.unlink(missing_ok=True)
        self.run(f"{{ {command}; }} >|{shlex.quote(str(answer))} 2>/dev/null || :")
        text = answer.read_text(encoding="utf-8", errors="replace") if answer.exists() else ""
        return text[1:] if text.startswith("=") else None

    def _open(self) -> None:
        state, where = self._control / "state", self._control / "where"
        driver = self._control / "driver.sh"
        driver.write_text(
            _DRIVER.format(
                state=shlex.quote(str(state)), where=shlex.quote(str(where)), mark=self._mark.decode()
            ),
            encoding="utf-8",
        )
        self._buffer = b""
        self._process = self._start([self._program, str(driver)], self._env, self._cwd)
        if self._killed:
            self._process.kill()
        if self._resume and state.exists():
            back = self._control / "resume.sh"
            back.write_text(
                f". {shlex.quote(str(state))}\ncd \"$(cat {shlex.quote(str(where))})\" || :\n", encoding="utf-8"
            )
            self._process.stdin.write(str(back).encode() + b"\n")
            self._process.stdin.flush()
            self._follow()
        self._resume = True

    def _follow(self) -> int:
        """Hand out lines until the mark comes; the status beside it, or the shell's own when it ended."""
        assert self._process is not None  # noqa: S101
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.output, selectors.EVENT_READ)
            return self._read(self._process.output.fileno(), selector)

    def _read(self, descriptor: int, selector: selectors.BaseSelector) -> int:
        while True:
            remaining = self._deadline - time.monotonic()
            if remaining <= 0:
                self.close()
                raise TimedOut
            if not selector.select(min(remaining, 0.25)):
                self._idle()
                continue
            data = os.read(descriptor, 65536)
            if not data:
                return self._ended()
            self._buffer += data
            status = self._take()
            if status is not None:
                return status
            self._idle()

    def _take(self) -> int | None:
        while b"\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\n")
            text, mark, status = line.partition(self._mark)
            if not mark or not status[1:].isdigit():
                self._say(line)
                continue
            if text:
                self._say(text)
            return int(status)
        return None

    def _ended(self) -> int:
        assert self._process is not None  # noqa: S101
        if self._buffer:
            self._say(self._buffer)
        status = self._process.wait()
        self.close()
        return status

    def _say(self, line: bytes) -> None:
        self._line(line.decode("utf-8", errors="replace").rstrip("\r"))
