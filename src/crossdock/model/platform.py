"""Platform: what the user wrote in crossdock.yaml, validated. Made by `compose.read`; each value knows its line.

Shapes follow `docs/schema/platform.json`. What a key means, and which keys may be left out, is described there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crossdock.errors import Position
from crossdock.model.assembly import Check, Grant
from crossdock.model.infrastructure import Infrastructure

SHARED = "shared"
"""The name of the account that holds repositories, pipelines and artifacts."""
ORGANIZATION_ROLE = "OrganizationAccountAccessRole"
"""The role that AWS Organizations makes in each account it creates (AWS Organizations User Guide): whoever applies a
platform works with it in target accounts."""


class ServiceKind(StrEnum):
    """What a service is made of."""

    SERVERLESS = "serverless"
    TASK = "task"


class Merge(StrEnum):
    """When an approved pull request is merged."""

    WHEN_APPROVED = "when-approved"
    BY_HAND = "by-hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One AWS account. `id` is 12 digits."""

    name: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where one permanent branch is delivered to.

    approval        a person says yes before it is deployed
    infrastructure  what it holds beside services; None: nothing
    """

    name: str
    account: str
    branch: str
    approval: bool = True
    infrastructure: Infrastructure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service.

    source          its folder, relative to crossdock.yaml, with `/`
    buildspec       the name of its buildspec in that folder
    authentication  how callers of its API prove who they are: `none`, `iam`, `api-key`, `jwt`
    jwt             what `authentication: jwt` is given: issuer, audience
    schedule        `rate(...)` or `cron(...)`, for a task
    files           folder of the service -> prefix in the target account's bucket
    """

    name: str
    kind: ServiceKind
    source: str
    buildspec: str = "buildspec.yaml"
    authentication: str = "none"
    jwt: Mapping[str, Any] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    schedule: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """How pull requests into permanent branches are approved. `approvers` is a role of the shared account."""

    approvers: str
    approvals: int = 1
    merge: Merge = Merge.BY_HAND


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """Who hears about deliveries."""

    email: tuple[str, ...] = ()
    slack: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A template of the user's own. `template` is its file, `text` what stands there; no `environments`: all."""

    name: str
    template: str
    text: str
    environments: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A system outside AWS that services talk to, started for a rehearsal. `ready` is `tcp` or a URL path."""

    name: str
    command: str
    ready: str = "tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Everything in crossdock.yaml.

    organization  `o-...`, or empty: the accounts belong to none that is known
    positions     where each value stands, by `pointer` (RFC 6901) of its path
    """

    name: str
    organization: str
    region: str
    accounts: tuple[Account, ...]
    environments: tuple[Environment, ...]
    services: tuple[Service, ...]
    reviews: Reviews | None = None
    notifications: Notifications | None = None
    companions: tuple[Companion, ...] = ()
    extensions: tuple[Extension, ...] = ()
    positions: Mapping[str, Position] = field(default_factory=dict)

    def account(self, name: str) -> Account:
        """The account of this name. KeyError if there is none."""
        for account in self.accounts:
            if account.name == name:
                return account
        raise KeyError(name)

    @property
    def shared(self) -> Account:
        """The account that holds repositories, pipelines and artifacts."""
        return self.account(SHARED)

    @property
    def targets(self) -> tuple[Account, ...]:
        """The accounts that environments are in, in their own order."""
        used = {environment.account for environment in self.environments}
        return tuple(account for account in self.accounts if account.name in used)

    def position(self, *path: str | int) -> Position:
        """Where the value at this path stands, else its nearest ancestor that stands somewhere."""
        for end in range(len(path), -1, -1):
            found = self.positions.get(pointer(path[:end]))
            if found is not None:
                return found
        return Position("crossdock.yaml")


def pointer(path: tuple[str | int, ...]) -> str:
    """A path as a JSON pointer: `("environments", "dev")` -> `/environments/dev`; the whole file is ``""``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
