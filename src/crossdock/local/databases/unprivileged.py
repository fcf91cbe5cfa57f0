"""PostgreSQL refuses to run as root: there it runs as another user, who may still reach files below folders of root's.

setpriv (util-linux) changes the user and leaves one right of root's, to pass by permissions of files
(capabilities(7), CAP_DAC_OVERRIDE): our state lies in folders that are closed to others.
"""

from __future__ import annotations

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

_USERS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who runs servers. `prefix`: what comes before a command; `uid` and `gid`: None for ourselves."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def owns(self, path: Path) -> None:
        """Give a file or folder to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def user() -> User | None:
    """Who runs PostgreSQL here; None where we are root and can become nobody else."""
    if os.geteuid() != 0:
        return User()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return None
    for name in _USERS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        prefix = (setpriv, f"--reuid={found.pw_uid}", f"--regid={found.pw_gid}", "--clear-groups",
                  "--inh-caps=+dac_override", "--ambient-caps=+dac_override")
        return User(prefix=prefix, uid=found.pw_uid, gid=found.pw_gid)
    return None
