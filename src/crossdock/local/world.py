"""The local AWS as its engines see it: accounts, identities, clients that act as somebody, the bus, child processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from crossdock.local.door.wire import Answer, Wire
from crossdock.local.engine import Engine
from crossdock.local.identity import Caller, Credentials
from crossdock.local.processes import Process


class World(Protocol):
    """Given to every engine. One implementation serves (`local.server`); tests may bring their own."""

    endpoint: str
    """`http://127.0.0.1:PORT`, where AWS's API answers."""
    root: Path
    """State directory; an engine keeps files in `root / <service>`."""
    accounts: Mapping[str, str]
    """Account id -> name."""
    organization: str
    """`o-...`, to which all accounts belong; empty: none."""
    management_account: str
    region: str
    partition: str

    def client(self, service: str, caller: Caller, region: str | None = None) -> Any:
        """A boto3 client whose calls go through the door as this caller (in-process: same parsing, same authorisation,
        same log)."""
        ...

    def serve(self, wire: Wire, *, caller: Caller, service: str, region: str) -> Answer:
        """One API call as it stands on the wire, by this caller: parsed, authorised, logged, answered by the door."""
        ...

    def assume(
        self, role_arn: str, *, service: str, session: str, source_arn: str = "", source_account: str = ""
    ) -> Caller:
        """A session of a role, assumed by an AWS service principal; its trust policy is asked.

        Raises AwsError AccessDenied when the role doesn't exist or doesn't trust the service.
        """
        ...

    def session(self, access_key: str) -> Caller:
        """The caller behind credentials that STS issued. KeyError for unknown ones."""
        ...

    def role_session(self, role_arn: str, session: str) -> Caller:
        """A session of an existing role; who may have it is not asked here. Raises AwsError AccessDenied."""
        ...

    def find_key(self, access_key: str) -> tuple[Credentials, Caller] | None:
        """An access key and its caller; None for a key that nobody has."""
        ...

    def authorize(
        self,
        caller: Caller,
        *,
        action: str,
        resource: str,
        account: str,
        region: str,
        context: Mapping[str, str | tuple[str, ...]] | None = None,
    ) -> None:
        """Ask the door about something that is no API call of its own (GitPush, execute-api:Invoke, iam:PassRole).

        `account` owns the resource. Raises AwsError AccessDenied in AWS's words; the decision is logged.
        """
        ...

    def credentials(self, caller: Caller, *, seconds: int = 3600) -> Credentials:
        """Temporary credentials that stand for this caller, for a process."""
        ...

    def environment(self, caller: Caller, region: str) -> dict[str, str]:
        """AWS_* variables with which a child process acts as this caller against this endpoint."""
        ...

    def emit(
        self,
        *,
        account: str,
        region: str,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        resources: Sequence[str] = (),
    ) -> None:
        """Put a service's event on the default event bus of an account; rules and their targets do the rest."""
        ...

    def engine(self, service: str) -> Engine:
        """The engine of a service, to hand work over in-process; KeyError where a store, not an engine, answers."""
        ...

    def resource_policy(self, arn: str) -> str | None:
        """The resource-based policy in force on a resource, engine or store."""
        ...

    def holds(self, arn: str) -> bool:
        """Whether there is a resource of this ARN; nobody's rights are asked. False for types that aren't known."""
        ...

    def spawn(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, name: str, stdin: bool = False
    ) -> Process:
        """Start a supervised child process: it and all its descendants die with the local AWS, even by SIGKILL."""
        ...

    def substitution(self, what: str) -> None:
        """Remember that something ran otherwise than on AWS, in one sentence, for the report."""
        ...

    def log_lines(
        self, caller: Caller, *, region: str, group: str, stream: str, lines: Sequence[str]
    ) -> None:
        """Append lines to CloudWatch Logs as this caller, creating group and stream when it may. Raises AwsError."""
        ...
