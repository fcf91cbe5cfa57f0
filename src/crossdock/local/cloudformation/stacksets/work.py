"""One operation on a stack set: regions in order, accounts side by side, stopped where too many fail.

Source: CloudFormation User Guide, "StackSets concepts" (operations, options), "Status codes".
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Literal

from crossdock.local.cloudformation.events import now
from crossdock.local.cloudformation.resources.handler import Failed
from crossdock.local.cloudformation.stacksets import instances
from crossdock.local.cloudformation.stacksets.roles import Roles
from crossdock.local.cloudformation.stacksets.state import Instance, Operation, Place, Result, StackSet
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

TOO_MANY = "Cancelled since failure tolerance has exceeded"
BY_USER = "Cancelled by user"

Act = Callable[["Work", Instance, Caller], None]
"""What an operation does in one place. Raises Failed."""


class Work:
    """An operation under way. `stop` is set when a user stops it; `ending` when the engine ends."""

    def __init__(self, engine: Core, of: StackSet, operation: Operation, places: Iterable[Place], act: Act) -> None:
        self.engine, self.set, self.operation = engine, of, operation
        self.stop = threading.Event()
        self.ending = threading.Event()
        self._roles = Roles(engine, of, operation)
        self._act = act
        regions: dict[str, list[str]] = {}
        for account, region in places:
            regions.setdefault(region, []).append(account)
            unit = of.instances[account, region].unit
            operation.results[account, region] = Result(account=account, region=region, unit=unit)
            of.instances[account, region].operation = operation.id
            of.instances[account, region].detailed = "PENDING"
        self._regions: Mapping[str, list[str]] = regions

    def run(self) -> None:
        """Bring the operation to its end."""
        order = self.operation.preferences.regions(list(self._regions))
        if self.operation.preferences.parallel and len(order) > 1:
            with ThreadPoolExecutor(max_workers=len(order), thread_name_prefix="region") as pool:
                worked = list(pool.map(self._region, order))
        else:
            worked = []
            for region in order:
                worked.append(self._region(region))
                if not worked[-1]:
                    break
        stopped = self.stop.is_set()
        for result in self.operation.results.values():
            if result.status == "PENDING":
                self._cancelled(result, BY_USER if stopped else TOO_MANY)
        self._end("STOPPED" if stopped else "SUCCEEDED" if all(worked) else "FAILED")

    def _end(self, status: Literal["SUCCEEDED", "FAILED", "STOPPED"]) -> None:
        self.operation.ended = now()
        self.operation.status = status

    def _region(self, region: str) -> bool:
        """Whether no more failed than may."""
        accounts, preferences = self._regions[region], self.operation.preferences
        left, failed = list(accounts), 0
        running: set[Future[bool]] = set()
        with ThreadPoolExecutor(max_workers=max(1, min(len(accounts), 16)), thread_name_prefix="account") as pool:
            while True:
                too_many = failed > preferences.failures(len(accounts))
                room = preferences.at_once(len(accounts), failed)
                while left and len(running) < room and not too_many and not self.stop.is_set():
                    running.add(pool.submit(self._place, left.pop(0), region))
                if not running:
                    return not too_many
                done, running = wait(running, return_when=FIRST_COMPLETED)
                failed += sum(not future.result() for future in done)

    def _place(self, account: str, region: str) -> bool:
        one, result = self.set.instances[account, region], self.operation.results[account, region]
        result.status = one.detailed = "RUNNING"
        try:
            if self.operation.retain:  # to forget an instance, nobody gets into its account (it may be closed)
                self.set.instances.pop(one.place, None)
            else:
                caller = self._roles.of(account)
                result.gate = instances.gate(self.engine, one, self.operation.action, caller)
                if result.gate[0] == "FAILED":
                    raise Failed(result.gate[1])
                self._act(self, one, caller)
        except Failed as failure:
            self._failed(one, result, failure.reason)
            return False
        result.status = one.detailed = "SUCCEEDED"
        one.reason = ""
        return True

    def _failed(self, one: Instance, result: Result, reason: str) -> None:
        result.status, result.reason = "FAILED", reason
        one.detailed, one.reason = "FAILED", reason
        match self.operation.action:
            case "DELETE":
                one.status = one.detailed = "INOPERABLE"
            case "DETECT_DRIFT":
                one.drift = "UNKNOWN"
            case _:
                one.status = "OUTDATED"

    def _cancelled(self, result: Result, reason: str) -> None:
        one = self.set.instances.get((result.account, result.region))
        result.status, result.reason = "CANCELLED", reason
        if one is not None:
            one.detailed, one.reason = "CANCELLED", reason
            if self.operation.action in ("CREATE", "UPDATE"):
                one.status = "OUTDATED"


def broken(operation: Operation, of: StackSet) -> None:
    """An operation that ended by an error of ours has failed."""
    operation.status, operation.reason, operation.ended = "FAILED", "Internal Failure", now()
    for place, result in operation.results.items():
        if result.status in ("PENDING", "RUNNING"):
            result.status, result.reason = "FAILED", "Internal Failure"
            if place in of.instances:
                of.instances[place].detailed, of.instances[place].reason = "FAILED", "Internal Failure"
