"""Custom resources: a request to a function or topic, and its answer at a pre-signed URL.

Source: CloudFormation User Guide, "Custom resource request objects", "Custom resource response objects".

On AWS the function is invoked asynchronously, retried twice, and a crash is only noticed when the time is over. Here
the call waits for the function, so that one which crashes three times without an answer fails its resource at once.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from crossdock.local.cloudformation.resources.handler import Context, Failed, Handler, Props, words
from crossdock.local.cloudformation.resources.shapes import text
from crossdock.local.cloudformation.run import CUSTOM_TYPE
from crossdock.local.cloudformation.waiting import await_answers, ticket

TYPE = CUSTOM_TYPE
DEFAULT_SECONDS = 3600
ATTEMPTS = 3


def _as_texts(value: Any) -> Any:
    """Scalars reach the handler as strings, as CloudFormation sends them."""
    match value:
        case Mapping():
            return {key: _as_texts(item) for key, item in value.items()}
        case list():
            return [_as_texts(item) for item in value]
        case _:
            return text(value)


def _ask(ctx: Context, kind: str, props: Props, **more: Any) -> Mapping[str, Any]:
    """Send one request and return the answer. Failed: it says no, or doesn't come."""
    token, url = ticket(ctx, "custom-resource")
    request_id = str(uuid.uuid4())
    message = {
        "RequestType": kind, "ServiceToken": props["ServiceToken"], "ResponseURL": url, "StackId": ctx.stack.id,
        "RequestId": request_id, "LogicalResourceId": ctx.logical_id, "ResourceType": ctx.type,
        "ResourceProperties": _as_texts(props), **more,
    }  # fmt: skip
    try:
        crash = _send(ctx, str(props["ServiceToken"]), json.dumps(message), token)
        seconds = 0 if crash else int(props.get("ServiceTimeout", DEFAULT_SECONDS))
        if not await_answers(ctx, token, seconds, bool):
            if kind == "Create":
                ctx.made(ctx.name(63))
            raise Failed(
                "CloudFormation did not receive a response from your custom resource. Please check your logs for "
                f"requestId [{request_id}].{' ' + crash if crash else ''}"
            )
        answer = ctx.engine.state.tickets[token].answers[0]
    finally:
        ctx.engine.state.tickets.pop(token, None)
    physical_id = answer.get("PhysicalResourceId")
    if kind == "Create" and physical_id:
        ctx.made(str(physical_id))
    if answer.get("Status") != "SUCCESS":
        raise Failed(
            f"Received response status [{answer.get('Status', 'FAILED')}] from custom resource. Message returned: "
            f"{answer.get('Reason', '')} (RequestId: {request_id})"
        )
    if kind != "Delete" and not physical_id:
        raise Failed("Invalid PhysicalResourceId")
    return answer


def _send(ctx: Context, service_token: str, message: str, token: str) -> str:
    """Hand the request over. Returns what a function that crashed said, or an empty string."""
    if ":sns:" in service_token:
        ctx.client("sns").publish(
            TopicArn=service_token, Subject="AWS CloudFormation custom resource request", Message=message
        )
        return ""
    said = ""
    for _ in range(ATTEMPTS):
        answer = ctx.client("lambda").invoke(FunctionName=service_token, Payload=message.encode())
        if "FunctionError" not in answer or ctx.engine.state.tickets[token].answers or ctx.stopped():
            return ""
        said = f"The function failed: {answer['Payload'].read().decode(errors='replace')[:1000]}"
    return said


def _keep(ctx: Context, answer: Mapping[str, Any]) -> str:
    ctx.known.update(answer.get("Data") or {})
    return str(answer["PhysicalResourceId"])


def _update(ctx: Context, physical_id: str, old: Props, new: Props) -> str:
    return _keep(
        ctx, _ask(ctx, "Update", new, PhysicalResourceId=physical_id, OldResourceProperties=_as_texts(old))
    )


TYPES = (
    Handler(
        type=TYPE,
        emulated=words("ServiceToken ServiceTimeout"),
        create=lambda ctx, props: _keep(ctx, _ask(ctx, "Create", props)),
        update=_update,
        delete=lambda ctx, physical_id, props: _ask(ctx, "Delete", props, PhysicalResourceId=physical_id),
        read=lambda ctx, _id, _props: dict(ctx.known),
    ),
)
