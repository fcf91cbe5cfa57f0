"""Who may have written the state, and with what."""

from __future__ import annotations

import importlib.metadata
import os
from pathlib import Path

from crossdock.errors import LocalError
from crossdock.local.persistence.journal import RESET

SCHEMA = 1
"""Of the journal's own layout."""
_OTHERS_WRITE = 0o022


def heading() -> str:
    """The first line of a journal. Pickles name classes of crossdock and the store: others can't read them."""
    crossdock, moto = (importlib.metadata.version(name) for name in ("crossdock", "moto"))
    return f"crossdock state {SCHEMA}, crossdock {crossdock}, moto {moto}"


def check(*paths: Path) -> None:
    """Raises LocalError unless each path that exists is this user's and nobody else can write to it.

    What is loaded can run code (pickle): it must not be somebody else's.
    """
    for path in paths:
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue
        if found.st_uid != os.geteuid():
            raise LocalError(message=f"{path} belongs to another user, its state is not loaded", hint=RESET)
        if found.st_mode & _OTHERS_WRITE or path.is_symlink():
            raise LocalError(message=f"{path} can be changed by others, its state is not loaded",
                             hint=f"take the right away if nobody used it: chmod go-w {path}")
