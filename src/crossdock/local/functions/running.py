"""Invocations: an idle environment is taken or a new one started, the event runs, its log goes to CloudWatch Logs."""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import replace

from crossdock.local.engine import AwsError
from crossdock.local.functions import report
from crossdock.local.functions.environment import Outcome
from crossdock.local.functions.runtime_api import Invocation
from crossdock.local.functions.runtimes import Client
from crossdock.local.functions.starting import Warm, start
from crossdock.local.functions.state import Function, Version
from crossdock.local.world import World

IDLE_SECONDS, LIFE_SECONDS = 300.0, 2700.0
"""How long an idle environment is kept, and how long any: its credentials last an hour."""
RESPONSE_LIMIT = 6_291_556
"""Bytes; Lambda quotas, "Invocation payload (request and response)"."""


class Runner:
    """All execution environments of a local AWS.

    life    seconds after which an environment takes no more events
    client  which runtime client functions run on
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.life, self.client = LIFE_SECONDS, Client.BEST
        self._idle: dict[tuple[str, str], list[Warm]] = defaultdict(list)
        self._all: set[Warm] = set()
        self._busy: Counter[str] = Counter()
        self._retired: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.ended = threading.Event()
        self._reaper = threading.Thread(target=self._reap, name="lambda-reaper", daemon=True)

    def start(self) -> None:
        shutil.rmtree(self.world.root / "lambda" / "runtime", ignore_errors=True)  # links into an older environment
        self._reaper.start()

    def stop(self) -> None:
        self.ended.set()
        with self._lock:
            warm, self._all = list(self._all), set()
            self._idle.clear()
        for one in warm:
            one.environment.process.kill()
        for one in warm:
            one.environment.retire()

    def run(self, function: Function, version: Version, event: bytes, *, arn: str, client_context: str = "") -> Outcome:
        """One synchronous invocation; `lines` of the outcome are its whole log, START to REPORT.

        Raises AwsError when the role can't be assumed, or when all reserved concurrency is in use.
        """
        self._enter(function)
        try:
            invocation = Invocation(request_id=str(uuid.uuid4()), event=event, arn=arn, deadline=0.0,
                                    client_context=client_context)
            warm = self._take(function, version)
            outcome = _bounded(warm.environment.invoke(invocation, timeout=float(version.settings["Timeout"])))
            outcome = replace(outcome, lines=report.lines(invocation.request_id, version, outcome))
            self._log(warm, version, outcome)
            self._give_back(function, version, warm)
            return outcome
        finally:
            with self._lock:
                self._busy[function.arn] -= 1

    def retire(self, function: Function) -> None:
        """End the environments of a function: its code or configuration changed, or it was deleted. Those that run an
        event end after it."""
        with self._lock:
            self._retired[function.arn] += 1
            keys = [key for key in self._idle if key[0] == function.arn]
            warm = [one for key in keys for one in self._idle.pop(key)]
            self._all.difference_update(warm)
        for one in warm:
            one.environment.retire()

    def _enter(self, function: Function) -> None:
        with self._lock:
            limit = function.concurrency
            if limit is not None and self._busy[function.arn] >= limit:
                raise AwsError("TooManyRequestsException", "Rate Exceeded.", 429,
                               Reason="ReservedFunctionConcurrentInvocationLimitExceeded")
            self._busy[function.arn] += 1

    def _take(self, function: Function, version: Version) -> Warm:
        while (found := self._idle_one(function, version)) is not None:
            if found.environment.usable and time.monotonic() - found.environment.started < self.life:
                return found
            self._drop(found)
        with self._lock:
            generation = self._retired[function.arn]
        warm = start(self.world, function, version, generation=generation, client=self.client)
        with self._lock:
            if not self.ended.is_set():
                self._all.add(warm)
                return warm
        warm.environment.retire()
        raise AwsError("ServiceException", "the local AWS is going down", 500)

    def _idle_one(self, function: Function, version: Version) -> Warm | None:
        with self._lock:
            idle = self._idle.get((function.arn, version.revision))
            return idle.pop() if idle else None

    def _give_back(self, function: Function, version: Version, warm: Warm) -> None:
        with self._lock:
            keep = warm.environment.usable and not self.ended.is_set() \
                and warm.generation == self._retired[function.arn]
            if keep:
                self._idle[function.arn, version.revision].append(warm)
        if not keep:
            self._drop(warm)

    def _drop(self, warm: Warm) -> None:
        with self._lock:
            self._all.discard(warm)
        warm.environment.retire()

    def _log(self, warm: Warm, version: Version, outcome: Outcome) -> None:
        """A role that may not write logs loses them, as on AWS. What is cut off because all ends is not logged."""
        if self.ended.is_set():
            return
        try:
            self.world.log_lines(warm.role, region=warm.region, group=warm.group, stream=warm.stream,
                                 lines=[f"{line}\n" for line in outcome.lines])
        except AwsError as error:
            self.world.substitution(f"logs of function {version.settings['FunctionName']} were lost: {error.message}")

    def _reap(self) -> None:
        while not self.ended.wait(15):
            now = time.monotonic()
            with self._lock:
                old = [(idle, one) for idle in self._idle.values() for one in idle
                       if now - one.environment.used > IDLE_SECONDS]
                for idle, one in old:
                    idle.remove(one)
            for _, one in old:
                self._drop(one)


def _bounded(outcome: Outcome) -> Outcome:
    size = len(outcome.payload)
    if size <= RESPONSE_LIMIT:
        return outcome
    answer = (f'{{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size ({size} bytes) '
              f'exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."}}')
    return replace(outcome, payload=answer.encode(), error="Unhandled")
