"""One call that its policies allow, as the services' own rules see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.iam.calls import Ask
from crossdock.local.door.authorize import Authorizer
from crossdock.local.identity import Caller
from crossdock.local.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`account` owns what is called; `asks` were all allowed."""

    service: str
    operation: str
    params: Mapping[str, Any]
    caller: Caller
    account: str
    region: str
    protocol: str
    asks: tuple[Ask, ...]
    store: Store
    authorizer: Authorizer

    def text(self, member: str) -> str:
        """A member of the request, empty when it is not given."""
        return str(self.params.get(member) or "")

    def require(self, action: str, resource: str, account: str, *, why: str) -> None:
        """Raise AccessDenied when the caller may not do this besides. What is allowed is not logged: it is no call."""
        ask = Ask(action, resource, account)
        if not self.authorizer.decide(self.caller, ask, region=self.region).allowed:
            self.authorizer.require(self.caller, ask, region=self.region, protocol=self.protocol, why=why)
