"""How often to ask AWS again: soon after news, ever slower in silence."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """Waits between two polls: `quickest` seconds after news, growing by half up to `slowest`."""

    def __init__(
        self, *, quickest: float = 0.15, slowest: float = 5.0, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._quickest, self._slowest, self._sleep = quickest, slowest, sleep
        self._next = quickest
        self.waited = 0.0
        """Seconds of silence so far."""

    def news(self) -> None:
        """Something happened: ask again soon."""
        self._next, self.waited = self._quickest, 0.0

    def wait(self) -> None:
        """Wait for the next poll."""
        self._sleep(self._next)
        self.waited += self._next
        self._next = min(self._slowest, self._next * 1.5)
