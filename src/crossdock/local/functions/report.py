"""What Lambda itself writes into a function's log (Lambda Developer Guide, "Viewing logs for Lambda functions")."""

from __future__ import annotations

import base64
import math

from crossdock.local.functions.environment import Outcome
from crossdock.local.functions.state import Version


def lines(request_id: str, version: Version, outcome: Outcome) -> tuple[str, ...]:
    """The whole log of an invocation, one event a line: START, what the function wrote, END, REPORT."""
    return (f"START RequestId: {request_id} Version: {version.version}", *outcome.lines,
            f"END RequestId: {request_id}", _report(request_id, version, outcome))


def _report(request_id: str, version: Version, outcome: Outcome) -> str:
    """Memory is not measured: it says the size configured."""
    milliseconds = outcome.seconds * 1000
    billed = math.ceil(milliseconds + outcome.init_seconds * 1000)
    size = version.settings["MemorySize"]
    init = f"Init Duration: {outcome.init_seconds * 1000:.2f} ms\t" if outcome.init_seconds else ""
    return (f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\tBilled Duration: {billed} ms\t"
            f"Memory Size: {size} MB\tMax Memory Used: {size} MB\t{init}")


def tail(outcome: Outcome) -> str:
    """The last 4 KB of an invocation's log, base64 (Invoke API, LogType Tail)."""
    return base64.b64encode("".join(f"{line}\n" for line in outcome.lines).encode()[-4096:]).decode()
