"""boto3 clients whose calls go straight to the door, as a given caller: no socket, but the same parsing and rights.

One client is made for each service and region; what callers get are views of it, each bound to one of them. Making a
client costs more than a call, a view next to nothing.
"""

from __future__ import annotations

import io
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.session import Session

from crossdock.local.door.wire import Wire
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.door.door import Door

_CALLER: ContextVar[Caller] = ContextVar("caller")
"""Who makes the call that is under way in this thread."""


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
            config=Config(signature_version=UNSIGNED, retries={"mode": "standard", "total_max_attempts": 2},
                          s3={"addressing_style": "path"}, request_checksum_calculation="when_required",
                          response_checksum_validation="when_required", user_agent="crossdock"),
        )

        def answer(request: Any, **_: Any) -> AWSResponse:
            split = urlsplit(request.url)
            body = request.body
            if body is not None and hasattr(body, "read"):
                body = body.read()
            headers = {
                str(k).lower(): v.decode() if isinstance(v, bytes) else str(v) for k, v in request.headers.items()
            }
            headers.setdefault("host", "door.invalid")
            wire = Wire(method=request.method, raw_path=split.path or "/", query=split.query, headers=headers,
                        body=body.encode() if isinstance(body, str) else bytes(body or b""))
            reply = self._door.serve(wire, caller=_CALLER.get(), service=service, region=region)
            return AWSResponse(request.url, reply.status, _Headers(reply.headers), _Raw(reply.body))

        client.meta.events.register_first("before-send", answer)
        _ = client.exceptions  # made now, so that the views share them
        return type(type(client).__name__, (_Bound, type(client)), {}), vars(client)


class _Bound:
    """What a view has before a client's own methods: its calls are its caller's."""

    _caller: Caller

    def _make_api_call(self, operation_name: str, api_params: Any) -> Any:
        token = _CALLER.set(self._caller)
        try:
            return super()._make_api_call(operation_name, api_params)  # type: ignore[misc]
        finally:
            _CALLER.reset(token)


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
