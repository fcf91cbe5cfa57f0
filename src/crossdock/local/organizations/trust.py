"""Services that an organization trusts, and members that administer one on its behalf (Organizations API reference;
User Guide, "Using AWS Organizations with other AWS services").

Which services heed this here stands in the coverage table: stack sets with service-managed permissions do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crossdock.local.engine import AwsError, Call
from crossdock.local.organizations.policies import ControlPolicies
from crossdock.local.organizations.tree import page

if TYPE_CHECKING:
    from crossdock.local.world import World

_PRINCIPAL = re.compile(r"[\w+=,.@-]{1,128}")
DELEGATED = 5
"""Delegated administrators of one service, at most."""

Moved = Callable[[str, tuple[str, ...], tuple[str, ...]], None]
"""Told of an account: its path from the root before and after."""


class Trust(ControlPolicies):
    """Trusted access and delegated administrators; and who is told when an account moves."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.listeners: list[Moved] = []

    def move_account(self, call: Call) -> None:
        account = str(call.params["AccountId"])
        before = self.state.path(account)
        super().move_account(call)
        for listener in self.listeners:
            listener(account, before, self.state.path(account))

    # -- trusted access

    def trusts(self, principal: str) -> bool:
        return principal in self.state.trusted

    def enable_aws_service_access(self, call: Call) -> None:
        with self.lock:
            self.state.trusted.setdefault(_principal(call), datetime.now(UTC))

    def disable_aws_service_access(self, call: Call) -> None:
        principal = _principal(call)
        with self.lock:
            if any(principal in services for services in self.state.delegated.values()):
                raise AwsError(
                    "ConstraintViolationException", "You can't disable the service while it has delegated "
                    "administrators: deregister them first.", Reason="SERVICE_ACCESS_NOT_ENABLED")  # fmt: skip
            self.state.trusted.pop(principal, None)

    def list_aws_service_access_for_organization(self, call: Call) -> Mapping[str, Any]:
        held = [{"ServicePrincipal": name, "DateEnabled": at} for name, at in sorted(self.state.trusted.items())]
        return page(call, "EnabledServicePrincipals", held)

    # -- delegated administrators

    def administers(self, account: str, principal: str) -> bool:
        """Whether a member account is a delegated administrator of a service."""
        return principal in self.state.delegated.get(account, {})

    def register_delegated_administrator(self, call: Call) -> None:
        account, principal = self.account(str(call.params["AccountId"])), _principal(call)
        if account.id == self.world.management_account:
            raise AwsError(
                "ConstraintViolationException", "You cannot register master account/yourself as delegated "
                "administrator for your organization.",
                Reason="CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")  # fmt: skip
        with self.lock:
            if not self.trusts(principal):
                raise AwsError("ConstraintViolationException", "Service access is not enabled for this service "
                               "principal.", Reason="SERVICE_ACCESS_NOT_ENABLED")
            if self.administers(account.id, principal):
                raise AwsError("AccountAlreadyRegisteredException", "The specified account is already a delegated "
                               "administrator for this AWS service.")
            if sum(principal in services for services in self.state.delegated.values()) >= DELEGATED:
                raise AwsError("ConstraintViolationException", "You have exceeded the maximum number of delegated "
                               "administrators.", Reason="MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED")
            self.state.delegated.setdefault(account.id, {})[principal] = datetime.now(UTC)

    def deregister_delegated_administrator(self, call: Call) -> None:
        account, principal = self.account(str(call.params["AccountId"])), _principal(call)
        with self.lock:
            if not self.administers(account.id, principal):
                raise AwsError("AccountNotRegisteredException", "The specified account is not a delegated "
                               "administrator for this AWS service.")
            del self.state.delegated[account.id][principal]

    def list_delegated_administrators(self, call: Call) -> Mapping[str, Any]:
        wanted = call.params.get("ServicePrincipal")
        found = []
        for account, services in self.state.delegated.items():
            held = [at for name, at in services.items() if wanted in (None, name)]
            if held:
                found.append({**self._account(self.account(account)), "DelegationEnabledDate": min(held)})
        return page(call, "DelegatedAdministrators", found)

    def list_delegated_services_for_account(self, call: Call) -> Mapping[str, Any]:
        services = self.state.delegated.get(self.account(str(call.params["AccountId"])).id, {})
        held = [{"ServicePrincipal": name, "DelegationEnabledDate": at} for name, at in services.items()]
        return page(call, "DelegatedServices", held)


def _principal(call: Call) -> str:
    principal = str(call.params["ServicePrincipal"])
    if not _PRINCIPAL.fullmatch(principal):
        raise AwsError("InvalidInputException", "You provided a value that does not match the required pattern.",
                       Reason="INVALID_PATTERN")
    return principal
