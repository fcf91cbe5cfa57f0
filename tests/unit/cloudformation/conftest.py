"""An engine in a world of one account where no other service answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crossdock.local.cloudformation import CloudFormation
from crossdock.local.engine import Call
from crossdock.local.identity import Caller, Kind

CALLER = Caller(kind=Kind.USER, arn="arn:aws:iam::111111111111:user/u", account="111111111111")


class Alone:
    """A world without other services."""

    endpoint, partition, region = "http://127.0.0.1:1", "aws", "us-east-1"
    accounts = {"111111111111": "shared"}
    organization, management_account, root = "", "111111111111", Path()


@pytest.fixture
def alone() -> Iterator[CloudFormation]:
    made = CloudFormation(Alone())  # type: ignore[arg-type]
    yield made
    made.stop()


@pytest.fixture
def ask(alone: CloudFormation) -> Callable[..., Any]:
    """One call on the stack `one`."""

    def call(operation: str, **params: Any) -> Any:
        return alone.handle(Call(
            service="cloudformation", operation=operation, params={"StackName": "one", **params}, caller=CALLER,
            account="111111111111", region="us-east-1", request_id="r"))

    return call


def until(true: Callable[[], object]) -> None:
    """Wait until something holds, five seconds at most."""
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        threading.Event().wait(0.01)
