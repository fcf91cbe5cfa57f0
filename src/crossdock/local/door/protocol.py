"""AWS's wire protocols by botocore's models: a request's parameters in, an output or an error out."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.serialize import SerializationContext, get_serializer_class
from werkzeug.datastructures import Headers, MultiDict

from crossdock.local.door.services import Match
from crossdock.local.door.wire import Answer, Wire
from crossdock.local.engine import AwsError

CBOR = "smithy-rpc-v2-cbor"


def parameters(wire: Wire, match: Match, *, with_payload: bool = True) -> dict[str, Any]:
    """The request's members by API name. `with_payload=False` leaves a binary body (an S3 object) unread.

    Raises AwsError SerializationException for a body that is not of the protocol.
    """
    shape = match.operation.input_shape
    if shape is None:
        return {}
    try:
        if match.protocol == CBOR:
            parsed = RpcV2CBORParser().parse_data_item(_Peekable(wire.body)) if wire.body else {}
            return parsed if isinstance(parsed, dict) else {}
        body = wire.body
        payload = shape.serialization.get("payload")
        if not with_payload and payload and shape.members[payload].type_name == "blob":
            body = b""
        values: MultiDict[str, str] = MultiDict(wire.pairs)
        if match.protocol in ("query", "ec2") and "x-www-form-urlencoded" in wire.headers.get("content-type", ""):
            form = Wire(method="", raw_path="", query=body.decode(), headers={})
            values = MultiDict([*wire.pairs, *form.pairs])
        parser = PROTOCOL_PARSERS[match.protocol](match.operation)
        parsed = parser.parse({
            "method": wire.method, "values": values, "headers": Headers(list(wire.headers.items())), "body": body,
            "url_path": wire.path, "url_params": dict(match.path),
        })
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AwsError("SerializationException", f"could not read the request: {error}", 400) from error
    return {name: value for name, value in parsed.items() if value is not None}


class _Peekable(io.BufferedReader):
    """What botocore's CBOR parser reads from: bytes that can be peeked at."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))


def output(match: Match, result: Mapping[str, Any], request_id: str) -> Answer:
    """An engine's answer in the protocol of the request."""
    operation = match.operation
    if match.protocol == CBOR:
        body = bytearray()
        if operation.output_shape is not None:
            serializer = RpcV2CBORSerializer()
            serializer._serialize_data_item(body, _known(result, operation.output_shape), operation.output_shape)
        return Answer(status=200, headers=_headers(request_id, "application/cbor", cbor=True), body=bytes(body))
    serializer_class = get_serializer_class(operation.service_model.service_name, match.protocol)
    answer = serializer_class(operation_model=operation, context=SerializationContext(request_id)).serialize(result)
    text = answer["body"]
    headers = {str(k): str(v) for k, v in answer["headers"].items()}
    headers.setdefault("x-amzn-RequestId", request_id)
    return Answer(status=_status(operation, result) or int(answer["status_code"]), headers=headers,
                  body=text.encode() if isinstance(text, str) else bytes(text))


def _status(operation: OperationModel, result: Mapping[str, Any]) -> int:
    """The status that a member of the output says (Invoke, StatusCode); 0: none does."""
    for name, shape in getattr(operation.output_shape, "members", {}).items():
        if shape.serialization.get("location") == "statusCode" and result.get(name):
            return int(result[name])
    return 0


def _known(value: Any, shape: Any) -> Any:
    """The part of a result that the model knows (what the other serialisers do by themselves)."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {k: _known(v, shape.members[k]) for k, v in value.items() if k in shape.members and v is not None}
    if shape.type_name == "list" and isinstance(value, (list, tuple)):
        return [_known(v, shape.member) for v in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {k: _known(v, shape.value) for k, v in value.items()}
    return value


def error(failure: AwsError, *, service: str, protocol: str, request_id: str, method: str = "POST") -> Answer:
    """An error in the protocol of the service."""
    code, message = failure.code, failure.message
    if protocol == CBOR:
        body = bytearray()
        serializer = RpcV2CBORSerializer()
        for head, text in ((None, None), ("__type", code), ("message", message)):
            if head is None:
                body.extend(b"\xa2")
            else:
                serializer._serialize_type_string(body, head, None, None)
                serializer._serialize_type_string(body, text, None, None)
        headers = _headers(request_id, "application/cbor", cbor=True)
        return Answer(status=failure.status, headers=headers, body=bytes(body))
    if protocol in ("json", "rest-json"):
        members = {"message": message, "Message": message} | failure.members
        if protocol == "json":
            members["__type"] = code
        headers = _headers(request_id, "application/x-amz-json-1.1" if protocol == "json" else "application/json")
        headers["x-amzn-ErrorType"] = code
        if service == "sqs":
            headers["x-amzn-query-error"] = f"{code};Sender"
        return Answer(status=failure.status, headers=headers, body=json.dumps(members, default=str).encode())
    code, message = escape(code), escape(message)
    if protocol == "rest-xml":
        extra = "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in failure.members.items())
        text = (f"<Error><Code>{code}</Code><Message>{message}</Message>{extra}"
                f"<RequestId>{request_id}</RequestId></Error>")
    elif protocol == "ec2":
        text = (f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
                f"<RequestID>{request_id}</RequestID></Response>")
    else:
        kind = "Receiver" if failure.status >= 500 else "Sender"
        text = (f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                f"<RequestId>{request_id}</RequestId></ErrorResponse>")
    body_bytes = b"" if method == "HEAD" else f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    headers = _headers(request_id, "text/xml" if protocol != "rest-xml" else "application/xml")
    return Answer(status=failure.status, headers=headers, body=body_bytes)


def _headers(request_id: str, content_type: str, *, cbor: bool = False) -> dict[str, str]:
    headers = {"Content-Type": content_type, "x-amzn-RequestId": request_id}
    if cbor:
        headers["smithy-protocol"] = "rpc-v2-cbor"
    return headers


def protocol_for(operation: OperationModel | None, wire: Wire, default: str) -> str:
    """The protocol in which to answer when the request could not be matched to an operation."""
    if wire.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return CBOR
    if "x-amz-target" in wire.headers:
        return "json"
    return str(operation.service_model.protocol) if operation is not None else default
