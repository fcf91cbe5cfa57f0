"""The local AWS as one object: accounts, store, engines and the door, wired together (the World that engines see)."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crossdock.iam.calls import Ask
from crossdock.local import engines
from crossdock.local.absent import SERVICES as ABSENT
from crossdock.local.absent import Absent
from crossdock.local.caches import Caches
from crossdock.local.clients import Clients
from crossdock.local.databases import Databases
from crossdock.local.door.authorize import Authorizer, Organization
from crossdock.local.door.door import Door
from crossdock.local.door.log import AccessLog
from crossdock.local.door.principals import Principals
from crossdock.local.door.s3_logging import S3AccessLogs
from crossdock.local.door.wire import Answer, Wire
from crossdock.local.engine import AwsError, Engine
from crossdock.local.identity import Caller, Credentials, Kind, Sessions, service_principal
from crossdock.local.notifications import CodeStarNotifications
from crossdock.local.organizations import Organizations
from crossdock.local.persistence import Keeper
from crossdock.local.persistence.keeper import WORLD
from crossdock.local.persistence.registers import BOUND, KeptDict, KeptSessions, same_place
from crossdock.local.processes import Process
from crossdock.local.sending import deliver
from crossdock.local.store import Store
from crossdock.local.store.tags import tags_of

ANSWERING: Mapping[str, str] = {"execute-api": "apigateway", "states": "stepfunctions"}
"""Service in an ARN -> engine that knows the resource, where the names differ."""
ADMINISTRATION_ROLE = "OrganizationAccountAccessRole"
"""The role that AWS Organizations makes in each member account, trusted by the management account."""


class LocalWorld:
    """Accounts of one organization on this machine. `endpoint` is set once a server listens; tests may do without."""

    def __init__(
        self, root: Path, *, accounts: Mapping[str, str], management: str, organization: str, region: str,
        endpoint: str = "http://127.0.0.1:0", services: Sequence[str] | None = None, keep: bool = False,
    ) -> None:
        """`accounts`: id -> name; `management`: the id of the account that manages the organization.

        With `keep`, the state is on disk: `resume` brings back what an earlier one left in `root`. Raises LocalError.
        """
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._keeper = Keeper(root) if keep else None
        if self._keeper is not None:
            same_place(self._keeper, {"accounts": dict(accounts), "management": management,
                                      "organization": organization, "region": region})
        self.accounts: Mapping[str, str] = dict(accounts)
        self.root, self.organization = root, organization
        self.management_account, self.region, self.partition, self.endpoint = management, region, "aws", endpoint
        self.store = Store()
        self.sessions = Sessions() if self._keeper is None else KeptSessions(self._keeper)
        self.log = AccessLog(root / "access.jsonl")
        self._principals = Principals(self.store.identities.unique_id, self.accounts)
        self._authorizer = Authorizer(
            self.store, Organization(organization, management, self.accounts), self.log, self.resource_policy,
            self._tags,
        )
        self._engines: dict[str, Engine] = dict(engines.build(self, services))
        organizations = self._engines.get("organizations")
        if isinstance(organizations, Organizations):
            self._authorizer.bind(organizations)
        self._s3_logs = S3AccessLogs(self.store, region=region)
        self.door = Door(
            store=self.store, engines=self._engines, authorizer=self._authorizer, principals=self._principals,
            s3_logs=self._s3_logs, find=self.find_key, region=region,
        )
        self._s3_logs.deliver = lambda wire, caller: self.door.serve(wire, caller=caller, service="s3", region=region)
        databases, caches, absent = Databases(self, self.store), Caches(self, self.store), Absent(self)
        self._beside: tuple[Databases | Caches, ...] = (databases, caches)
        self.door.followers = {"rds": databases, "secretsmanager": databases, "elasticache": caches,
                               **dict.fromkeys(ABSENT, absent)}
        self._clients = Clients(self.door)
        self.store.deliver = lambda parcel: deliver(self, parcel)
        self._administrators: dict[str, Credentials] = {}
        self._substitutions: list[str] = self._noted() if keep else []
        self._substitution_lock = threading.Lock()

    # -- life

    @property
    def last_endpoint(self) -> str:
        """Where the state was served before; empty when there is none."""
        return str(self._keeper.values(WORLD).get("endpoint", "")) if self._keeper is not None else ""

    def resume(self) -> None:
        """Bring back the state that was kept, at the endpoint of now, and keep it from now on. Before `settle`."""
        if self._keeper is None:
            return
        if self.last_endpoint not in ("", self.endpoint):
            self._keeper.move(self.last_endpoint, self.endpoint)
        self._administrators = self._keeper.values(WORLD).get("administrators", {})
        self._principals.bound = KeptDict(self._keeper, BOUND)
        self._keeper.put(WORLD, "endpoint", self.endpoint)
        self.store.keeper = self._keeper.restore(self._engines, self.store.lock)

    def start(self) -> None:
        self._s3_logs.start()
        for servers in self._beside:
            servers.start()
        # The bus last: what it still has to deliver needs the others.
        for _, engine in sorted(self._engines.items(), key=lambda named: named[0] == "events"):
            engine.start()
        if self._keeper is not None:
            self._keeper.start()

    def stop(self) -> None:
        for engine in self._engines.values():
            engine.stop()
        for servers in self._beside:
            servers.stop()
        self._s3_logs.stop()
        if self._keeper is not None:
            self._keeper.close()
        self.log.close()

    def settle(self) -> dict[str, Credentials]:
        """Make what exists in an account from its first day: an administrator with a key, and in member accounts the
        role that Organizations makes. Returns the administrators' keys by account id."""
        keys = {account: key for account, key in self._administrators.items() if account in self.accounts}
        for account in [account for account in self.accounts if account not in keys]:
            iam = self.client("iam", self.root_user(account))
            iam.create_user(UserName="administrator")
            iam.attach_user_policy(UserName="administrator", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
            made = iam.create_access_key(UserName="administrator")["AccessKey"]
            keys[account] = Credentials(access_key=made["AccessKeyId"], secret_key=made["SecretAccessKey"])
            if account != self.management_account:
                trust = {"Version": "2012-10-17", "Statement": [{
                    "Sid": "TheManagementAccountAdministers", "Effect": "Allow", "Action": "sts:AssumeRole",
                    "Principal": {"AWS": f"arn:aws:iam::{self.management_account}:root"}}]}
                iam.create_role(RoleName=ADMINISTRATION_ROLE, AssumeRolePolicyDocument=json.dumps(trust))
                iam.attach_role_policy(
                    RoleName=ADMINISTRATION_ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        if self._keeper is not None and keys != self._administrators:
            self._keeper.put(WORLD, "administrators", keys)
        self._administrators = keys
        return dict(keys)

    # -- identities

    def root_user(self, account: str) -> Caller:
        arn = f"arn:aws:iam::{account}:root"
        return Caller(kind=Kind.ROOT, arn=arn, principal_arn=arn, account=account, user_id=account)

    def find_key(self, access_key: str) -> tuple[Credentials, Caller] | None:
        return self.sessions.find(access_key) or self.store.identities.find_key(access_key, self.accounts)

    def session(self, access_key: str) -> Caller:
        """The caller behind credentials that STS issued. KeyError for unknown ones."""
        found = self.find_key(access_key)
        if found is None:
            raise KeyError(access_key)
        return found[1]

    def role_session(self, role_arn: str, session: str) -> Caller:
        """A session of an existing role; who may have it is not asked here."""
        role = self.store.identities.role(role_arn)
        if role is None:
            raise AwsError("AccessDenied", f"role {role_arn} does not exist", 403)
        account = role_arn.split(":")[4]
        return Caller(
            kind=Kind.ROLE, arn=f"arn:{self.partition}:sts::{account}:assumed-role/{role.name}/{session}",
            principal_arn=role_arn, account=account, user_id=f"{role.id}:{session}",
        )

    def assume(
        self, role_arn: str, *, service: str, session: str, source_arn: str = "", source_account: str = ""
    ) -> Caller:
        principal = service_principal(service, source_arn=source_arn, source_account=source_account)
        ask = Ask(action="sts:AssumeRole", resource=role_arn, account=role_arn.split(":")[4],
                  context={"sts:RoleSessionName": session})
        why = f"{service} assumes its role"
        self._authorizer.require(principal, ask, region=self.region, protocol="query", why=why)
        return self.role_session(role_arn, session)

    def credentials(self, caller: Caller, *, seconds: int = 3600) -> Credentials:
        return self.sessions.issue(caller, seconds=seconds)

    def environment(self, caller: Caller, region: str) -> dict[str, str]:
        credentials = self.credentials(caller)
        return {
            "AWS_ACCESS_KEY_ID": credentials.access_key, "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_SESSION_TOKEN": credentials.token, "AWS_REGION": region, "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": self.endpoint, "AWS_EC2_METADATA_DISABLED": "true",
        }

    # -- calls

    def client(self, service: str, caller: Caller, region: str | None = None) -> Any:
        return self._clients.get(service, caller, region or self.region)

    def serve(self, wire: Wire, *, caller: Caller, service: str, region: str) -> Answer:
        return self.door.serve(wire, caller=caller, service=service, region=region)

    def authorize(
        self, caller: Caller, *, action: str, resource: str, account: str, region: str,
        context: Mapping[str, str | tuple[str, ...]] | None = None,
    ) -> None:
        ask = Ask(action=action, resource=resource, account=account, context=context or {})
        self._authorizer.require(caller, ask, region=region)

    def engine(self, service: str) -> Engine:
        return self._engines[service]

    def resource_policy(self, arn: str) -> str | None:
        parts = arn.split(":", 5)
        if len(parts) < 6:
            return None
        engine = self._engines.get(ANSWERING.get(parts[2], parts[2]))
        if engine is not None:
            return self._principals.in_force(arn, engine.resource_policy(arn))
        carrier = _policied(arn)
        return self._principals.in_force(carrier, self.store.resource_policy(carrier))

    def holds(self, arn: str) -> bool:
        service = arn.split(":", 5)[2]
        engine = self._engines.get(ANSWERING.get(service, service))
        return engine.holds(arn) if engine is not None else self.store.holds(arn)

    def _tags(self, arn: str) -> Mapping[str, str]:
        parts = arn.split(":", 5)
        engine = self._engines.get(ANSWERING.get(parts[2], parts[2])) if len(parts) == 6 else None
        return engine.tags(arn) if engine is not None else tags_of(arn)

    def emit(
        self, *, account: str, region: str, source: str, detail_type: str, detail: Mapping[str, Any],
        resources: Sequence[str] = (),
    ) -> None:
        event = {
            "version": "0", "id": secrets.token_hex(16), "detail-type": detail_type, "source": source,
            "account": account, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "region": region,
            "resources": list(resources), "detail": dict(detail),
        }
        bus: Any = self._engines["events"]
        bus.deliver(account, region, "default", event)
        notifications = self._engines.get("codestar-notifications")
        if isinstance(notifications, CodeStarNotifications):
            notifications.hear(event)

    def log_lines(self, caller: Caller, *, region: str, group: str, stream: str, lines: Sequence[str]) -> None:
        from botocore.exceptions import ClientError

        logs = self.client("logs", caller, region)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line} for line in lines]
        try:
            try:
                logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
            except logs.exceptions.ResourceNotFoundException:
                try:
                    logs.create_log_stream(logGroupName=group, logStreamName=stream)
                except logs.exceptions.ResourceNotFoundException:
                    logs.create_log_group(logGroupName=group)
                    logs.create_log_stream(logGroupName=group, logStreamName=stream)
                logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
        except ClientError as error:
            failure = error.response["Error"]
            raise AwsError(failure["Code"], failure["Message"],
                           error.response["ResponseMetadata"]["HTTPStatusCode"]) from error

    # -- processes

    def spawn(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, name: str, stdin: bool = False,  # noqa: ARG002
    ) -> Process:
        return Process(argv, env=env, cwd=cwd, stdin=stdin)

    def substitution(self, what: str) -> None:
        with self._substitution_lock:
            if what not in self._substitutions:
                self._substitutions.append(what)
                path = self.root / "substitutions.json"
                temporary = path.with_suffix(".new")
                temporary.write_text(json.dumps(self._substitutions, indent=1), encoding="utf-8")
                os.replace(temporary, path)  # noqa: PTH105

    def _noted(self) -> list[str]:
        path = self.root / "substitutions.json"
        return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def _policied(arn: str) -> str:
    """The ARN of the resource that carries the policy: the bucket of an object."""
    return arn.partition("/")[0] if arn.split(":", 3)[2] == "s3" else arn
