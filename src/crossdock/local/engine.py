"""What the door hands to an engine, and what an engine answers.

An engine emulates one AWS service. Its operations are methods named as botocore names them
(`StartPipelineExecution` -> `start_pipeline_execution`), taking the `Call` and returning the operation's output as a
plain mapping with the API's own member names; the door parses the request and serialises the answer by botocore's
service model, and has already authenticated and authorised the caller. Durable state lives in plain dataclasses under
`self.state`: no locks, threads or processes in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authorised API call.

    params   the request's members by API name (blobs are bytes, timestamps are datetimes)
    account  the 12-digit account whose resources the call reads or changes
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    caller: Caller
    account: str
    region: str
    request_id: str
    partition: str = "aws"
    headers: Mapping[str, str] = field(default_factory=dict)

    def arn(self, resource: str) -> str:
        """An ARN of this call's service, region and account."""
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request that is no AWS API call: git over HTTP, an invocation of an API, a custom resource's answer.

    path     below the route that chose the engine, percent-decoded, starting with `/`
    headers  names in lower case
    caller   who signed it (git: Basic credentials made from an access key), or ANONYMOUS
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    caller: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class AwsError(Exception):
    """An error that the API answers with: the service's code, its message in AWS's words, the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.members = code, message, status, members


class NotEmulated(AwsError):
    """Refused by name: the local AWS does not emulate this."""

    def __init__(self, what: str) -> None:
        super().__init__("NotEmulated", f"the local AWS does not emulate {what}", 501)


def snake(name: str) -> str:
    """`StartPipelineExecution` -> `start_pipeline_execution`, as botocore spells it."""
    from botocore import xform_name

    return str(xform_name(name))


def _not_kept(_: Call | HttpRequest | tuple[str, ...]) -> None:
    """The state lives as long as this process."""


class Engine:
    """Base of all engines."""

    service: ClassVar[str]
    """botocore's service name, e.g. `codepipeline`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.keep: Callable[[Call | HttpRequest | tuple[str, ...]], None] = _not_kept
        """Writes what changed in `state` to disk, where the local AWS keeps it; called before an answer is given. With
        a part's place in the state (`("stacks", id)`), that part alone: for what must be known after a kill."""

    def handle(self, call: Call) -> Mapping[str, Any]:
        """Run one operation. Raises AwsError; NotEmulated for what this engine lacks."""
        method = getattr(self, snake(call.operation), None)
        if method is None or call.operation[:1].islower():
            raise NotEmulated(f"{call.service}:{call.operation}")
        try:
            answer: Mapping[str, Any] | None = method(call)
        finally:
            self.keep(call)
        return answer or {}

    def resource_policy(self, arn: str) -> str | None:  # noqa: ARG002
        """The resource-based policy (JSON) of a resource of this service, where the service has such policies."""
        return None

    def holds(self, arn: str) -> bool:  # noqa: ARG002
        """Whether there is a resource of this ARN, where a creation by its service would not say so."""
        return False

    def tags(self, arn: str) -> Mapping[str, str]:  # noqa: ARG002
        """The tags of a resource of this service (aws:ResourceTag)."""
        return {}

    def http(self, request: HttpRequest) -> HttpResponse:
        """Answer a request on this engine's own route. The engine authorises it (`World.authorize`)."""
        raise NotEmulated(f"{request.method} {request.path}")

    def start(self) -> None:
        """Begin background work, after the server listens."""

    def stop(self) -> None:
        """End background work; the state stays."""
