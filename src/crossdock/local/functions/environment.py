"""An execution environment: one process of a function's runtime, one invocation at a time, then the next."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crossdock.local.functions.runtime_api import Invocation, RuntimeApi
from crossdock.local.functions.runtimes import Launch
from crossdock.local.processes import Process
from crossdock.local.world import World

INIT_SECONDS = 10.0
"""Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an invocation ended. `error` is empty or `Unhandled` (Invoke API, FunctionError).

    lines    what the function wrote, an event of its log each
    seconds  duration of the invocation; `init_seconds` of the initialization that it waited for, else 0
    """

    payload: bytes
    error: str
    lines: tuple[str, ...]
    seconds: float
    init_seconds: float = 0.0


class Environment:
    """Starts at once; `invoke` waits for its initialization the first time."""

    def __init__(self, world: World, launch: Launch, *, task: Path, variables: Mapping[str, str], name: str) -> None:
        self.api = RuntimeApi()
        self.started = time.monotonic()
        self.used = self.started
        self.dead = False
        self._first = True
        self._lines: list[str] = []
        self._lock = threading.Lock()
        env = {**variables, **launch.environment, "AWS_LAMBDA_RUNTIME_API": self.api.address}
        if "PYTHONPATH" in variables and "PYTHONPATH" in launch.environment:
            env["PYTHONPATH"] = f"{launch.environment['PYTHONPATH']}:{variables['PYTHONPATH']}"
        try:
            self.process: Process = world.spawn(launch.argv, env=env, cwd=task, name=name)
        except OSError:
            self.api.close()
            raise
        self._reader = threading.Thread(target=self._read, name=f"{name}-output", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Runtime clients part the lines of one log event by carriage returns."""
        with self.process.output as output:
            for raw in output:
                with self._lock:
                    self._lines.append(raw.decode("utf-8", "replace").rstrip("\r\n").replace("\r", "\n"))

    def _drain(self) -> tuple[str, ...]:
        with self._lock:
            lines, self._lines = tuple(self._lines), []
        return lines

    @property
    def usable(self) -> bool:
        """Whether it can take another event."""
        return not self.dead and self.process.poll() is None

    def invoke(self, invocation: Invocation, *, timeout: float) -> Outcome:
        """Run one event; `timeout` in seconds is the function's. An environment that failed is `dead` afterwards."""
        init_seconds = 0.0
        if self._first:
            self._first = False
            if (failed := self._initialize(invocation)) is not None:
                return failed
            init_seconds = time.monotonic() - self.started
        began = time.monotonic()
        invocation.deadline = time.time() + timeout
        self.api.submit(invocation)
        while not invocation.done.wait(0.05):
            if time.monotonic() - began > timeout:
                return self._timed_out(invocation, timeout)
            if self.process.poll() is not None and not invocation.done.wait(0.05):
                return self._lost(invocation, "Runtime.ExitError", self._exit(), time.monotonic() - began, init_seconds)
        seconds = time.monotonic() - began
        self._settle()
        self.used = time.monotonic()
        return Outcome(payload=invocation.payload, error="Unhandled" if invocation.failed else "", lines=self._drain(),
                       seconds=seconds, init_seconds=init_seconds)

    def _initialize(self, invocation: Invocation) -> Outcome | None:
        deadline = self.started + INIT_SECONDS
        while not self.api.ready.wait(0.02):
            spent = time.monotonic() - self.started
            if self.process.poll() is not None and not self.api.ready.wait(0.05):
                return self._lost(invocation, "Runtime.ExitError", self._exit(), spent)
            if time.monotonic() > deadline:
                return self._lost(invocation, "Sandbox.Timedout", f"Init timed out after {INIT_SECONDS:.2f} seconds",
                                  spent)
        if self.api.init_error is None:
            return None
        self.retire()
        return Outcome(payload=json.dumps(dict(self.api.init_error)).encode(), error="Unhandled", lines=self._drain(),
                       seconds=time.monotonic() - self.started)

    def _exit(self) -> str:
        match self.process.poll():
            case None | 0:
                return "Runtime exited without providing a reason"
            case status if status < 128:
                return f"Runtime exited with error: exit status {status}"
            case status:
                return f"Runtime exited with error: signal: {status - 128}"

    def _timed_out(self, invocation: Invocation, timeout: float) -> Outcome:
        what = f"Task timed out after {timeout:.2f} seconds"
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        return self._lost(invocation, "Sandbox.Timedout", what, timeout, log=f"{stamp} {invocation.request_id} {what}")

    def _lost(
        self, invocation: Invocation, kind: str, what: str, seconds: float, init: float = 0.0, log: str = ""
    ) -> Outcome:
        """The environment is gone; both log and answer say why, in Lambda's words."""
        message = f"RequestId: {invocation.request_id} Error: {what}"
        self.retire()
        answer = {"errorType": kind, "errorMessage": message}
        return Outcome(payload=json.dumps(answer).encode(), error="Unhandled", lines=(*self._drain(), log or message),
                       seconds=seconds, init_seconds=init)

    def _settle(self) -> None:
        """Let what was written before the answer arrive: the runtime asks for more work when it is done."""
        self.api.idle.wait(0.5)
        before = -1
        for _ in range(10):
            with self._lock:
                now = len(self._lines)
            if now == before:
                return
            before = now
            time.sleep(0.002)

    def retire(self) -> None:
        """End the process and read what it still had to say; what it runs is lost."""
        if not self.dead:
            self.dead = True
            self.process.kill()
            self.api.close()
            self.process.wait()
            self._reader.join(1.0)
