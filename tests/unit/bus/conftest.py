"""A world whose clients write down what they are asked, and fail when they are told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from crossdock.local.bus import EventBridge
from crossdock.local.engine import AwsError, Call
from crossdock.local.identity import Caller, Kind

ALICE = Caller(kind=Kind.USER, arn="arn:aws:iam::111111111111:user/alice", account="111111111111")


@dataclass
class Client:
    """Remembers calls as (service, operation, parameters, caller)."""

    world: FakeWorld
    service: str
    caller: Caller

    def __getattr__(self, operation: str) -> Any:
        def call(**params: Any) -> dict[str, Any]:
            self.world.calls.append((self.service, operation, params, self.caller))
            if self.world.faults:
                raise self.world.faults.pop(0)
            return {}

        return call


@dataclass
class FakeWorld:
    accounts: Mapping[str, str] = field(default_factory=lambda: {"111111111111": "shared", "222222222222": "other"})
    endpoint: str = "http://127.0.0.1:1"
    region: str = "eu-west-1"
    partition: str = "aws"
    calls: list[tuple[str, str, dict[str, Any], Caller]] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    trusted: set[str] = field(default_factory=lambda: {"arn:aws:iam::111111111111:role/starter"})
    denied: set[str] = field(default_factory=set)
    lines: list[tuple[str, list[str]]] = field(default_factory=list)

    def client(self, service: str, caller: Caller, region: str | None = None) -> Client:
        return Client(self, service, caller)

    def assume(self, role_arn: str, *, service: str, session: str, source_arn: str = "", **_: Any) -> Caller:
        if role_arn not in self.trusted or service != "events.amazonaws.com":
            raise AwsError("AccessDenied", f"{service} may not assume {role_arn}")
        account = role_arn.split(":")[4]
        return Caller(kind=Kind.ROLE, arn=f"{role_arn}/{session}", principal_arn=role_arn, account=account)

    def authorize(self, caller: Caller, *, action: str, resource: str, **_: Any) -> None:
        if action in self.denied:
            raise AwsError("AccessDeniedException", f"{caller.arn} may not {action} on {resource}")

    def log_lines(self, caller: Caller, *, region: str, group: str, stream: str, lines: list[str]) -> None:
        self.lines.append((group, lines))


class Events:
    """Calls the engine's operations by their API names."""

    def __init__(self) -> None:
        self.world = FakeWorld()
        self.engine = EventBridge(self.world)  # type: ignore[arg-type]

    def __call__(self, operation: str, /, account: str = "111111111111", **params: Any) -> Mapping[str, Any]:
        return self.engine.handle(
            Call(
                service="events", operation=operation, params=params, caller=ALICE, account=account,
                region="eu-west-1", request_id="1",
            )
        )

    def happen(self, event: Mapping[str, Any], bus: str = "default", account: str = "111111111111") -> None:
        """Put an event on a bus and wait until it was delivered."""
        for future in self.engine.deliver(account, "eu-west-1", bus, event):
            future.result(timeout=10)

    def rule(self, arn: str, pattern: str = '{"source": ["aws.codecommit"]}', **target: Any) -> None:
        """A rule named `r` with one target."""
        self("PutRule", Name="r", EventPattern=pattern)
        self("PutTargets", Rule="r", Targets=[{"Id": "t", "Arn": arn, **target}])


@pytest.fixture
def events() -> Iterator[Events]:
    subject = Events()
    yield subject
    subject.engine.stop()
    assert not [t for t in threading.enumerate() if t.name.startswith("events")]


@pytest.fixture
def throttled() -> ClientError:
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "StartPipelineExecution")
