"""boto3 clients whose calls go straight to the door, as a given caller: no socket, but the same parsing and rights."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.config import Config
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
        self._made: dict[tuple[str, str, int], tuple[Caller, Any]] = {}

    def get(self, service: str, caller: Caller, region: str) -> Any:
        """A client that acts as `caller`; the same one for the same caller."""
        key = (service, region, id(caller))
        with self._lock:
            found = self._made.get(key)
            if found is not None and found[0] is caller:
                return found[1]
            client = self._make(service, caller, region)
            if len(self._made) > 512:
                self._made.clear()
            self._made[key] = (caller, client)
            return client

    def _make(self, service: str, caller: Caller, region: str) -> Any:
        from botocore import UNSIGNED

        client = self._session.create_client(
            service, region_name=region, endpoint_url="http://door.invalid",
            config=Config(signature_version=UNSIGNED, retries={"mode": "standard", "total_max_attempts": 2},
                          s3={"addressing_style": "path"}, request_checksum_calculation="when_required",
                          response_checksum_validation="when_required"),
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
            reply = self._door.serve(wire, caller=caller, service=service, region=region)
            return AWSResponse(request.url, reply.status, _Headers(reply.headers), _Raw(reply.body))

        client.meta.events.register_first("before-send", answer)
        return client


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
