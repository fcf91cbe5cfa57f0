"""Tasks that wait for somebody: callbacks by token, and activities that workers ask for."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crossdock.local.machines.errors import StateFailed


@dataclass(slots=True, kw_only=True)
class Waiting:
    """One task that waits. `beat` is when it was last heard of."""

    token: str
    done: threading.Event = field(default_factory=threading.Event)
    output: str = ""
    failure: StateFailed | None = None
    beat: float = field(default_factory=time.monotonic)


class Tokens:
    """All that wait, by token; what workers have not fetched yet, by activity."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}
        self._offered: dict[str, queue.Queue[tuple[str, str]]] = defaultdict(queue.Queue)
        self._lock = threading.Lock()

    def new(self) -> Waiting:
        made = Waiting(token=uuid.uuid4().hex + uuid.uuid4().hex)
        with self._lock:
            self._waiting[made.token] = made
        return made

    def find(self, token: str) -> Waiting | None:
        with self._lock:
            return self._waiting.get(token)

    def offer(self, activity: str, token: str, given: str) -> None:
        self._offered[activity].put((token, given))

    def take(self, activity: str, seconds: float) -> tuple[str, str] | None:
        """A task for a worker; None when there is none in time."""
        try:
            return self._offered[activity].get(timeout=seconds)
        except queue.Empty:
            return None

    def wait(self, one: Waiting, *, heartbeat: float | None, alive: Callable[[], Any]) -> str:
        """What the task was answered with. `alive` raises when the execution is over. Raises StateFailed, Aborted."""
        try:
            while not one.done.wait(0.05):
                alive()
                if heartbeat is not None and time.monotonic() - one.beat > heartbeat:
                    raise StateFailed("States.HeartbeatTimeout", "")
        finally:
            with self._lock:
                self._waiting.pop(one.token, None)
        if one.failure is not None:
            raise one.failure
        return one.output
