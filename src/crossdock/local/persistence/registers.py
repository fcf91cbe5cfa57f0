"""What the door remembers beside engines and store: sessions that are valid, and to whom policies were bound."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.errors import LocalError
from crossdock.local.identity import Caller, Credentials, Sessions
from crossdock.local.persistence.journal import RESET, Owner
from crossdock.local.persistence.keeper import WORLD, Keeper

SESSIONS: Owner = ("sessions",)
BOUND: Owner = ("principals",)


class KeptSessions(Sessions):
    """Temporary credentials outlive the server as long as they are valid."""

    def __init__(self, keeper: Keeper) -> None:
        super().__init__()
        self._keeper = keeper
        now = datetime.now(UTC)
        for key, (credentials, caller) in keeper.values(SESSIONS).items():
            if credentials.expires is not None and credentials.expires < now:
                keeper.forget(SESSIONS, key)
            else:
                self._issued[key] = (credentials, caller)

    def issue(self, caller: Caller, *, seconds: int = 3600) -> Credentials:
        credentials = super().issue(caller, seconds=seconds)
        self._keeper.put(SESSIONS, credentials.access_key, self.find(credentials.access_key))
        return credentials


class KeptDict(dict[str, dict[str, str]]):
    """A dict whose entries are written as they are set."""

    def __init__(self, keeper: Keeper, owner: Owner) -> None:
        super().__init__(keeper.values(owner))
        self._keeper, self._owner = keeper, owner

    def __setitem__(self, key: str, value: dict[str, str]) -> None:
        super().__setitem__(key, value)
        self._keeper.put(self._owner, key, value)

    def pop(self, key: str, *default: Any) -> Any:
        if key in self:
            self._keeper.forget(self._owner, key)
        return super().pop(key, *default)


def same_place(keeper: Keeper, settings: Mapping[str, Any]) -> None:
    """Note whose state this is. Raises LocalError when it is another organization's, or has accounts that are gone."""
    known = keeper.values(WORLD).get("settings")
    if known is not None:
        for what in ("organization", "management", "region"):
            if known[what] != settings[what]:
                raise LocalError(message=f"the state of the local AWS was made for {what} {known[what] or 'none'}, "
                                         f"now it is {settings[what] or 'none'}", hint=RESET)
        if gone := sorted(set(known["accounts"]) - set(settings["accounts"])):
            raise LocalError(message=f"the state of the local AWS has accounts that are no more: {', '.join(gone)}",
                             hint=RESET)
    if known != settings:
        keeper.put(WORLD, "settings", dict(settings))
