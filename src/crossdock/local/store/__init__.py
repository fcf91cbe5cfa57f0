"""The store of state: create, read, update, delete for the services that need no engine of ours.

moto keeps it, in-process, and nothing more: who calls and whether they may is decided at the door, before. Everything
that we know about moto's inside is in this folder, so that the store stays replaceable.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from typing import Any

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
os.environ["MOTO_ALLOW_NONEXISTENT_REGION"] = "true"

from moto.backends import get_backend
from moto.core.exceptions import HTTPException
from moto.core.model_instances import reset_model_data
from moto.core.request import Request

from crossdock.local.door.services import model
from crossdock.local.door.wire import Answer, Wire
from crossdock.local.store.iam import IdentityStore
from crossdock.local.store.kms import KeyStore
from crossdock.local.store.s3 import ObjectStore

SERVICES = frozenset({"iam", "s3", "kms", "ssm", "logs", "sns", "sqs", "secretsmanager", "cloudwatch", "organizations"})
"""What the store answers. Everything else is an engine's, or refused by name."""

_BACKENDS = {"cloudwatch": "cloudwatch"}


class Store:
    """moto behind one class."""

    def __init__(self) -> None:
        reset_model_data()
        for service in SERVICES & {"iam", "s3", "kms"}:
            get_backend(service)  # type: ignore[call-overload]
        self.identities = IdentityStore()
        self.keys = KeyStore()
        self.objects = ObjectStore()
        self._routes: dict[str, list[tuple[re.Pattern[str], Callable[..., Any]]]] = {}
        self._lock = threading.RLock()

    def answer(self, wire: Wire, service: str, *, account: str, region: str) -> Answer:
        """What the store says to an authorised request, in the account that owns what it is about."""
        prefix = model(service).endpoint_prefix
        host = "iam.amazonaws.com" if service == "iam" else f"{prefix}.{region}.amazonaws.com"
        url = f"https://{host}{wire.raw_path or '/'}" + (f"?{wire.query}" if wire.query else "")
        headers = {name: value for name, value in wire.headers.items() if name != "x-amz-security-token"}
        headers["host"] = host
        headers["x-moto-account-id"] = account
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential=AKIAAAAAAAAAAAAAAAAA/20260101/{region}/{service}/aws4_request, "
            "SignedHeaders=host, Signature=checked-at-the-door"
        )
        if service == "s3" and wire.argument("X-Amz-Algorithm"):
            url = url.partition("?")[0] + _without_signature(wire)
        request = Request.from_primitives(wire.method, url, headers, wire.body)
        request.environ["RAW_URI"] = wire.raw_path or "/"
        clean = url.partition("?")[0]
        for pattern, method in self._urls(service):
            if pattern.match(clean):
                break
        else:
            return Answer(status=404, body=b"")
        with self._lock:
            try:
                status, answered, body = method(request, url, request.headers)
            except HTTPException as error:
                status, answered, body = error.code, dict(error.get_headers()), error.get_body()
        return Answer(status=int(status or 200), headers={str(k): str(v) for k, v in dict(answered).items()},
                      body=body.encode() if isinstance(body, str) else bytes(body or b""))

    def _urls(self, service: str) -> list[tuple[re.Pattern[str], Callable[..., Any]]]:
        if service not in self._routes:
            backends = get_backend(_BACKENDS.get(service, service))  # type: ignore[call-overload]
            regions = backends["123456789012"]
            backend = regions["us-east-1"] if "us-east-1" in regions else regions["aws"]
            self._routes[service] = [(re.compile(url), method) for url, method in backend.urls.items()]
        return self._routes[service]

    def resource_policy(self, arn: str) -> str | None:
        """The resource-based policy that the store keeps for a resource, by its ARN."""
        service, account, resource = arn.split(":", 5)[2], arn.split(":", 5)[4], arn.split(":", 5)[5]
        match service:
            case "s3":
                return self.objects.policy(resource.partition("/")[0])
            case "kms":
                return self.keys.policy(arn)
            case "iam" if resource.startswith("role/"):
                return self.identities.trust(arn)
            case "sns":
                return _attribute(lambda: _backend("sns", account, arn).topics[arn].policy)
            case "sqs":
                return _attribute(lambda: _queue_policy(arn))
            case "secretsmanager":
                return _attribute(lambda: _backend(service, account, arn).get_resource_policy(arn))
            case _:
                return None

    def owner(self, arn: str) -> str:
        """The account that owns a resource whose ARN names none (a bucket); empty when there is no such resource."""
        parts = arn.split(":", 5)
        if len(parts) == 6 and parts[2] == "s3":
            return self.objects.owner(parts[5].partition("/")[0])
        return parts[4] if len(parts) == 6 else ""


def _backend(service: str, account: str, arn: str) -> Any:
    return get_backend(service)[account][arn.split(":")[3]]  # type: ignore[call-overload]


def _queue_policy(arn: str) -> str | None:
    _, _, _, region, account, name = arn.split(":", 5)
    policy = get_backend("sqs")[account][region].queues[name]._policy_json  # noqa: SLF001
    import json

    return json.dumps(policy) if policy else None


def _attribute(read: Callable[[], str | None]) -> str | None:
    """A policy, or None where there is no such resource."""
    try:
        return read() or None
    except KeyError:
        return None


def _without_signature(wire: Wire) -> str:
    from urllib.parse import urlencode

    kept = [(k, v) for k, v in wire.pairs if not k.startswith("X-Amz-")]
    return "?" + urlencode(kept) if kept else ""

