"""boto3 clients whose calls go straight to the door, as a given caller: no socket, but the same parsing and rights.

One client is made for each service and region; what callers get are views of it, each bound to one of them. Making a
client costs more than a call, a view next to nothing. botocore makes the requests and reads the answers; what it does
in between for the sake of a network (connections, signatures, retries) is left out.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.endpoint import convert_to_response_dict
from botocore.parsers import ResponseParserFactory
from botocore.session import Session

from crossdock.local.door.wire import Wire
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.door.door import Door


class Clients:
    """Makes clients and keeps them, since loading a service's model costs more than a call."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._session = Session()
        self._session.set_config_variable("region", "us-east-1")
        self._session.set_credentials("in", "process")
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], tuple[type, dict[str, Any]]] = {}

    def get(self, service: str, caller: Caller, region: str) -> Any:
        """A client that acts as `caller`."""
        found = self._made.get((service, region))
        if found is None:
            with self._lock:
                found = self._made.get((service, region)) or self._make(service, region)
                self._made[service, region] = found
        kind, members = found
        view: Any = object.__new__(kind)
        view.__dict__.update(members, _caller=caller)
        return view

    def _make(self, service: str, region: str) -> tuple[type, dict[str, Any]]:
        """The class of a client's views, and what they have in common."""
        from botocore import UNSIGNED

        client = self._session.create_client(
            service, region_name=region, endpoint_url="http://door.invalid",
            config=Config(signature_version=UNSIGNED, s3={"addressing_style": "path"}, user_agent="crossdock",
                          request_checksum_calculation="when_required", response_checksum_validation="when_required"),
        )
        _ = client.exceptions  # made now, so that the views share them
        return type(type(client).__name__, (_Bound, type(client)), {}), {
            **vars(client), "_door": self._door, "_parsers": ResponseParserFactory()}


class _Bound:
    """What a view has before a client's own methods: its calls are its caller's, and go to the door."""

    meta: Any
    _caller: Caller
    _door: Door
    _parsers: ResponseParserFactory
    _endpoint: Any
    _service_model: Any

    def _make_request(self, operation: Any, asked: Mapping[str, Any], context: Any) -> tuple[Any, dict[str, Any]]:  # noqa: ARG002
        """A request as botocore made it -> the answer, raw and read."""
        model = self._service_model
        split = urlsplit(asked["url"])
        body = _bytes(asked["body"])
        headers = {str(k).lower(): v.decode() if isinstance(v, bytes) else str(v) for k, v in asked["headers"].items()}
        headers |= {"host": split.netloc, "content-length": str(len(body))}
        wire = Wire(method=asked["method"], raw_path=split.path or "/", query=split.query, headers=headers, body=body)
        reply = self._door.serve(
            wire, caller=self._caller, service=model.service_name, region=self.meta.region_name)
        http = AWSResponse(asked["url"], reply.status, _Headers(reply.headers), _Raw(reply.body))
        given = convert_to_response_dict(http, operation)
        customized: dict[str, Any] = {}
        self.meta.events.emit(
            f"before-parse.{model.service_id.hyphenize()}.{operation.name}", operation_model=operation,
            response_dict=given, customized_response_dict=customized,
        )  # fmt: skip
        parser = self._parsers.create_parser(model.resolved_protocol)
        parsed: dict[str, Any] = parser.parse(given, operation.output_shape)
        parsed.update(customized)
        if http.status_code >= 300:
            self._endpoint._add_modeled_error_fields(given, parsed, operation, parser)
        return http, parsed


def _bytes(body: Any) -> bytes:
    """The body of a request: a form, a text, bytes, or something that is read."""
    if isinstance(body, Mapping):
        body = urlencode(list(body.items()), doseq=True)
    elif hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body or b"")


class _Headers(dict[str, str]):
    """Response headers as botocore reads them: any case."""

    def __init__(self, headers: Any) -> None:
        super().__init__({str(k).lower(): v for k, v in dict(headers).items()})

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())


class _Raw(io.BytesIO):
    """A body as urllib3 hands it to botocore."""

    def stream(self, **_: Any) -> Any:
        while chunk := self.read(65536):
            yield chunk
