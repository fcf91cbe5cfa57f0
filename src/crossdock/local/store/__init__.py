"""The store of state: create, read, update, delete for the services that need no engine of ours.

moto keeps it, in-process, and nothing more: who calls and whether they may is decided at the door, before. Everything
that we know about moto's inside is in this folder, so that the store stays replaceable.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
os.environ["MOTO_ALLOW_NONEXISTENT_REGION"] = "true"

from moto.backends import get_backend
from moto.core.base_backend import BackendDict
from moto.core.exceptions import HTTPException
from moto.core.model_instances import reset_model_data

from crossdock.local.door.services import model
from crossdock.local.door.wire import Answer, Wire
from crossdock.local.engine import AwsError
from crossdock.local.store import additions, corrections, defaults, once, requests, sending
from crossdock.local.store.iam import IdentityStore
from crossdock.local.store.keeping import StoreKeeper
from crossdock.local.store.kms import KeyStore
from crossdock.local.store.s3 import ObjectStore
from crossdock.local.store.wording import worded

SERVICES = frozenset({
    "iam", "s3", "kms", "ssm", "logs", "sns", "sqs", "secretsmanager", "cloudwatch", "dynamodb",
    "dynamodbstreams", "scheduler", "kinesis", "firehose", "ecr", "ecs", "ec2", "elbv2", "autoscaling",
    "application-autoscaling", "rds", "elasticache", "opensearch", "es", "efs", "route53", "acm", "cloudfront", "wafv2",
    "batch", "codedeploy", "backup", "config", "cloudtrail", "servicediscovery", "ses", "sesv2",
    "synthetics", "resource-groups", "cognito-identity",
})
"""What the store answers. Everything else is an engine's, or refused by name."""

RUNNING: Mapping[str, frozenset[str]] = {
    "ecs": frozenset({"RunTask", "StartTask", "ExecuteCommand"}),
    "batch": frozenset({"SubmitJob", "SubmitServiceJob"}),
    "codedeploy": frozenset({"CreateDeployment"}),
    "firehose": frozenset({"PutRecord", "PutRecordBatch"}),
    "ssm": frozenset({"SendCommand", "StartAutomationExecution", "StartSession"}),
    "synthetics": frozenset({"StartCanary"}),
    "backup": frozenset({"StartBackupJob", "StartRestoreJob", "StartCopyJob"}),
    "config": frozenset({"StartRemediationExecution", "StartConfigRulesEvaluation"}),
    "ses": frozenset({"SendEmail", "SendRawEmail", "SendTemplatedEmail", "SendBulkTemplatedEmail"}),
    "sesv2": frozenset({"SendEmail", "SendBulkEmail"}),
}
"""Operations that set something to work which nothing here does: a record that it ran would be untrue, so they are
refused."""

_GLOBAL = frozenset({"iam", "route53", "cloudfront"})


