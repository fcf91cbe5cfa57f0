"""The Organizations engine: who may call it at all, and tags. Its parts: `tree`, `policies`, `trust`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import AwsError, Call
from crossdock.local.organizations.trust import Trust

_MEMBERS = frozenset({"DescribeOrganization"})
"""What a member account may call (Organizations API reference)."""


class Organizations(Trust):
    """One organization, made of all accounts of the world, on its management account's behalf."""

    def handle(self, call: Call) -> Mapping[str, Any]:
        if not self.world.organization:
            raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
        reads = call.operation in _MEMBERS or (
            self.state.delegated.get(call.caller.account) and call.operation.startswith(("List", "Describe")))
        if call.caller.account != self.world.management_account and not reads:
            raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")
        return super().handle(call)

    def tags(self, arn: str) -> Mapping[str, str]:
        return self.state.tags.get(arn.rpartition("/")[2], {})

    def list_tags_for_resource(self, call: Call) -> Mapping[str, Any]:
        tags = self.state.tags.get(self._tagged(call), {})
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def tag_resource(self, call: Call) -> None:
        ident = self._tagged(call)
        new = {tag["Key"]: tag["Value"] for tag in call.params["Tags"]}
        with self.lock:
            self.state.tags[ident] = self.state.tags.get(ident, {}) | new

    def untag_resource(self, call: Call) -> None:
        ident, gone = self._tagged(call), set(call.params["TagKeys"])
        with self.lock:
            self.state.tags[ident] = {k: v for k, v in self.state.tags.get(ident, {}).items() if k not in gone}

    def _tagged(self, call: Call) -> str:
        ident = str(call.params["ResourceId"])
        policy = self.state.policies.get(ident)
        if self.arn_of(ident) is None or (policy is not None and policy.managed):
            raise AwsError("TargetNotFoundException", "You specified a target that doesn't exist.")
        return ident

    def path(self, account: str) -> str:
        """aws:PrincipalOrgPaths of an account: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`; empty for no member."""
        way = self.state.path(account)
        return "/".join((self.world.organization, *way[:-1])) + "/" if way and self.world.organization else ""
