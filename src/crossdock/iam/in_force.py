"""The policies that bear on a request, and which of them bind its caller and its resource."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crossdock.iam import services
from crossdock.iam.compiled import Compiled
from crossdock.iam.grants import Grant
from crossdock.iam.policy import Policy
from crossdock.iam.principals import PrincipalType
from crossdock.iam.request import Facts
from crossdock.iam.statement import PolicyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The policies that bear on a request.

    scps, rcps  one tuple per level (root, organizational units, account) of the principal's and of the resource's
                account; none for accounts outside an organization and for the management account. A level that is
                present and empty has no policy attached, so nothing passes. RCPFullAWSAccess is written out
    session     the session policies passed when the session was made, one or several; none when there were none
    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    boundary: Policy | None = None
    session: Policy | tuple[Policy, ...] | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()
    grants: tuple[Grant, ...] = ()

    @property
    def sessions(self) -> tuple[Policy, ...]:
        """The session policies; together they allow what one of them allows."""
        if self.session is None:
            return ()
        return (self.session,) if isinstance(self.session, Policy) else self.session

    def statements(self) -> Iterator[Compiled]:
        """All statements of all policies."""
        single = [policy for policy in (self.resource, self.boundary) if policy is not None]
        levels = [policy for level in (*self.scps, *self.rcps) for policy in level]
        for policy in (*self.identity, *single, *self.sessions, *levels):
            yield from policy.denies
            yield from policy.allows


def in_force(facts: Facts, given: Policies) -> Policies:
    """Leave out what does not bind this caller or this resource."""
    caller = facts.caller
    own = caller.account != "" and caller.type is not PrincipalType.ROOT
    resource = given.resource
    if resource is not None and resource.kind is PolicyKind.TRUST and not services.trust_policy_counts(facts):
        resource = None
    return Policies(
        identity=given.identity if own else (),
        resource=resource,
        boundary=given.boundary if own else None,
        session=given.session if own else None,
        scps=given.scps if services.bound_by_scps(caller) else (),
        rcps=given.rcps if services.bound_by_rcps(facts) else (),
        grants=given.grants if facts.service == "kms" else (),
    )


def deny_statements(facts: Facts, policies: Policies) -> Iterator[Compiled]:
    for level in policies.rcps:
        for policy in level:
            yield from policy.denies
    for level in policies.scps:
        for policy in level:
            yield from policy.denies
    if policies.resource is not None and not services.keeps_bucket_policy(facts):
        yield from policies.resource.denies
    for policy in policies.identity:
        yield from policy.denies
    if policies.boundary is not None:
        yield from policies.boundary.denies
    for policy in policies.sessions:
        yield from policy.denies
