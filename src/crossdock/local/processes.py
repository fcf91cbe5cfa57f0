"""Child processes that never outlive the local AWS: builds, functions, tasks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_KEEPER = Path(__file__).with_name("keeper.py")


class Process:
    """A child under a keeper process. The keeper holds a pipe from us: when we die, however, it kills the whole tree."""

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdin: bool = False) -> None:
        self._alive_read, self._alive_write = os.pipe()
        try:
            self._popen: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_KEEPER), str(self._alive_read), *argv],
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(self._alive_read,),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._alive_write)
            raise
        finally:
            os.close(self._alive_read)

    @property
    def stdin(self) -> IO[bytes]:
        assert self._popen.stdin is not None  # noqa: S101  asked for at the start
        return self._popen.stdin

    @property
    def output(self) -> IO[bytes]:
        """Standard output and error, together."""
        assert self._popen.stdout is not None  # noqa: S101
        return self._popen.stdout

    @property
    def pid(self) -> int:
        return self._popen.pid

    def poll(self) -> int | None:
        """The exit status, or None while it runs. A child ended by signal N reports 128 + N."""
        return self._popen.poll()

    def wait(self, timeout: float | None = None) -> int:
        return self._popen.wait(timeout)

    def terminate(self, grace: float = 2.0) -> int:
        """Ask the tree to end (SIGTERM to the child), then end it after `grace` seconds."""
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGTERM)
            try:
                self._popen.wait(grace)
            except subprocess.TimeoutExpired:
                pass
        self.kill()
        return self._popen.wait()

    def kill(self) -> None:
        """End the tree now: the keeper sees its pipe close."""
        if self._alive_write >= 0:
            os.close(self._alive_write)
            self._alive_write = -1

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: Any) -> None:
        self.kill()
        self._popen.wait()
        if self._popen.stdout is not None:
            self._popen.stdout.close()
        if self._popen.stdin is not None:
            self._popen.stdin.close()
