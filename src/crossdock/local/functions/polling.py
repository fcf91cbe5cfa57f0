"""Event sources read, their records handed to functions, what was dealt with taken away or remembered.

Everything is read as the function's role. Source: Lambda Developer Guide, "How Lambda processes records from stream and
queue-based event sources", "Lambda event filtering", "Implementing partial batch responses".
"""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.bus.patterns import compile_pattern
from crossdock.local.engine import AwsError
from crossdock.local.functions import destinations
from crossdock.local.functions.feeds import Batch, kind, read
from crossdock.local.functions.state import EventSource, Function
from crossdock.local.identity import Caller
from crossdock.local.world import World

BUSY, IDLE = 0.1, 1.0
"""Seconds between two looks at a source: after one that found something, and after one that did not."""


class Poller:
    """Looks at all enabled sources in turn, until stopped. A source with nothing new is left alone for a second."""

    def __init__(
        self, world: World, sources: Callable[[], list[EventSource]], find: Callable[[str], Function | None],
        run: Callable[[str, bytes], tuple[bytes, bool]],
    ) -> None:
        self._world, self._sources, self._find, self._run = world, sources, find, run
        self._stop, self._awake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="lambda-event-sources", daemon=True)
        self._tries: dict[tuple[str, str], int] = {}

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def wake(self) -> None:
        self._awake.set()

    def _loop(self) -> None:
        while not self._stop.is_set():
            found = False
            for source in self._sources():
                if source.enabled and not self._stop.is_set():
                    found = self._look(source) or found
            self._awake.wait(BUSY if found else IDLE)
            self._awake.clear()

    def _look(self, source: EventSource) -> bool:
        function = self._find(source.function)
        if function is None:
            return False
        try:
            role = self._world.assume(
                str(function.latest.settings["Role"]), service="lambda.amazonaws.com", session=function.name,
                source_arn=function.arn, source_account=function.account)
            found = False
            for batch in read(self._world, role, source):
                found = self._hand_over(source, function, role, batch) or found
        except (AwsError, ClientError) as error:
            source.result = f"PROBLEM: {error}"
            return False
        except (KeyError, ValueError, TypeError):
            logging.getLogger(__name__).exception("event source %s", source.uuid)
            source.result = "PROBLEM: internal error"
            return False
        return found

    def _hand_over(self, source: EventSource, function: Function, role: Caller, batch: Batch) -> bool:
        if not batch.records:
            return False
        wanted = [(id_, record) for id_, record in batch.records if _matches(source, record)]
        if passed_over := [id_ for id_, record in batch.records if (id_, record) not in wanted]:
            batch.done(passed_over)
        if not wanted:
            return True
        event = json.dumps({"Records": [record for _, record in wanted]}, default=_plain).encode()
        payload, failed = self._run(source.function, event)
        bad = {id_ for id_, _ in wanted} if failed else _failures(source, payload)
        source.result = "PROBLEM: Function call failed" if failed else "OK"
        if not bad:
            batch.done([id_ for id_, _ in wanted])
            self._tries.pop((source.uuid, batch.shard), None)
        elif not batch.shard:
            batch.done([id_ for id_, _ in wanted if id_ not in bad])
        else:
            self._again(source, function, role, batch, [id_ for id_, _ in wanted], bad)
        return True

    def _again(
        self, source: EventSource, function: Function, role: Caller, batch: Batch, ids: list[str], bad: set[str]
    ) -> None:
        """A shard stands still at its first bad record, until the tries are over; then the batch is given up."""
        good = ids[: next(index for index, id_ in enumerate(ids) if id_ in bad)]
        if good:
            batch.done(good)
        tries = self._tries.get((source.uuid, batch.shard), 0) + 1
        self._tries[source.uuid, batch.shard] = tries
        most = int(source.settings.get("MaximumRetryAttempts", -1))
        if most < 0 or tries <= most:
            return
        target = ((source.settings.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination", "")
        if target:
            said = {"requestContext": {"functionArn": function.arn, "condition": "RetryAttemptsExhausted",
                                       "approximateInvokeCount": tries},
                    "version": "1.0", "shardId": batch.shard, "batchSize": len(ids), "streamArn": source.source}
            destinations.send(self._world, role, target, json.dumps(said), source.region)
        batch.done(ids)
        self._tries.pop((source.uuid, batch.shard), None)


def _failures(source: EventSource, payload: bytes) -> set[str]:
    """The items that a function reports as failed, where its mapping lets it."""
    if "ReportBatchItemFailures" not in source.settings.get("FunctionResponseTypes", ()):
        return set()
    try:
        told = json.loads(payload) or {}
        return {str(one["itemIdentifier"]) for one in told.get("batchItemFailures") or ()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()


def _matches(source: EventSource, record: Mapping[str, Any]) -> bool:
    filters = (source.settings.get("FilterCriteria") or {}).get("Filters") or ()
    if not filters:
        return True
    seen = json.loads(json.dumps(record, default=_plain))
    match kind(source.source):
        case "sqs":
            seen["body"] = _maybe_json(seen["body"])
        case "kinesis":
            seen["data"] = _maybe_json(base64.b64decode(seen["kinesis"]["data"]).decode(errors="replace"))
    return any(compile_pattern(str(one.get("Pattern", "{}"))).matches(seen) for one in filters)


def _maybe_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.timestamp()
        case Decimal():
            return str(value)
        case _:
            return str(value)
