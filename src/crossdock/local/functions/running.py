"""Invocations: an idle environment is taken or a new one started, the event runs, its log goes to CloudWatch Logs."""

from __future__ import annotations

import base64
import math
import secrets
import threading
import time
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from crossdock.local.engine import AwsError
from crossdock.local.functions.environment import Environment, Outcome
from crossdock.local.functions.runtime_api import Invocation
from crossdock.local.functions.runtimes import launch
from crossdock.local.functions.state import Function, Version
from crossdock.local.identity import Caller
from crossdock.local.world import World

IDLE_SECONDS, LIFE_SECONDS = 300.0, 2700.0
"""How long an idle environment is kept, and how long any: its credentials last an hour."""


class Runner:
    """All execution environments of a local AWS."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._idle: dict[tuple[str, str], list[_Warm]] = defaultdict(list)
        self._all: set[_Warm] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._reaper = threading.Thread(target=self._reap, name="lambda-reaper", daemon=True)

    def start(self) -> None:
        self._reaper.start()

    def stop(self) -> None:
        self._ended.set()
        with self._lock:
            warm, self._all = list(self._all), set()
            self._idle.clear()
        for one in warm:
            one.environment.retire()

    def run(self, function: Function, version: Version, event: bytes, *, arn: str, client_context: str = "") -> Outcome:
        """One synchronous invocation. Raises AwsError when the role can't be assumed."""
        invocation = Invocation(request_id=str(uuid.uuid4()), event=event, arn=arn, deadline=0.0,
                                client_context=client_context)
        warm = self._take(function, version)
        outcome = warm.environment.invoke(invocation, timeout=float(version.settings["Timeout"]))
        self._log(warm, version, invocation, outcome)
        with self._lock:
            if warm.environment.dead or self._ended.is_set():
                self._all.discard(warm)
            else:
                self._idle[function.arn, version.revision].append(warm)
        if self._ended.is_set():
            warm.environment.retire()
        return outcome

    def retire(self, function: Function) -> None:
        """End the idle environments of a function: its code or configuration changed, or it was deleted."""
        with self._lock:
            keys = [key for key in self._idle if key[0] == function.arn]
            warm = [one for key in keys for one in self._idle.pop(key)]
            self._all.difference_update(warm)
        for one in warm:
            one.environment.retire()

    def _take(self, function: Function, version: Version) -> _Warm:
        with self._lock:
            idle = self._idle[function.arn, version.revision]
            while idle:
                warm = idle.pop()
                if not warm.environment.dead and time.monotonic() - warm.environment.started < LIFE_SECONDS \
                        and warm.environment.process.poll() is None:
                    return warm
                self._all.discard(warm)
                threading.Thread(target=warm.environment.retire, daemon=True).start()
        warm = self._start(function, version)
        with self._lock:
            self._all.add(warm)
        return warm

    def _start(self, function: Function, version: Version) -> _Warm:
        settings = version.settings
        home = self.world.root / "lambda"
        task = home / "code" / version.code
        role = self.world.assume(str(settings["Role"]), service="lambda.amazonaws.com", session=function.name,
                                 source_arn=function.arn, source_account=function.account)
        started = launch(str(settings["Runtime"]), str(settings["Handler"]), function.name, task=task, library=home / "runtime")
        for note in started.notes:
            self.world.substitution(note)
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[{version.version}]{secrets.token_hex(16)}"
        group = settings.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function.name}"
        variables = {
            **self.world.environment(role, function.region),
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC", "HOME": str(task), "TMPDIR": "/tmp",  # noqa: S108
            "LAMBDA_TASK_ROOT": str(task), "LAMBDA_RUNTIME_DIR": str(home / "runtime"), "_HANDLER": str(settings["Handler"]),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{settings['Runtime']}", "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": version.version, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings["MemorySize"]),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_LOG_GROUP_NAME": group,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            **settings.get("Environment", {}).get("Variables", {}),
        }
        environment = Environment(self.world, started, task=_folder(task), variables=variables, name=function.name)
        return _Warm(environment, role, group, stream, function.region)

    def _log(self, warm: _Warm, version: Version, invocation: Invocation, outcome: Outcome) -> None:
        """START, what the function wrote, END, REPORT. A role that may not write logs loses them, as on AWS."""
        lines = (
            f"START RequestId: {invocation.request_id} Version: {version.version}\n",
            *(f"{line}\n" for line in outcome.lines),
            f"END RequestId: {invocation.request_id}\n", report(invocation.request_id, version, outcome),
        )
        try:
            self.world.log_lines(warm.role, region=warm.region, group=warm.group, stream=warm.stream, lines=lines)
        except AwsError as error:
            self.world.substitution(f"logs of function {version.settings['FunctionName']} were lost: {error.message}")

    def _reap(self) -> None:
        while not self._ended.wait(15):
            now = time.monotonic()
            with self._lock:
                old = [(key, one) for key, idle in self._idle.items() for one in idle
                       if now - one.environment.used > IDLE_SECONDS]
                for key, one in old:
                    self._idle[key].remove(one)
                    self._all.discard(one)
            for _, one in old:
                one.environment.retire()


class _Warm:
    """An environment with what is needed to log for it."""

    def __init__(self, environment: Environment, role: Caller, group: str, stream: str, region: str) -> None:
        self.environment, self.role, self.group, self.stream, self.region = environment, role, group, stream, region


def _folder(task: Path) -> Path:
    if not task.is_dir():
        raise AwsError("ServiceException", f"the code of the function is gone: {task}", 500)
    return task


def report(request_id: str, version: Version, outcome: Outcome) -> str:
    """The REPORT line, as Lambda writes it. Memory is not measured: it says the size configured."""
    milliseconds = outcome.seconds * 1000
    billed = math.ceil(milliseconds + outcome.init_seconds * 1000)
    size = version.settings["MemorySize"]
    init = f"Init Duration: {outcome.init_seconds * 1000:.2f} ms\t" if outcome.init_seconds else ""
    return (f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\tBilled Duration: {billed} ms\t"
            f"Memory Size: {size} MB\tMax Memory Used: {size} MB\t{init}\n")


def tail(version: Version, outcome: Outcome) -> str:
    """The last 4 KB of an invocation's log, base64 (Invoke API, LogType Tail)."""
    text = "\n".join((*outcome.lines, report("-", version, outcome)))
    return base64.b64encode(text.encode()[-4096:]).decode()
