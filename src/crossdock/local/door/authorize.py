"""May they: the policies in force for one ask, collected and given to the one engine that decides."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from crossdock import iam
from crossdock.iam import Decision, Policies, Policy, PolicyKind, Request
from crossdock.iam.calls import Ask
from crossdock.iam.wording import denial
from crossdock.local.door.context import KINDS, Organization, Paths, Surroundings
from crossdock.local.door.denials import denied
from crossdock.local.door.log import AccessLog
from crossdock.local.identity import Caller, Kind
from crossdock.local.store import Store

__all__ = ["Authorizer", "Organization", "denied"]

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"

_KEY_TO_BE = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", '
    '"Principal": {"AWS": "arn:aws:iam::%s:root"}}]}'
)


class ControlPolicy(Protocol):
    """A service control or resource control policy."""

    @property
    def name(self) -> str: ...
    @property
    def content(self) -> str: ...


class Controls(Paths, Protocol):
    """What the organization imposes on its accounts."""

    def levels(self, account: str, kind: str) -> Iterable[Iterable[ControlPolicy]]:
        """The policies of a type that bind an account, from the root down."""
        ...


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
        self._surroundings = Surroundings(store, organization)
        self._controls: Controls | None = None

    def bind(self, controls: Controls) -> None:
        """From now on these control policies are in force."""
        self._controls = self._surroundings.paths = controls

    def require(self, caller: Caller, ask: Ask, *, region: str, protocol: str = "json", why: str = "") -> None:
        """Raise AccessDenied, worded as AWS words it, unless the ask is allowed. Every decision is logged."""
        owner = self.owner(caller, ask)
        request = self._request(caller, ask, owner, region)
        decision = iam.decide(request, self._policies(caller, ask, owner))
        self.log.decision(caller, ask, owner, decision, why=why)
        if decision.verdict == "allowed":
            return
        message = denial(request, decision, same_organization=self.acquainted(caller, owner))
        raise denied(message, protocol, ask.action.partition(":")[0])

    def decide(self, caller: Caller, ask: Ask, *, region: str, resource_policy: str | None = None) -> Decision:
        """The decision alone: nothing is logged or raised. With `resource_policy`, as if that one were stored."""
        owner = self.owner(caller, ask)
        return iam.decide(self._request(caller, ask, owner, region),
                          self._policies(caller, ask, owner, resource_policy))

    def owner(self, caller: Caller, ask: Ask) -> str:
        """The account that owns what is asked for: the caller's where nothing else is known."""
        return ask.account or self.store.owner(ask.resource) or caller.account

    def acquainted(self, caller: Caller, owner: str) -> bool:
        """Whether caller and owner are of one account or one organization, so that a denial may say why (rule 76)."""
        here = self.organization.of(caller.account)
        return caller.account == owner or bool(here and here == self.organization.of(owner))

    def _request(self, caller: Caller, ask: Ask, owner: str, region: str) -> Request:
        tags = self._tags(ask.resource) if ask.resource != "*" else {}
        return Request(
            principal=None if caller.kind is Kind.ANONYMOUS else caller.arn, principal_type=KINDS[caller.kind],
            principal_account=caller.account or None, action=ask.action, resource=ask.resource,
            resource_account=owner, context=self._surroundings.context(caller, ask, owner, region, tags),
            issuer=self._federator(caller),
        )

    def _federator(self, caller: Caller) -> str:
        """The user behind a federated session; empty for all others, whose principal tells."""
        if caller.kind is not Kind.FEDERATED:
            return ""
        return self.store.identities.entity_arn("user", caller.user_name, caller.account) or "nobody"

    def _policies(self, caller: Caller, ask: Ask, owner: str, instead: str | None = None) -> Policies:
        identities = self.store.identities
        identity: tuple[Policy, ...] = ()
        boundary: Policy | None = None
        if caller.kind in (Kind.USER, Kind.ROLE, Kind.FEDERATED):
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
        document = document if instead is None else instead
        resource = _parsed(document, _kind(ask), _policy_name(ask.resource)) if document else None
        return Policies(
            identity=identity, resource=resource, boundary=boundary, session=sessions or None,
            scps=self._levels(caller.account, SCP), rcps=self._levels(owner, RCP),
            grants=self.store.keys.grants(ask.resource),
        )

    def _levels(self, account: str, kind: str) -> tuple[tuple[Policy, ...], ...]:
        """Rules 65 to 71: SCPs of the caller's account, RCPs of the owner's; none bind the management account."""
        if self._controls is None or not account:
            return ()
        as_kind = PolicyKind.SCP if kind == SCP else PolicyKind.RCP
        return tuple(
            tuple(_parsed(policy.content, as_kind, policy.name) for policy in level)
            for level in self._controls.levels(account, kind)
        )


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
