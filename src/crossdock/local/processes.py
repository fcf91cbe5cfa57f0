"""Child processes that never outlive the local AWS: builds, functions, tasks."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_KEEPER = Path(__file__).with_name("keeper.py")


class Process:
    """A child under a keeper process. The keeper holds a pipe from us: when we die, however, it kills the whole tree.

    The tree dies too when the child itself ends: nothing stays in the background. On Linux that includes processes
    that left the session; elsewhere the child's process group.
    """

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdin: bool = False) -> None:
        self._lock = threading.Lock()
        alive_read, self._alive_write = os.pipe()
        try:
            self._popen: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_KEEPER), str(alive_read), *argv],
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(alive_read,),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._alive_write)
            raise
        finally:
            os.close(alive_read)

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
        """The keeper's process id; the child is below it."""
        return self._popen.pid

    def poll(self) -> int | None:
        """The exit status, or None while it runs. A child ended by signal N reports 128 + N."""
        return _status(self._popen.poll())

    def wait(self, timeout: float | None = None) -> int:
        """The exit status as `poll` gives it. Raises subprocess.TimeoutExpired."""
        status = _status(self._popen.wait(timeout))
        assert status is not None  # noqa: S101  it was waited for
        return status

    def terminate(self, grace: float = 2.0) -> int:
        """Ask the tree to end (SIGTERM to the child's group), then end it after `grace` seconds."""
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(grace)
        self.kill()
        return self.wait()

    def kill(self) -> None:
        """End the tree now: the keeper sees its pipe close. Any thread may call it, more than once."""
        with self._lock:
            if self._alive_write >= 0:
                os.close(self._alive_write)
                self._alive_write = -1

    def close(self) -> None:
        """End the tree and let go of its pipes."""
        self.kill()
        self._popen.wait()
        for pipe in (self._popen.stdout, self._popen.stdin):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _status(code: int | None) -> int | None:
    """The keeper itself may be ended by a signal, before it could turn into one that answers for its child."""
    return 128 - code if code is not None and code < 0 else code
