"""May they: the policies in force for one ask, collected and given to the one engine that decides."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from crossdock import iam
from crossdock.iam import Decision, Policies, Policy, PolicyKind, PrincipalType, Request
from crossdock.iam.calls import Ask
from crossdock.iam.wording import denial
from crossdock.local.door.log import AccessLog
from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller, Kind
from crossdock.local.store import Store

GLOBAL_SERVICES = frozenset({"iam", "organizations", "sts"})
"""Requests to these carry aws:RequestedRegion us-east-1."""

_TYPES = {Kind.ROOT: "Account", Kind.USER: "User", Kind.ROLE: "AssumedRole", Kind.FEDERATED: "FederatedUser",
          Kind.SERVICE: "AWSService", Kind.ANONYMOUS: "Anonymous"}

_KINDS = {Kind.ROOT: PrincipalType.ROOT, Kind.USER: PrincipalType.USER, Kind.ROLE: PrincipalType.SESSION,
          Kind.FEDERATED: PrincipalType.FEDERATED_USER, Kind.SERVICE: PrincipalType.SERVICE,
          Kind.ANONYMOUS: PrincipalType.ANONYMOUS}

_KEY_TO_BE = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", '
    '"Principal": {"AWS": "arn:aws:iam::%s:root"}}]}'
)

Context = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Organization:
    """The organization that all local accounts belong to; `id` empty: none."""

    id: str
    management_account: str
    accounts: Mapping[str, str]

    def of(self, account: str) -> str:
        return self.id if account in self.accounts else ""


@functools.lru_cache(maxsize=4096)
def _parsed(document: str, kind: PolicyKind, name: str) -> Policy:
    return iam.parse(document, kind, name=name)


class Authorizer:
    """Asks `iam.decide` about every call, with what AWS would put into the request context (IAM UG, global keys)."""

    def __init__(
        self, store: Store, organization: Organization, log: AccessLog,
        resource_policy: Callable[[str], str | None], tags: Callable[[str], Mapping[str, str]],
    ) -> None:
        self.store, self.organization, self.log = store, organization, log
        self._resource_policy, self._tags = resource_policy, tags

    def require(self, caller: Caller, ask: Ask, *, region: str, protocol: str = "json", why: str = "") -> None:
        """Raise AccessDenied, worded as AWS words it, unless the ask is allowed. Every decision is logged."""
        owner = ask.account or self.store.owner(ask.resource) or caller.account
        request = self._request(caller, ask, owner, region)
        decision = iam.decide(request, self._policies(caller, ask))
        self.log.decision(caller, ask, owner, decision, why=why)
        if decision.verdict == "allowed":
            return
        same = bool(self.organization.of(caller.account)) or caller.account == owner
        raise denied(denial(request, decision, same_organization=same), protocol)

    def decide(self, caller: Caller, ask: Ask, *, region: str) -> Decision:
        """The decision alone: nothing is logged or raised."""
        owner = ask.account or self.store.owner(ask.resource) or caller.account
        return iam.decide(self._request(caller, ask, owner, region), self._policies(caller, ask))

    def _request(self, caller: Caller, ask: Ask, owner: str, region: str) -> Request:
        return Request(
            principal=None if caller.kind is Kind.ANONYMOUS else caller.arn, principal_type=_KINDS[caller.kind],
            principal_account=caller.account or None, action=ask.action, resource=ask.resource,
            resource_account=owner, context=self._context(caller, ask, owner, region),
        )

    def _context(self, caller: Caller, ask: Ask, owner: str, region: str) -> Context:
        service = ask.action.partition(":")[0]
        now = datetime.now(UTC)
        context: dict[str, str | tuple[str, ...]] = {
            "aws:PrincipalType": _TYPES[caller.kind],
            "aws:ResourceAccount": owner,
            "aws:RequestedRegion": "us-east-1" if service in GLOBAL_SERVICES else region,
            "aws:SecureTransport": "true",
            "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:EpochTime": str(int(time.time())),
            "aws:ViaAWSService": "true" if caller.called_via else "false",
            "aws:PrincipalIsAWSService": "true" if caller.kind is Kind.SERVICE else "false",
        }
        if not caller.called_via and caller.kind is not Kind.SERVICE:
            context["aws:SourceIp"] = "127.0.0.1"
        if caller.account:
            context |= {"aws:PrincipalArn": caller.principal_arn or caller.arn, "aws:PrincipalAccount": caller.account}
            if caller.user_id:
                context["aws:userid"] = caller.user_id
            for key, value in self.store.identities.tags(caller).items():
                context[f"aws:PrincipalTag/{key}"] = value
            for key, value in caller.tags.items():
                context[f"aws:PrincipalTag/{key}"] = value
        if caller.kind is Kind.USER:
            context["aws:username"] = caller.user_name
        if caller.issued is not None:
            context["aws:TokenIssueTime"] = caller.issued.strftime("%Y-%m-%dT%H:%M:%SZ")
            context["aws:MultiFactorAuthPresent"] = "false"
        if organization := self.organization.of(caller.account):
            context["aws:PrincipalOrgID"] = organization
        if organization := self.organization.of(owner):
            context["aws:ResourceOrgID"] = organization
        if caller.called_via:
            context |= {"aws:CalledVia": caller.called_via, "aws:CalledViaFirst": caller.called_via[0],
                        "aws:CalledViaLast": caller.called_via[-1]}
        if caller.kind is Kind.SERVICE:
            context["aws:PrincipalServiceName"] = caller.arn
            if caller.source_arn:
                context["aws:SourceArn"] = caller.source_arn
            if caller.source_account:
                context["aws:SourceAccount"] = caller.source_account
                if organization := self.organization.of(caller.source_account):
                    context["aws:SourceOrgID"] = organization
        if service == "kms":
            context["kms:CallerAccount"] = caller.account
            if caller.called_via:
                context["kms:ViaService"] = caller.called_via[-1].replace(".amazonaws", f".{region}.amazonaws", 1)
        for key, value in self._tags(ask.resource).items():
            context[f"aws:ResourceTag/{key}"] = value
        return context | dict(caller.external) | dict(ask.context)

    def _policies(self, caller: Caller, ask: Ask) -> Policies:
        identities = self.store.identities
        identity: tuple[Policy, ...] = ()
        boundary: Policy | None = None
        if caller.kind in (Kind.USER, Kind.ROLE):
            identity = tuple(
                _parsed(p.document, PolicyKind.IDENTITY, p.name) for p in identities.identity_policies(caller)
            )
            found = identities.boundary(caller)
            boundary = _parsed(found.document, PolicyKind.BOUNDARY, found.name) if found else None
        sessions = tuple(_parsed(text, PolicyKind.SESSION, "session policy") for text in caller.session_policies)
        document = self._resource_policy(ask.resource) if ask.resource != "*" else None
        if ask.action.startswith("kms:") and ask.resource.endswith(":key/*"):
            document = _KEY_TO_BE  # tagging a key as it is made: an IAM policy suffices (KMS API, CreateKey, Tags)
            document %= ask.account or caller.account
        resource = _parsed(document, _kind(ask), _policy_name(ask.resource)) if document else None
        return Policies(identity=identity, resource=resource, boundary=boundary,
                        session=sessions or None, grants=self.store.keys.grants(ask.resource))


def _kind(ask: Ask) -> PolicyKind:
    match ask.action.partition(":")[0].lower():
        case "sts" | "iam":
            return PolicyKind.TRUST
        case "kms":
            return PolicyKind.KEY
        case "ecr":
            return PolicyKind.REPOSITORY
        case _:
            return PolicyKind.RESOURCE


def _policy_name(resource: str) -> str:
    parts = resource.split(":", 5)
    match parts[2] if len(parts) == 6 else "":
        case "s3":
            return f"bucket policy of {parts[5].partition('/')[0]}"
        case "kms":
            return f"key policy of {parts[5]}"
        case "iam":
            return f"trust policy of {parts[5]}"
        case service:
            return f"{service} policy of {parts[-1]}"


def denied(message: str, protocol: str) -> AwsError:
    """AccessDenied as the services of a protocol spell it."""
    match protocol:
        case "ec2":
            return AwsError("UnauthorizedOperation", message, 403)
        case "query" | "rest-xml":
            return AwsError("AccessDenied", message, 403)
        case "rest-json":
            return AwsError("AccessDeniedException", message, 403)
        case _:
            return AwsError("AccessDeniedException", message, 400)
