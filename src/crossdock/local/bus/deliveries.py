"""From an event to its targets: matching, then delivery on worker threads, retried a little, failures kept."""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from crossdock.local.bus import inputs, schedules
from crossdock.local.bus.patterns import compile_pattern
from crossdock.local.bus.state import Failure, Pending, Rule, State
from crossdock.local.bus.targets import SENDERS, Address, Delivery, kind, parse, queue_url
from crossdock.local.engine import AwsError, Engine
from crossdock.local.identity import Caller, Kind

if TYPE_CHECKING:
    from crossdock.local.world import World

_log = logging.getLogger(__name__)
PAUSES = (0.2, 1.0)
"""Seconds before each further attempt at a delivery that failed for no lasting reason."""
TIRELESS = timedelta(hours=24)
"""How long a delivery is worth another attempt (EventBridge User Guide, "Retrying event delivery")."""
_KEPT_FAILURES = 1000
_MAY_PASS = ("Throttl", "TooManyRequests", "Internal", "ServiceUnavailable", "ServiceException", "Conflict",
             "ConcurrentModification", "Connect", "Timeout", "Unreachable")


class Deliveries(Engine):
    """The part of EventBridge that moves events."""

    service = "events"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state = State()
        self.pauses = PAUSES
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._workers: ThreadPoolExecutor | None = None
        self._clock: threading.Thread | None = None

    def start(self) -> None:
        """Deliver what the last local AWS was told to deliver and did not (at least once, within a day)."""
        self._stopping.clear()
        with self._lock:
            for id_, pending in list(self.state.pending.items()):
                if datetime.now(UTC) - pending.since < TIRELESS:
                    self._submit(id_, pending)
                else:
                    del self.state.pending[id_]
        self._clock = threading.Thread(target=self._tick_each_minute, name="events-clock", daemon=True)
        self._clock.start()

    def stop(self) -> None:
        self._stopping.set()
        with self._lock:
            workers, self._workers = self._workers, None
        if workers is not None:
            workers.shutdown(cancel_futures=True)
        if self._clock is not None:
            self._clock.join()
            self._clock = None

    def emit(
        self, *, account: str, region: str, source: str, detail_type: str, detail: Mapping[str, Any],
        resources: Sequence[str] = (),
    ) -> str:
        """A service's event on the default bus of an account; the event's id."""
        event = envelope(
            account=account, region=region, source=source, detail_type=detail_type, detail=detail, resources=resources
        )
        self.deliver(account, region, "default", event)
        return str(event["id"])

    def deliver(
        self, account: str, region: str, bus: str, event: Mapping[str, Any], *, forwarded: bool = False
    ) -> list[Future[None]]:
        """Hand an event on a bus to the targets of the rules that match it; one future a delivery.

        event      an envelope as targets see it; `version`, `id` and `time` are filled in where they are missing
        forwarded  it came from another bus; such an event is not forwarded once more (EventBridge User Guide,
                   sending events between accounts)
        """
        whole = {**envelope(account=account, region=region, source="", detail_type="", detail={}), **event}
        with self._lock:
            rules = [
                rule for rule in self.state.rules.values()
                if (rule.account, rule.region, rule.bus) == (account, region, bus) and rule.enabled and rule.pattern
            ]
        matching = [rule for rule in rules if compile_pattern(rule.pattern).matches(whole)]
        return [future for rule in matching for future in self._to_targets(rule, whole, forwarded=forwarded)]

    def tick(self, now: datetime) -> list[Future[None]]:
        """Run the scheduled rules that are due at this minute."""
        futures: list[Future[None]] = []
        with self._lock:
            rules = [rule for rule in self.state.rules.values() if rule.schedule and rule.enabled]
        for rule in rules:
            if schedules.due(rule.schedule, now, rule.ran or now):
                rule.ran = now
                event = envelope(
                    account=rule.account, region=rule.region, source="aws.events", detail_type="Scheduled Event",
                    detail={}, resources=[rule.arn],
                )
                futures += self._to_targets(rule, event, forwarded=False)
        return futures

    def _tick_each_minute(self) -> None:
        while not self._stopping.wait(60 - datetime.now(UTC).timestamp() % 60):
            self.tick(datetime.now(UTC).replace(second=0, microsecond=0))

    def _to_targets(self, rule: Rule, event: Mapping[str, Any], *, forwarded: bool) -> list[Future[None]]:
        with self._lock:
            made = {
                str(uuid.uuid4()): Pending(rule=rule, target=dict(target), event=event, forwarded=forwarded,
                                           since=datetime.now(UTC))
                for target in rule.targets.values()
            }
            self.state.pending.update(made)
            if self._stopping.is_set():
                _log.warning("event %s reached %s while the local AWS stopped", event["id"], rule.arn)
                return []
            return [self._submit(id_, pending) for id_, pending in made.items()]

    def _submit(self, id_: str, pending: Pending) -> Future[None]:
        self._workers = self._workers or ThreadPoolExecutor(4, thread_name_prefix="events")
        return self._workers.submit(self._deliver, id_, pending)

    def _deliver(self, id_: str, pending: Pending) -> None:
        self._attempts(pending.rule, pending.target, pending.event, pending.forwarded)
        with self._lock:
            self.state.pending.pop(id_, None)

    def _attempts(self, rule: Rule, target: Mapping[str, Any], event: Mapping[str, Any], forwarded: bool) -> None:
        allowed = target.get("RetryPolicy", {}).get("MaximumRetryAttempts", len(self.pauses))
        pauses = list(self.pauses[:allowed])
        while True:
            try:
                self._send(rule, target, event, forwarded)
            except (AwsError, ClientError, BotoCoreError, ValueError) as error:
                code, message = why(error)
                if pauses and any(sign in code for sign in _MAY_PASS) and not self._stopping.wait(pauses.pop(0)):
                    continue
                self._give_up(rule, target, event, code, message)
            return

    def _send(self, rule: Rule, target: Mapping[str, Any], event: Mapping[str, Any], forwarded: bool) -> None:
        address = parse(target["Arn"])
        text = inputs.target_input(target, event, rule_arn=rule.arn, rule_name=rule.name)
        delivery = Delivery(
            world=self.world, rule=rule, target=target, address=address, text=text, event_id=event["id"]
        )
        if kind(address) != "bus":
            SENDERS[kind(address)](delivery)
            return
        if forwarded:
            raise AwsError("Loop", f"an event that came from another bus is not forwarded once more to {address.arn}")
        self._forward(delivery, event)

    def _forward(self, delivery: Delivery, event: Mapping[str, Any]) -> None:
        """Put an event on another bus: as the target's role, or as the rule's account where that bus lets it."""
        address, account = delivery.address, delivery.rule.account
        root = f"arn:{self.world.partition}:iam::{account}:root"
        caller = (
            delivery.as_role() if "RoleArn" in delivery.target
            else Caller(kind=Kind.ROOT, arn=root, principal_arn=root, account=account)
        )
        self.world.authorize(
            caller, action="events:PutEvents", resource=address.arn, account=address.account, region=address.region,
            context={"events:source": str(event["source"]), "events:detail-type": str(event["detail-type"])},
        )
        name = address.resource.partition("/")[2]
        if name != "default" and address.arn not in self.state.buses:
            raise AwsError("ResourceNotFoundException", f"Event bus {name} does not exist.")
        self.deliver(address.account, address.region, name, event, forwarded=True)

    def _give_up(
        self, rule: Rule, target: Mapping[str, Any], event: Mapping[str, Any], code: str, message: str
    ) -> None:
        failure = Failure(at=datetime.now(UTC), rule=rule.arn, target=target["Arn"], code=code, message=message)
        with self._lock:
            self.state.failures.append(failure)
            del self.state.failures[:-_KEPT_FAILURES]
        _log.error("%s could not deliver to %s: %s: %s", rule.arn, target["Arn"], code, message)
        if code == "NotEmulated":
            self.world.substitution(f"rule {rule.name} did not reach {target['Arn']}: {message}")
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        if queue:
            self._bury(rule, target, event, parse(queue), failure)

    def _bury(
        self, rule: Rule, target: Mapping[str, Any], event: Mapping[str, Any], queue: Address, failure: Failure
    ) -> None:
        delivery = Delivery(world=self.world, rule=rule, target=target, address=queue, text="", event_id=event["id"])
        facts = {"RULE_ARN": rule.arn, "TARGET_ARN": target["Arn"], "ERROR_CODE": failure.code,
                 "ERROR_MESSAGE": failure.message}
        try:
            delivery.client(delivery.as_service()).send_message(
                QueueUrl=queue_url(self.world, queue), MessageBody=json.dumps(event),
                MessageAttributes={k: {"DataType": "String", "StringValue": v or "-"} for k, v in facts.items()},
            )
        except (AwsError, ClientError, BotoCoreError) as error:
            _log.error("%s could not bury an event in %s: %s", rule.arn, queue.arn, ": ".join(why(error)))


def envelope(
    *, account: str, region: str, source: str, detail_type: str, detail: Mapping[str, Any],
    resources: Sequence[str] = (), time: datetime | None = None,
) -> dict[str, Any]:
    """An event as rules match it and targets receive it (EventBridge User Guide, event structure)."""
    at = (time or datetime.now(UTC)).astimezone(UTC)
    return {
        "version": "0", "id": str(uuid.uuid4()), "detail-type": detail_type, "source": source, "account": account,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "region": region, "resources": list(resources), "detail": detail,
    }


def why(error: Exception) -> tuple[str, str]:
    """Code and message of what went wrong with a call."""
    if isinstance(error, AwsError):
        return error.code, error.message
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"]), str(error.response["Error"]["Message"])
    return type(error).__name__, str(error)
