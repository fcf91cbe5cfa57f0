"""The door's log: one JSON line for every decision, who asked for what and why it was allowed or not."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from crossdock.iam import Decision
from crossdock.iam.calls import Ask
from crossdock.local.identity import Caller


class AccessLog:
    """Appends to one file; a line is `{at, caller, role, account, via, action, resource, owner, decision, because,
    missing}`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._file = path.open("a", buffering=1, encoding="utf-8")

    def decision(self, caller: Caller, ask: Ask, owner: str, decision: Decision, *, why: str = "") -> None:
        """Note one decision. Denials are flushed at once."""
        allowed = decision.verdict == "allowed"
        line: dict[str, Any] = {
            "at": round(time.time(), 3), "caller": caller.arn, "role": caller.principal_arn, "account": caller.account,
            "via": list(caller.called_via), "action": ask.action, "resource": ask.resource, "owner": owner,
            "decision": str(decision.verdict), "because": [str(c) for c in decision.because],
            "missing": [str(leg) for leg in decision.missing],
        }
        if why:
            line["why"] = why
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            if not allowed:
                self._file.flush()

    def flush(self) -> None:
        with self._lock:
            self._file.flush()

    def close(self) -> None:
        with self._lock:
            self._file.close()