class Store:
    """moto behind one class. Its state belongs to the process: a new Store starts empty and empties any older one."""

    def __init__(self) -> None:
        corrections.apply()
        defaults.apply()
        sending.apply()
        self.lock = threading.RLock()
        once.apply(self.lock)
        BackendDict.reset()
        reset_model_data()
        self.keeper: StoreKeeper | None = None
        """Writes what requests change to disk, where the local AWS keeps its state."""
        self.deliver: Callable[[sending.Parcel], None] = lambda _: None
        """Carries what topics and buckets send; called without the lock, once what they were asked is done."""
        self.identities = IdentityStore()
        self.keys = KeyStore()
        self.objects = ObjectStore()
        self._routes: dict[str, list[tuple[re.Pattern[str], Callable[..., Any]]]] = {}

    def answer(self, wire: Wire, service: str, *, account: str, region: str) -> Answer:
        """What the store says to an authorised request, in the account that owns what it is about."""
        prefix = model(service).endpoint_prefix
        host = f"{prefix}.amazonaws.com" if service in _GLOBAL else f"{prefix}.{region}.amazonaws.com"
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
        body = _by_key_id(wire.body) if service == "kms" else corrections.body(service, wire.body)
        clean, _, query = url.partition("?")
        request = requests.made(wire.method, host, wire.raw_path or "/", query, headers, body)
        method = next((method for pattern, method in self._urls(service) if pattern.match(clean)), None)
        if method is None:
            return Answer(status=404, body=b"")
        with self.lock, self._kept(wire, service, account, region):
            sending.collected()
            try:
                status, answered, text = method(request, url, request.headers)
            except HTTPException as error:
                status, answered, text = error.code, dict(error.get_headers()), error.get_body()
            except (KeyError, AttributeError, TypeError, ValueError, IndexError, StopIteration) as error:
                logging.getLogger(__name__).exception("the store failed on %s %s", service, wire.raw_path)
                raise AwsError("InternalFailure", f"the store could not answer: {error!r}", 500) from error
            leaving = sending.collected()
        for parcel in leaving:
            self.deliver(parcel)
        if int(status or 200) >= 400 and isinstance(text, str):
            text = worded(service, text)
        return Answer(status=int(status or 200), headers={_name(str(k)): str(v) for k, v in dict(answered).items()},
                      body=text.encode() if isinstance(text, str) else bytes(text or b""))

    @contextmanager
    def _kept(self, wire: Wire, service: str, account: str, region: str) -> Iterator[None]:
        """What a request changes is on disk before it is answered, whatever the answer is."""
        if self.keeper is None:
            yield
            return
        owner = self.keeper.before(service, account, region)
        try:
            yield
        finally:
            self.keeper.after(owner, wire)

    @contextmanager
    def changing(self, service: str, account: str, region: str) -> Iterator[None]:
        """Hold the lock for what changes in a backend beside any request, and have it written too."""
        with self.lock:
            if self.keeper is None:
                yield
                return
            with self.keeper.changing(service, account, region):
                yield

    def _urls(self, service: str) -> list[tuple[re.Pattern[str], Callable[..., Any]]]:
        if service not in self._routes:
            additions.apply(service)
            backends = get_backend(service)
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
                return _attribute(lambda: _backend(service, account, arn).secrets[arn].policy)
            case "ecr":
                name = resource.partition("/")[2]
                return _attribute(lambda: _backend("ecr", account, arn).repositories[name].policy)
            case _:
                return None

    def holds(self, arn: str) -> bool:
        """Whether there is a resource of this ARN: a bucket, or one of those whose creation may be asked for twice."""
        _, _, service, _, account, resource = arn.split(":", 5)
        name = resource.partition("/" if "/" in resource else ":")[2]
        match service:
            case "s3":
                return bool(self.objects.owner(resource))
            case "sns":
                return arn in _backend("sns", account, arn).topics
            case "sqs":
                return resource in _backend("sqs", account, arn).queues
            case "logs":
                return name in _backend("logs", account, arn).groups
            case "ecs":
                return name in _backend("ecs", account, arn).clusters
            case "cloudwatch" if resource.startswith("alarm:"):
                return name in _backend("cloudwatch", account, arn).alarms
            case "cloudwatch":
                return any(name in one.dashboards for one in get_backend("cloudwatch")[account].values())
            case _:
                return False

    def owner(self, arn: str) -> str:
        """The account that owns a resource whose ARN names none (a bucket); empty when there is no such resource."""
        parts = arn.split(":", 5)
        if len(parts) == 6 and parts[2] == "s3":
            return self.objects.owner(parts[5].partition("/")[0])
        return parts[4] if len(parts) == 6 else ""


def _name(header: str) -> str:
    """S3 answers user metadata in lower case."""
    return header.lower() if header.lower().startswith("x-amz-meta-") else header


def _by_key_id(body: bytes) -> bytes:
    """A KMS request that names its key by id: some of the store's operations know no key ARNs."""
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        return body
    reference = str(params.get("KeyId", ""))
    if ":key/" not in reference:
        return body
    return json.dumps(params | {"KeyId": reference.rpartition("/")[2]}).encode()


def _backend(service: str, account: str, arn: str) -> Any:
    return get_backend(service)[account][arn.split(":")[3]]


def _queue_policy(arn: str) -> str | None:
    _, _, _, region, account, name = arn.split(":", 5)
    policy = get_backend("sqs")[account][region].queues[name]._policy_json
    return json.dumps(policy) if policy else None


def _attribute(read: Callable[[], str | None]) -> str | None:
    """A policy, or None where there is no such resource."""
    try:
        return read() or None
    except (KeyError, HTTPException):
        return None


def _without_signature(wire: Wire) -> str:
    from urllib.parse import urlencode

    kept = [(k, v) for k, v in wire.pairs if not k.startswith("X-Amz-")]
    return "?" + urlencode(kept) if kept else ""

