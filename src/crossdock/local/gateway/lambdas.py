"""Calling a function for an API: as API Gateway itself, as a role of the integration, or as the caller."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, cast

from crossdock.local.functions import Lambda
from crossdock.local.identity import Caller, service_principal
from crossdock.local.world import World

SERVICE = "apigateway.amazonaws.com"
AS_CALLER = "arn:aws:iam::*:user/*"
"""Credentials of an integration that is called with the rights of who calls the API (PutIntegration API)."""


class TimedOut(Exception):
    """The function took longer than the integration waits. It runs on."""


class FunctionFailed(Exception):
    """The function raised, exited, or ran out of its own time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A function and on whose behalf it is called.

    function    ARN, qualifier included
    source_arn  the method for which it is called, `arn:...:execute-api:region:account:api/stage/METHOD/path`
    """

    function: str
    source_arn: str
    account: str
    region: str
    credentials: str = ""
    seconds: float = 29.0


def call(world: World, target: Target, event: Mapping[str, Any], caller: Caller) -> bytes:
    """The function's answer. Raises AwsError when it may not be called, TimedOut, FunctionFailed."""
    payload, failed = invoke(world, target, json.dumps(event).encode(), caller)
    if failed:
        raise FunctionFailed(payload.decode("utf-8", "replace"))
    return payload


def invoke(world: World, target: Target, event: bytes, caller: Caller) -> tuple[bytes, bool]:
    """The function's answer, and whether it is an error. Raises AwsError when it may not be called, TimedOut."""
    _may(world, target, caller)
    return _within(world, target, event)


def later(world: World, target: Target, event: bytes, caller: Caller) -> None:
    """An asynchronous invocation, with its retries."""
    _may(world, target, caller)
    cast(Lambda, world.engine("lambda")).begin(target.function, event)


def _may(world: World, target: Target, caller: Caller) -> None:
    who = principal(world, target, caller)
    region, account = target.function.split(":")[3:5]
    world.authorize(who, action="lambda:InvokeFunction", resource=target.function, account=account, region=region)


def principal(world: World, target: Target, caller: Caller) -> Caller:
    """On whose behalf an integration calls."""
    if target.credentials == AS_CALLER:
        return caller.via(SERVICE)
    if target.credentials:
        return world.assume(target.credentials, service=SERVICE, session="BackplaneAssumeRoleSession",
                            source_arn=target.source_arn, source_account=target.account)
    return service_principal(SERVICE, source_arn=target.source_arn, source_account=target.account)


def _within(world: World, target: Target, event: bytes) -> tuple[bytes, bool]:
    functions = cast(Lambda, world.engine("lambda"))
    future: Future[tuple[bytes, bool]] = Future()

    def run() -> None:
        try:
            future.set_result(functions.run(target.function, event))
        except Exception as error:  # noqa: BLE001  raised again where the answer is waited for
            future.set_exception(error)

    threading.Thread(target=run, name="api-call", daemon=True).start()
    try:
        return future.result(timeout=target.seconds)
    except TimeoutError:
        raise TimedOut from None
