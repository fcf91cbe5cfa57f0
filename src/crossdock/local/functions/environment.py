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
    """How an invocation ended. `error` is empty, `Unhandled`, or the reason why the environment is gone.

    lines    what the function wrote
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
        self.process: Process = world.spawn(launch.argv, env=env, cwd=task, name=name)
        self._reader = threading.Thread(target=self._read, name=f"{name}-output", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for raw in self.process.output:
            with self._lock:
                self._lines.append(raw.decode("utf-8", "replace").rstrip("\n"))

    def _drain(self) -> tuple[str, ...]:
        with self._lock:
            lines, self._lines = tuple(self._lines), []
        return lines

    def invoke(self, invocation: Invocation, *, timeout: float) -> Outcome:
        """Run one event; `timeout` in seconds is the function's. An environment that failed is `dead` afterwards."""
        init_seconds = 0.0
        if self._first:
            self._first = False
            if (failed := self._initialize()) is not None:
                return failed
            init_seconds = time.monotonic() - self.started
        began = time.monotonic()
        invocation.deadline = time.time() + timeout
        self.api.submit(invocation)
        while not invocation.done.wait(0.05):
            if time.monotonic() - began > timeout:
                return self._lost(f"Task timed out after {timeout:.2f} seconds", invocation, began, "")
            if self.process.poll() is not None:
                status = self.process.poll()
                how = f"exit status {status}" if status is not None and status < 128 else f"signal {(status or 128) - 128}"
                return self._lost(f"RequestId: {invocation.request_id} Error: Runtime exited with error: {how}",
                                  invocation, began, "Runtime.ExitError")
        seconds = time.monotonic() - began
        self._settle()
        self.used = time.monotonic()
        return Outcome(payload=invocation.payload, error="Unhandled" if invocation.failed else "", lines=self._drain(),
                       seconds=seconds, init_seconds=init_seconds)

    def _initialize(self) -> Outcome | None:
        deadline = self.started + INIT_SECONDS
        while not self.api.ready.wait(0.02):
            if self.process.poll() is not None:
                self._settle()
                return self._failed({"errorType": "Runtime.ExitError",
                                     "errorMessage": "Runtime exited without providing a reason"})
            if time.monotonic() > deadline:
                return self._failed({"errorType": "Sandbox.Timedout",
                                     "errorMessage": f"Init timed out after {INIT_SECONDS:.2f} seconds"})
        if self.api.init_error is not None:
            self._settle()
            return self._failed(self.api.init_error)
        return None

    def _failed(self, error: Mapping[str, object]) -> Outcome:
        self.retire()
        return Outcome(payload=json.dumps(dict(error)).encode(), error="Unhandled", lines=self._drain(),
                       seconds=time.monotonic() - self.started)

    def _lost(self, message: str, invocation: Invocation, began: float, kind: str) -> Outcome:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        text = message if kind else f"{stamp}.000Z {invocation.request_id} {message}"
        body = {"errorType": kind, "errorMessage": message} if kind else \
            {"errorType": "Sandbox.Timedout", "errorMessage": f"RequestId: {invocation.request_id} Error: {message}"}
        self.retire()
        self._reader.join(1.0)
        return Outcome(payload=json.dumps(body).encode(), error="Unhandled", lines=(*self._drain(), text),
                       seconds=time.monotonic() - began)

    def _settle(self) -> None:
        """Give what was written before the answer the time to arrive: the runtime asks for more work when it is done."""
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
        """End the process; what it runs is lost."""
        if not self.dead:
            self.dead = True
            self.api.close()
            self.process.kill()
            self.process.wait()
