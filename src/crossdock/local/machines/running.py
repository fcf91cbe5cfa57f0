"""An execution, state by state.

Amazon States Language specification; Step Functions Developer Guide, "Processing input and output in Step Functions",
"Handling errors in Step Functions workflows". Waits are waited, in real time.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crossdock.local.engine import NotEmulated
from crossdock.local.machines import choices, items, paths
from crossdock.local.machines.errors import Aborted, StateFailed, matches
from crossdock.local.machines.paths import Scope

MOST_BYTES = 262_144
"""Step Functions quotas, "Maximum input or output size for a task, state, or execution"."""
WIDTH = 40
"""Map's iterations at once, where nothing else is said (Developer Guide, "Inline Map state")."""
Act = Callable[["Run", Mapping[str, Any], Any, "Deadline"], Any]
"""What a Task does: its state, effective input, and until when it may take."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a task must be done (monotonic seconds), and how often it must be heard of; None for never."""

    at: float | None
    heartbeat: float | None


@dataclass(slots=True, kw_only=True)
class Run:
    """One execution, or one branch or iteration of it. `scope` holds the context object and variables.

    note  writes an event into the history        act  does a task        ended  tells that all is over
    """

    language: str
    context: dict[str, Any]
    note: Callable[..., None]
    act: Act
    ended: threading.Event
    until: float | None = None
    variables: dict[str, Any] = field(default_factory=dict)

    def alive(self) -> None:
        """Raises Aborted when the execution was stopped, StateFailed when its time is over."""
        if self.ended.is_set():
            raise Aborted
        if self.until is not None and time.monotonic() > self.until:
            raise StateFailed("States.Timeout", "")

    def scope(self, given: Any) -> Scope:
        return {**self.variables, "$": given, "$$": self.context}

    # -- flows

    def flow(self, flow: Mapping[str, Any], given: Any) -> Any:
        """From `StartAt` to an end: the output. Raises StateFailed, Aborted, NotEmulated."""
        name = str(flow["StartAt"])
        while True:
            self.alive()
            state = flow["States"][name]
            if state.get("QueryLanguage", self.language) == "JSONata":
                raise NotEmulated("JSONata in state machines")
            self.context["State"] = {"EnteredTime": _stamp(), "Name": name, "RetryCount": 0}
            kind = state["Type"]
            self.note(f"{kind}StateEntered", stateEnteredEventDetails={"name": name, "input": _text(given)})
            output, following = self._state(state, given)
            if len(_text(output).encode()) > MOST_BYTES:
                raise StateFailed("States.DataLimitExceeded", f"The state/task '{name}' returned a result with a size "
                                  "exceeding the maximum number of bytes service limit.")
            self.note(f"{kind}StateExited", stateExitedEventDetails={"name": name, "output": _text(output)})
            if following is None:
                return output
            name, given = following, output

    def _state(self, state: Mapping[str, Any], given: Any) -> tuple[Any, str | None]:
        following = None if state.get("End") or state["Type"] in ("Succeed", "Fail") else state.get("Next")
        match state["Type"]:
            case "Pass":
                return self._pass(state, given), following
            case "Succeed":
                return self._through(state, given), None
            case "Fail":
                raise self._failed(state, given)
            case "Wait":
                self._wait(state, given)
                return self._through(state, given), following
            case "Choice":
                return self._choose(state, given)
            case kind:
                work = {"Task": self._task, "Parallel": self._parallel, "Map": self._map}[kind]
                return self._tried(state, given, work, following)

    def _in(self, state: Mapping[str, Any], given: Any) -> Any:
        path = state.get("InputPath", "$")
        return {} if path is None else paths.value(path, self.scope(given), "InputPath")

    def _out(self, state: Mapping[str, Any], output: Any) -> Any:
        path = state.get("OutputPath", "$")
        return {} if path is None else paths.value(path, self.scope(output), "OutputPath")

    def _through(self, state: Mapping[str, Any], given: Any) -> Any:
        found = self._in(state, given)
        self._assign(state, found)
        return self._out(state, found)

    def _assign(self, state: Mapping[str, Any], result: Any) -> None:
        if "Assign" in state:
            self.variables |= paths.filled(state["Assign"], self.scope(result))

    def _result(self, state: Mapping[str, Any], given: Any, result: Any) -> Any:
        """ResultSelector, Assign, ResultPath, OutputPath, in this order."""
        if "ResultSelector" in state:
            result = paths.filled(state["ResultSelector"], self.scope(result))
        self._assign(state, result)
        return self._out(state, paths.put(given, state.get("ResultPath", "$"), result))

    def _effective(self, state: Mapping[str, Any], given: Any) -> Any:
        found = self._in(state, given)
        return paths.filled(state["Parameters"], self.scope(found)) if "Parameters" in state else found

    # -- states

    def _pass(self, state: Mapping[str, Any], given: Any) -> Any:
        result = state["Result"] if "Result" in state else self._effective(state, given)
        return self._result({key: item for key, item in state.items() if key != "ResultSelector"}, given, result)

    def _failed(self, state: Mapping[str, Any], given: Any) -> StateFailed:
        scope = self.scope(given)
        error, cause = (str(paths.value(state[f"{name}Path"], scope, f"{name}Path")) if f"{name}Path" in state
                        else str(state.get(name, "")) for name in ("Error", "Cause"))
        return StateFailed(error, cause)

    def _wait(self, state: Mapping[str, Any], given: Any) -> None:
        scope = self.scope(self._in(state, given))
        if "Timestamp" in state or "TimestampPath" in state:
            text = state.get("Timestamp") or paths.value(state["TimestampPath"], scope, "TimestampPath")
            seconds: Any
            try:
                seconds = (datetime.fromisoformat(str(text)) - datetime.now(UTC)).total_seconds()
            except (ValueError, TypeError) as error:
                raise StateFailed("States.Runtime", f"{text} is no timestamp") from error
        else:
            found = state.get("Seconds")
            seconds = paths.value(state["SecondsPath"], scope, "SecondsPath") if found is None else found
            if isinstance(seconds, bool) or not isinstance(seconds, int | float):
                raise StateFailed("States.Runtime", f"{seconds} is no number of seconds")
        self._sleep(float(seconds))

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.ended.wait(min(left, 0.5))
            self.alive()

    def _choose(self, state: Mapping[str, Any], given: Any) -> tuple[Any, str | None]:
        found = self._in(state, given)
        for rule in state["Choices"]:
            if choices.holds(rule, self.scope(found)):
                self._assign(rule, found)
                return self._out(state, found), str(rule["Next"])
        if "Default" not in state:
            raise StateFailed("States.NoChoiceMatched", "No choice rule matched, and there is no Default")
        self._assign(state, found)
        return self._out(state, found), str(state["Default"])

    def _tried(
        self, state: Mapping[str, Any], given: Any, work: Callable[[Mapping[str, Any], Any], Any], following: str | None
    ) -> tuple[Any, str | None]:
        """A state with its retriers and catchers."""
        attempts: dict[int, int] = {}
        while True:
            try:
                return self._result(state, given, work(state, given)), following
            except StateFailed as failed:
                self.alive()
                if self._again(state, failed, attempts):
                    self.context["State"]["RetryCount"] += 1
                    continue
                for catcher in state.get("Catch") or ():
                    if matches(failed.error, catcher["ErrorEquals"]):
                        told = {"Error": failed.error, "Cause": failed.cause}
                        self._assign(catcher, told)
                        output = paths.put(given, catcher.get("ResultPath", "$"), told)
                        return output, str(catcher["Next"])
                raise

    def _again(self, state: Mapping[str, Any], failed: StateFailed, attempts: dict[int, int]) -> bool:
        """Whether a retrier wants another attempt, for which it has waited then."""
        for number, retrier in enumerate(state.get("Retry") or ()):
            if not matches(failed.error, retrier["ErrorEquals"]):
                continue
            done = attempts.get(number, 0)
            if done >= int(retrier.get("MaxAttempts", 3)):
                return False
            attempts[number] = done + 1
            seconds = float(retrier.get("IntervalSeconds", 1)) * float(retrier.get("BackoffRate", 2.0)) ** done
            seconds = min(seconds, float(retrier.get("MaxDelaySeconds", seconds)))
            if retrier.get("JitterStrategy") == "FULL":
                seconds = random.uniform(0, seconds)  # noqa: S311  spreads, hides nothing
            self._sleep(seconds)
            return True
        return False

    def _task(self, state: Mapping[str, Any], given: Any) -> Any:
        effective = self._in(state, given)
        scope = self.scope(effective)
        seconds = state["TimeoutSeconds"] if "TimeoutSeconds" in state else (
            paths.value(state["TimeoutSecondsPath"], scope, "") if "TimeoutSecondsPath" in state else None)
        beat = state["HeartbeatSeconds"] if "HeartbeatSeconds" in state else (
            paths.value(state["HeartbeatSecondsPath"], scope, "") if "HeartbeatSecondsPath" in state else None)
        return self.act(self, state, effective, Deadline(time.monotonic() + seconds if seconds else None, beat))

    # -- branches

    @contextmanager
    def _branch(self) -> Any:
        """A run of its own for a branch or an iteration, which sees the variables that were set before it."""
        yield Run(language=self.language, context=json.loads(json.dumps(self.context)), note=self.note, act=self.act,
                  ended=self.ended, until=self.until, variables=dict(self.variables))

    def _parallel(self, state: Mapping[str, Any], given: Any) -> Any:
        effective = self._effective(state, given)
        self.note("ParallelStateStarted")

        def one(branch: Mapping[str, Any]) -> Any:
            with self._branch() as run:
                return run.flow(branch, effective)

        return _together(one, state["Branches"], len(state["Branches"]))

    def _map(self, state: Mapping[str, Any], given: Any) -> Any:
        processor = state.get("ItemProcessor") or state["Iterator"]
        effective = self._in(state, given)
        scope = self.scope(effective)
        found = items.read(self, state, scope)
        if not isinstance(found, list):
            raise StateFailed("States.Runtime", "The items of a Map state are no array")
        selector = state.get("ItemSelector", state.get("Parameters"))
        width = state["MaxConcurrency"] if "MaxConcurrency" in state else (
            paths.value(state["MaxConcurrencyPath"], scope, "") if "MaxConcurrencyPath" in state else 0)
        self.note("MapStateStarted", mapStateStartedEventDetails={"length": len(found)})
        tolerated = items.tolerated(state, len(found), scope)
        batches = items.batched(state, found, scope)

        def one(numbered: tuple[int, Any]) -> Any:
            index, item = numbered
            with self._branch() as run:
                run.context["Map"] = {"Item": {"Index": index, "Value": item}}
                inner = paths.filled(selector, {**scope, "$$": run.context}) if selector is not None else item
                return run.flow(processor, inner)

        results = _together(one, list(enumerate(batches)), int(width) or WIDTH, tolerated=tolerated)
        return items.written(self, state, results, scope)


def _together(
    one: Callable[[Any], Any], given: Sequence[Any], width: int, *, tolerated: int = 0
) -> list[Any]:
    """All at once, at most `width`; the first failure ends it, unless so many are tolerated."""
    if not given:
        return []
    with ThreadPoolExecutor(max_workers=max(1, min(width, len(given), WIDTH)), thread_name_prefix="states") as pool:
        futures = [pool.submit(one, item) for item in given]
        results: list[Any] = []
        failures: list[StateFailed] = []
        for future in futures:
            try:
                results.append(future.result())
            except StateFailed as failed:
                failures.append(failed)
                if len(failures) > tolerated:
                    for other in futures:
                        other.cancel()
                    if tolerated:
                        raise StateFailed("States.ExceedToleratedFailureThreshold", failed.cause) from failed
                    raise
    return results


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
