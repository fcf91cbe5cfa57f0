"""One need decided by the policies in force, with the request context that AWS would make.

Which keys a request carries: IAM User Guide, AWS global condition context keys; forward access sessions; KMS Developer
Guide, conditions-kms. What can't be known before the call (addresses, times) is given to the engine as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from crossdock.iam import Decision, Policies, Policy, PolicyKind, PrincipalType, Request, decide, parse
from crossdock.model.organization import RCP, SCP
from crossdock.model.proof import Given, Need
from crossdock.prove.collect import InForce
from crossdock.prove.controls import Controls
from crossdock.prove.held import Held
from crossdock.prove.resources import partition

UNKNOWN = frozenset({
    "aws:SourceIp", "aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime", "aws:MultiFactorAuthAge", "aws:UserAgent",
    "aws:Referer", "aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp", "aws:userid",
})  # fmt: skip
_PATHS = frozenset({"aws:PrincipalOrgPaths", "aws:ResourceOrgPaths", "aws:SourceOrgPaths"})
"""Known when it is known where in the organization accounts are."""
ANONYMOUS = "*"
AWS_MANAGED_KEY = "aws-managed-s3"
"""The id of the placeholder for S3's own key of an account."""
_GLOBAL_SERVICES = frozenset({"iam", "organizations", "sts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """One policy replaced by another: what would be decided without something that it says."""

    name: str
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Decides needs. `accounts` are those of the platform, all in `organization` (empty: in none that is known).
    `controls`: what that imposes; None where it isn't known."""

    in_force: InForce
    accounts: frozenset[str]
    organization: str
    region: str
    controls: Controls | None = None

    @property
    def uncontrolled(self) -> Judge:
        """The same without what the organization imposes: by it nevers are judged."""
        return replace(self, controls=None)

    def held(self, name: str) -> Held | None:
        """The policy of this name that is in force; None for those that AWS wrote."""
        found = self.in_force.held.get(name)
        return found or (self.controls.held.get(name) if self.controls else None)

    def decide(self, need: Need, other: Replacement | None = None) -> Decision:
        """The decision on a need, or what it would be with another policy in place of the one of that name."""
        return decide(self._request(need), self._policies(need, other), UNKNOWN if self.controls else UNKNOWN | _PATHS)

    def _policies(self, need: Need, other: Replacement | None) -> Policies:
        def now(policy: Policy) -> Policy:
            return other.policy if other is not None and policy.name == other.name else policy

        role = self.in_force.roles.get(need.who)
        identity = tuple(now(one.policy) for one in role.identity) if role else ()
        boundary = now(role.boundary.policy) if role and role.boundary else None
        found = self.in_force.policy_on(need.resource)
        resource = now(found.policy) if found else _managed_key(need)
        match need.given:
            case Given.CALLER:
                identity, boundary = (_everything(),), None
            case Given.RESOURCE:
                resource = _delegation(_kind(need.action), account_of(need.who))
            case Given.BOUNDARY:
                identity = (_everything(),)
                resource = _delegation(_kind(need.action), account_of(need.who))
            case Given.NOTHING:
                pass
        scps = self.controls.levels(account_of(need.who), SCP) if self.controls else ()
        rcps = self.controls.levels(need.owner, RCP) if self.controls else ()
        return Policies(identity=identity, boundary=boundary, resource=resource, scps=scps, rcps=rcps)

    def _request(self, need: Need) -> Request:
        account = account_of(need.who)
        kind = PrincipalType.SESSION if account else PrincipalType.SERVICE
        return Request(
            principal=None if need.who == ANONYMOUS else session_arn(need.who, need.session) if account else need.who,
            principal_type=PrincipalType.ANONYMOUS if need.who == ANONYMOUS else kind,
            principal_account=account or None, action=need.action, resource=need.resource, resource_account=need.owner,
            context=self.context(need),
        )

    def context(self, need: Need) -> Mapping[str, str | tuple[str, ...]]:
        """The context of a need's request; what the need says itself wins."""
        account, service = account_of(need.who), need.action.partition(":")[0]
        found: dict[str, str | tuple[str, ...]] = {
            "aws:ResourceAccount": need.owner, "aws:SecureTransport": "true",
            "aws:RequestedRegion": "us-east-1" if service in _GLOBAL_SERVICES else self.region,
            "aws:ViaAWSService": "true" if need.via else "false",
            "aws:PrincipalIsAWSService": "false" if account or need.who == ANONYMOUS else "true",
        }
        if self.organization and need.owner in self.accounts:
            found["aws:ResourceOrgID"] = self.organization
        if account:
            found |= {"aws:PrincipalArn": need.who, "aws:PrincipalAccount": account, "aws:PrincipalType": "AssumedRole",
                      "aws:MultiFactorAuthPresent": "false"}
            if self.organization and account in self.accounts:
                found["aws:PrincipalOrgID"] = self.organization
        elif need.who != ANONYMOUS:
            found["aws:PrincipalServiceName"] = need.who
            if self.organization and need.context.get("aws:SourceAccount") in self.accounts:
                found["aws:SourceOrgID"] = self.organization
        if self.controls:
            paths = {"aws:PrincipalOrgPaths": account, "aws:ResourceOrgPaths": need.owner,
                     "aws:SourceOrgPaths": str(need.context.get("aws:SourceAccount", ""))}
            found |= {key: (path,) for key, one in paths.items() if (path := self.controls.org_path(one))}
        if need.via:
            found |= {"aws:CalledVia": need.via, "aws:CalledViaFirst": need.via[0], "aws:CalledViaLast": need.via[-1]}
        if service == "kms":
            found["kms:CallerAccount"] = account
            if aliases := self.in_force.aliases.get(need.resource):
                found["kms:ResourceAliases"] = aliases
            if need.via:
                found["kms:ViaService"] = need.via[-1].replace(".amazonaws", f".{self.region}.amazonaws", 1)
        return {key: value for key, value in (found | dict(need.context)).items() if value != ""}


def account_of(who: str) -> str:
    """The account of a role's ARN; empty for services and anonymous callers."""
    parts = who.split(":")
    return parts[4] if len(parts) > 5 else ""


def session_arn(role: str, session: str) -> str:
    """A session of a role; sessions drop the role's path."""
    parts = role.split(":", 5)
    return f"arn:{parts[1]}:sts::{parts[4]}:assumed-role/{role.rpartition('/')[2]}/{session}"


def role_arn(region: str, account: str, name: str) -> str:
    return f"arn:{partition(region)}:iam::{account}:role/{name}"


def _kind(action: str) -> PolicyKind:
    kinds = {"sts": PolicyKind.TRUST, "kms": PolicyKind.KEY, "ecr": PolicyKind.REPOSITORY}
    return kinds.get(action.partition(":")[0], PolicyKind.RESOURCE)


@cache
def _everything() -> Policy:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    return parse(document, PolicyKind.IDENTITY, name="whatever the caller's account allows")


@cache
def _delegation(kind: PolicyKind, account: str) -> Policy | None:
    """A resource's policy that leaves everything to one account's policies."""
    if not account:
        return None
    action = "sts:*" if kind is PolicyKind.TRUST else "*"
    statement = {"Effect": "Allow", "Action": action, "Principal": {"AWS": account}}
    if kind not in (PolicyKind.TRUST, PolicyKind.REPOSITORY):
        statement["Resource"] = "*"
    return parse({"Version": "2012-10-17", "Statement": [statement]}, kind, name="whatever the resource's side allows")


def _managed_key(need: Need) -> Policy | None:
    """Keys that AWS manages serve the callers of their own account alone, through their service (KMS Developer Guide,
    AWS managed keys)."""
    if not need.resource.endswith(f":key/{AWS_MANAGED_KEY}"):
        return None
    return _aws_managed(need.owner, ":".join(need.resource.split(":")[3:4]))


@cache
def _aws_managed(account: str, region: str) -> Policy:
    condition = {"StringEquals": {"kms:CallerAccount": account, "kms:ViaService": f"s3.{region}.amazonaws.com"}}
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant"]
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": actions, "Resource": "*",
                 "Condition": condition}  # fmt: skip
    return parse({"Version": "2012-10-17", "Statement": [statement]}, PolicyKind.KEY, name="policy of the key aws/s3")
