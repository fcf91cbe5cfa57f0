"""What AWS puts into the context of a request by itself (IAM User Guide, global condition keys; KMS Developer Guide and
S3 User Guide, service keys). What the request's own parameters give comes with the ask."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from crossdock.iam import PrincipalType
from crossdock.iam.calls import Ask
from crossdock.local.identity import Caller, Kind
from crossdock.local.store import Store
from crossdock.local.store.tags import object_tags

Context = Mapping[str, str | tuple[str, ...]]

GLOBAL_SERVICES = frozenset({"iam", "organizations", "sts"})
"""Requests to these carry aws:RequestedRegion us-east-1."""
_TAG_KEYS: Mapping[str, str] = {
    "iam": "iam", "sts": "iam", "ssm": "ssm", "secretsmanager": "secretsmanager", "ec2": "ec2", "ecr": "ecr",
    "elasticloadbalancing": "elasticloadbalancing", "autoscaling": "autoscaling",
}
"""Services that name a resource's tags by a key of their own besides aws:ResourceTag (Service Authorization Reference);
for AssumeRole it is the role's."""

_TYPES = {Kind.ROOT: "Account", Kind.USER: "User", Kind.ROLE: "AssumedRole", Kind.FEDERATED: "FederatedUser",
          Kind.SERVICE: "AWSService", Kind.ANONYMOUS: "Anonymous"}

KINDS = {Kind.ROOT: PrincipalType.ROOT, Kind.USER: PrincipalType.USER, Kind.ROLE: PrincipalType.SESSION,
         Kind.FEDERATED: PrincipalType.FEDERATED_USER, Kind.SERVICE: PrincipalType.SERVICE,
         Kind.ANONYMOUS: PrincipalType.ANONYMOUS}


class Paths(Protocol):
    """Where accounts stand in the organization."""

    def path(self, account: str) -> str:
        """`o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`; empty for an account that is no member."""
        ...


@dataclass(frozen=True, slots=True)
class Organization:
    """The organization that all local accounts belong to; `id` empty: none."""

    id: str
    management_account: str
    accounts: Mapping[str, str]

    def of(self, account: str) -> str:
        return self.id if account in self.accounts or account == self.management_account else ""


class Surroundings:
    """Knows the world around a request: the caller's tags, the owner's organization, the resource."""

    def __init__(self, store: Store, organization: Organization) -> None:
        self.store, self.organization = store, organization
        self.paths: Paths | None = None

    def context(self, caller: Caller, ask: Ask, owner: str, region: str, tags: Mapping[str, str]) -> Context:
        """The whole context of one ask. `tags` are the resource's."""
        service = ask.action.partition(":")[0].lower()
        context: dict[str, str | tuple[str, ...]] = {
            **self._always(caller, owner, "us-east-1" if service in GLOBAL_SERVICES else region),
            **self._who(caller),
            **self._organizations(caller, owner),
        }
        if caller.kind is Kind.SERVICE:
            context |= {"aws:PrincipalServiceName": caller.arn, "aws:PrincipalServiceNamesList": (caller.arn,)}
            if caller.source_arn:
                context["aws:SourceArn"] = caller.source_arn
            if caller.source_account:
                context["aws:SourceAccount"] = caller.source_account
        for key, value in tags.items():
            context[f"aws:ResourceTag/{key}"] = value
            if service in _TAG_KEYS:
                context[f"{_TAG_KEYS[service]}:ResourceTag/{key}"] = value
        match service:
            case "kms":
                context |= self._kms(caller, ask, region)
            case "s3":
                context |= self._s3(caller, ask, owner)
        return context | dict(caller.external) | dict(ask.context)

    def _always(self, caller: Caller, owner: str, region: str) -> dict[str, str | tuple[str, ...]]:
        found: dict[str, str | tuple[str, ...]] = {
            "aws:PrincipalType": _TYPES[caller.kind],
            "aws:ResourceAccount": owner,
            "aws:RequestedRegion": region,
            "aws:SecureTransport": "true",
            "aws:CurrentTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:EpochTime": str(int(time.time())),
            "aws:ViaAWSService": "true" if caller.called_via else "false",
        }
        if caller.kind is not Kind.ANONYMOUS:
            found["aws:PrincipalIsAWSService"] = "true" if caller.kind is Kind.SERVICE else "false"
        if not caller.called_via and caller.kind is not Kind.SERVICE:
            found["aws:SourceIp"] = "127.0.0.1"
        if caller.called_via:
            found |= {"aws:CalledVia": caller.called_via, "aws:CalledViaFirst": caller.called_via[0],
                      "aws:CalledViaLast": caller.called_via[-1]}
        return found

    def _who(self, caller: Caller) -> dict[str, str | tuple[str, ...]]:
        """The caller. Tags of a session win over those of its role; their keys compare without case."""
        found: dict[str, str | tuple[str, ...]] = {}
        if caller.kind is Kind.ANONYMOUS:
            found["aws:userid"] = "anonymous"
        if caller.account:
            found |= {"aws:PrincipalArn": caller.principal_arn or caller.arn, "aws:PrincipalAccount": caller.account}
            if caller.user_id:
                found["aws:userid"] = caller.user_id
            session = {key.lower() for key in caller.tags}
            own = {k: v for k, v in self.store.identities.tags(caller).items() if k.lower() not in session}
            for key, value in (own | dict(caller.tags)).items():
                found[f"aws:PrincipalTag/{key}"] = value
        if caller.kind is Kind.USER:
            found["aws:username"] = caller.user_name
        if caller.issued is not None:
            found["aws:TokenIssueTime"] = caller.issued.strftime("%Y-%m-%dT%H:%M:%SZ")
            found["aws:MultiFactorAuthPresent"] = "false"
        return found

    def _organizations(self, caller: Caller, owner: str) -> dict[str, str | tuple[str, ...]]:
        found: dict[str, str | tuple[str, ...]] = {}
        source = caller.source_account if caller.kind is Kind.SERVICE else ""
        for whose, account in (("Principal", caller.account), ("Resource", owner), ("Source", source)):
            if organization := self.organization.of(account):
                found[f"aws:{whose}OrgID"] = organization
                if self.paths is not None and (path := self.paths.path(account)):
                    found[f"aws:{whose}OrgPaths"] = (path,)
        return found

    def _kms(self, caller: Caller, ask: Ask, region: str) -> dict[str, str | tuple[str, ...]]:
        found: dict[str, str | tuple[str, ...]] = {}
        if caller.account:
            found["kms:CallerAccount"] = caller.account
        if caller.called_via:
            found["kms:ViaService"] = caller.called_via[-1].replace(".amazonaws", f".{region}.amazonaws", 1)
        key = self.store.keys.find(ask.resource)
        if key is not None and (aliases := tuple(sorted(key.aliases))):
            found["kms:ResourceAliases"] = aliases
        return found

    def _s3(self, caller: Caller, ask: Ask, owner: str) -> dict[str, str | tuple[str, ...]]:
        found: dict[str, str | tuple[str, ...]] = {"s3:ResourceAccount": owner, "s3:TlsVersion": "1.3"}
        if caller.kind is not Kind.ANONYMOUS:
            found |= {"s3:signatureversion": "AWS4-HMAC-SHA256", "s3:authType": "REST-HEADER"}
        bucket, _, key = ask.resource.partition(":::")[2].partition("/")
        if key:
            version = ask.context.get("s3:VersionId")
            existing = object_tags(owner, bucket, key, version if isinstance(version, str) else None)
            found |= {f"s3:ExistingObjectTag/{name}": value for name, value in existing.items()}
        return found
