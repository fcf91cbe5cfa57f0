"""Answers that come by HTTP PUT to a pre-signed place: wait condition handles, and tickets of custom resources.

Source: CloudFormation User Guide, "Wait conditions", "Custom resource response objects".
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.cloudformation.resources.handler import Context, Failed, Handler, Props, words
from crossdock.local.cloudformation.state import Ticket
from crossdock.local.engine import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

ROUTE = "/_aws/cloudformation"
LOOK_AGAIN = 0.2
"""Seconds after which a waiting handler looks whether its operation was cancelled."""


def ticket(ctx: Context, kind: str) -> tuple[str, str]:
    """A new ticket and the URL at which it is answered."""
    token = secrets.token_urlsafe(32)
    ctx.engine.state.tickets[token] = Ticket(stack_id=ctx.stack.id, logical_id=ctx.logical_id)
    return token, f"{ctx.engine.world.endpoint}{ROUTE}/{kind}/{token}"


def await_answers(ctx: Context, token: str, seconds: float, enough: Callable[[list[dict[str, Any]]], bool]) -> bool:
    """Wait until enough answers are there. False: the time is over, or the operation was cancelled."""
    engine, end = ctx.engine, time.monotonic() + seconds
    with engine.answered:
        while not enough(engine.state.tickets[token].answers):
            left = end - time.monotonic()
            if left <= 0 or ctx.stopped():
                return False
            engine.answered.wait(min(left, LOOK_AGAIN))
    return True


def receive(engine: Core, request: HttpRequest) -> HttpResponse:
    """A PUT of a JSON document. The token in the path is the right to answer, as a pre-signed URL's signature is."""
    token = request.path.rstrip("/").rpartition("/")[2]
    if request.method != "PUT":
        return HttpResponse(status=405, headers={"allow": "PUT"})
    if token not in engine.state.tickets:
        denied = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        return HttpResponse(status=403, body=denied)
    try:
        answer = json.loads(request.body)
    except ValueError:
        answer = {"Status": "FAILED", "Reason": "Response object is not valid JSON"}
    if not isinstance(answer, dict):
        answer = {"Status": "FAILED", "Reason": "Response object is not a JSON object"}
    with engine.answered:
        engine.state.tickets[token].answers.append(answer)
        engine.answered.notify_all()
    return HttpResponse(status=200)


def _await_condition(ctx: Context, props: Props) -> str:
    """With a handle it waits for answers at its URL; with a creation policy for signals, like any other resource."""
    condition = ctx.arn("cloudformation", f"waitcondition/{ctx.stack.name}/{ctx.logical_id}")
    if "Handle" not in props:
        return condition
    token = str(props["Handle"]).rpartition("/")[2]
    if token not in ctx.engine.state.tickets:
        raise Failed(f"Handle {props['Handle']} is no wait condition handle")
    count = int(props.get("Count", 1))

    def enough(answers: list[dict[str, Any]]) -> bool:
        return any(a.get("Status") != "SUCCESS" for a in answers) or len(_unique(answers)) >= count

    done = await_answers(ctx, token, int(props["Timeout"]), enough)
    answers = ctx.engine.state.tickets[token].answers
    for answer in answers:
        if answer.get("Status") != "SUCCESS":
            raise Failed(
                f"WaitCondition received failed message: '{answer.get('Reason', '')}' for uniqueId: "
                f"{answer.get('UniqueId', '')}"
            )
    if not done:
        raise Failed(f"WaitCondition timed out. Received {len(_unique(answers))} conditions when expecting {count}")
    return condition


def _unique(answers: list[dict[str, Any]]) -> dict[str, Any]:
    return {str(a.get("UniqueId")): a.get("Data", "") for a in answers}


def _read_condition(ctx: Context, _: str, props: Props) -> Mapping[str, Any]:
    if "Handle" not in props:
        return {"Data": json.dumps(dict.fromkeys(ctx.stack.signals.get(ctx.logical_id, {}), ""))}
    token = str(props["Handle"]).rpartition("/")[2]
    return {"Data": json.dumps(_unique(ctx.engine.state.tickets[token].answers))}


TYPES = (
    Handler(
        type="AWS::CloudFormation::WaitConditionHandle",
        emulated=frozenset(),
        create=lambda ctx, _: ticket(ctx, "wait-condition")[1],
        delete=lambda ctx, url, _: ctx.engine.state.tickets.pop(url.rpartition("/")[2], None),
    ),
    Handler(
        type="AWS::CloudFormation::WaitCondition",
        emulated=words("Handle Timeout Count"),
        create=_await_condition,
        read=_read_condition,
        # A wait condition that changes does nothing: it waited once (CloudFormation User Guide, "Wait conditions").
        update=lambda _ctx, _id, _old, _new: None,
        delete=lambda _ctx, _id, _props: None,
    ),
)
