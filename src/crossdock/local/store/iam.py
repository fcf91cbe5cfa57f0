"""Identities as the store keeps them: users, roles, their keys and the policies that bind them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend

from crossdock.local.identity import Caller, Credentials, Kind

_NOTHING = '{"Version": "2012-10-17", "Statement": []}'


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy document (JSON text) and the name by which a person finds it."""

    name: str
    document: str


class IdentityStore:
    """Reads moto's IAM. ARNs are full ARNs; unknown entities are None or empty, never a default."""

    def __init__(self, partition: str = "aws") -> None:
        self.partition = partition

    def _iam(self, account: str) -> Any:
        return get_backend("iam")[account][self.partition]

    def role(self, arn: str) -> Any | None:
        """moto's role of this ARN."""
        account = arn.split(":")[4]
        for role in list(self._iam(account).roles.values()):
            if role.arn == arn:
                return role
        return None

    def role_named(self, account: str, name: str) -> Any | None:
        for role in list(self._iam(account).roles.values()):
            if role.name == name:
                return role
        return None

    def entity_arn(self, kind: str, name: str, account: str) -> str | None:
        """The ARN, path included, of what a request names (iam.calls.ResolveEntity); None: no such."""
        iam = self._iam(account)
        found: Any = None
        match kind:
            case "role":
                found = self.role_named(account, name)
            case "role-boundary":
                bounded = self.role_named(account, name)
                return (bounded.permissions_boundary_arn or None) if bounded is not None else None
            case "user":
                found = iam.users.get(name)
            case "group":
                found = iam.groups.get(name)
            case "instance-profile":
                found = next((p for p in iam.instance_profiles.values() if p.name == name), None)
            case "profile-role":
                profile = next((p for p in iam.instance_profiles.values() if p.name == name), None)
                found = profile.roles[0] if profile is not None and profile.roles else None
        return str(found.arn) if found is not None else None

    def trust(self, arn: str) -> str | None:
        role = self.role(arn)
        if role is None:
            return None
        document = role.assume_role_policy_document
        return document if isinstance(document, str) else json.dumps(document)

    def unique_id(self, arn: str) -> str | None:
        """The unique id (AROA.../AIDA...) behind a role or user ARN; None when nothing has this ARN."""
        parts = arn.split(":", 5)
        if len(parts) < 6 or not parts[4].isdigit():
            return None
        if parts[5].startswith("role/"):
            role = self.role(arn)
            return str(role.id) if role is not None else None
        if parts[5].startswith("user/"):
            user = next((u for u in self._iam(parts[4]).users.values() if u.arn == arn), None)
            return str(user.id) if user is not None else None
        return None

    def find_key(self, access_key: str, accounts: Mapping[str, str]) -> tuple[Credentials, Caller] | None:
        """A user's long-term key. Keys of accounts that don't exist here stand for nobody."""
        for account in accounts:
            iam = self._iam(account)
            key = iam.access_keys.get(access_key)
            if key is not None and key.status == "Active":
                user = iam.users[key.user_name]
                credentials = Credentials(access_key=access_key, secret_key=key.secret_access_key)
                return credentials, user_caller(user, account)
        return None

    def identity_policies(self, caller: Caller) -> tuple[NamedPolicy, ...]:
        """Every identity policy of the user (groups included), of the user behind a federated session, or of the role
        behind a session. None for an entity that was deleted and made again since."""
        return tuple(self._policies(caller))

    def _policies(self, caller: Caller) -> Iterator[NamedPolicy]:
        if not caller.account:
            return
        if caller.kind in (Kind.USER, Kind.FEDERATED):
            iam = self._iam(caller.account)
            user = iam.users.get(caller.user_name)
            if user is None:
                return
            yield from _of(user)
            for group in iam.groups.values():
                if user in group.users:
                    yield from _of(group)
        elif caller.kind is Kind.ROLE:
            role = self.role(caller.principal_arn)
            if role is not None and role.id == caller.user_id.partition(":")[0]:
                yield from _of(role)

    def boundary(self, caller: Caller) -> NamedPolicy | None:
        """The permissions boundary of the role behind a session (the store knows none of users). One whose policy is
        gone allows nothing."""
        role = self.role(caller.principal_arn) if caller.kind is Kind.ROLE else None
        arn = (role.permissions_boundary_arn or "") if role is not None else ""
        if not arn:
            return None
        policy = self._iam(caller.account).managed_policies.get(arn)
        return NamedPolicy(arn, _NOTHING if policy is None else _version_in_force(policy))

    def managed_policy(self, arn: str, account: str) -> Any | None:
        """moto's managed policy of this ARN, as an account sees it."""
        return self._iam(account).managed_policies.get(arn)

    def bounded_by(self, arn: str, account: str) -> list[str]:
        """The names of the roles that a managed policy is the boundary of."""
        roles = list(self._iam(account).roles.values())
        return [role.name for role in roles if role.permissions_boundary_arn == arn]

    def tags(self, caller: Caller) -> Mapping[str, str]:
        """Tags of the principal (aws:PrincipalTag)."""
        entity: Any = None
        if caller.kind is Kind.ROLE:
            entity = self.role(caller.principal_arn)
        elif caller.kind in (Kind.USER, Kind.FEDERATED):
            entity = self._iam(caller.account).users.get(caller.user_name)
        tags = getattr(entity, "tags", None) or {}
        if isinstance(tags, Mapping):
            return {k: (v["Value"] if isinstance(v, Mapping) else str(v)) for k, v in tags.items()}
        return {t["Key"]: t["Value"] for t in tags}


def user_caller(user: Any, account: str) -> Caller:
    return Caller(kind=Kind.USER, arn=user.arn, principal_arn=user.arn, account=account, user_id=user.id,
                  user_name=user.name)


def _of(entity: Any) -> Iterator[NamedPolicy]:
    for name, document in entity.policies.items():
        yield NamedPolicy(name, _text(document))
    for policy in entity.managed_policies.values():
        yield NamedPolicy(policy.arn, _version_in_force(policy))


def _version_in_force(policy: Any) -> str:
    """The default version of a managed policy."""
    return next(_text(v.document) for v in policy.versions if v.version_id == policy.default_version_id)


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)
