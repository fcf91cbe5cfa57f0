"""git as a program, apart from everything that the user's own git is set up to do.

Configuration comes from one file of ours in a home of its own; credentials reach git through environment variables
only, read by a credential helper in that file: never on a command line, never on disk.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crossdock.errors import CloudError, UsageError

_HELPER = (
    """!f() { test \\"$1\\" = get && printf 'username=%s\\\\npassword=%s\\\\n' """
    """\\"$CROSSDOCK_GIT_USERNAME\\" \\"$CROSSDOCK_GIT_PASSWORD\\"; }; f"""
)

_CONFIG = f"""\
[safe]
\tdirectory = *
[core]
\thooksPath = /dev/null
\tautocrlf = false
[credential]
\thelper = "{_HELPER}"
[http]
\tfollowRedirects = false
[gc]
\tauto = 0
"""

_KEPT = ("PATH", "TMPDIR", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO",
         "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")


@dataclass(frozen=True, slots=True)
class Author:
    """Who a commit is from."""

    name: str
    email: str


NEUTRAL = Author("crossdock", "crossdock@localhost")


class Git:
    """A repository that git works on: `directory` is the git directory, `home` holds the configuration."""

    def __init__(self, directory: Path, home: Path) -> None:
        self.directory, home = directory.absolute(), home.absolute()
        home.mkdir(parents=True, exist_ok=True)
        config = home / ".gitconfig"
        if not config.exists() or config.read_text() != _CONFIG:
            config.write_text(_CONFIG)
        no_proxy = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
        no_proxy = ",".join(filter(None, (no_proxy, "127.0.0.1", "localhost")))
        self._environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
            "HOME": str(home), "XDG_CONFIG_HOME": str(home),
            "GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "",
            "NO_PROXY": no_proxy, "no_proxy": no_proxy,
        }

    def __call__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Standard output of one git command. Raises CloudError with what git said."""
        done = self.run(*arguments, environment=environment)
        if done.returncode != 0:
            said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
            raise CloudError(message=f"git {arguments[0]}: {said[-1]}", details=said[:-1][-10:])
        return done.stdout.strip()

    def run(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One git command, whatever its exit status."""
        return _run(
            ["git", f"--git-dir={self.directory}", *arguments], dict(self._environment) | dict(environment or {})
        )


def users_author() -> Author:
    """Who the user is to their own git, or a neutral author where git doesn't know."""
    environment = dict(os.environ)
    name = _run(["git", "config", "user.name"], environment).stdout.strip()
    email = _run(["git", "config", "user.email"], environment).stdout.strip()
    return Author(name, email) if name and email else NEUTRAL


def top_of_repository(folder: Path) -> bool:
    """Whether a folder is itself the top of a git repository with a commit (and not only inside one)."""
    return (folder / ".git").exists()


def uncommitted(folder: Path, home: Path) -> tuple[str, ...]:
    """Files of a repository's top folder that differ from its HEAD, new ones too; none where git can't tell."""
    done = Git(folder / ".git", home).run(
        "--no-optional-locks", f"--work-tree={folder}", "-C", str(folder), "status", "--porcelain", "--no-renames", "-z"
    )
    return tuple(entry[3:] for entry in done.stdout.split("\0") if entry) if done.returncode == 0 else ()


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise UsageError(message="git is not installed", hint="install git 2.30 or newer") from error
