"""Where one build lives while it runs: fresh directories, a scrubbed environment, and tools on its PATH.

The directories lie in the system's temporary directory, not below the state directory: tools that look upwards for
their configuration (git, pytest, npm) must not find the user's own project. Each is locked by the process that made
it, so that a later start can tell, and remove, what a killed one left.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import shutil
import stat
import tempfile
from pathlib import Path

from crossdock.local import toolchain

_PREFIX, _LOCK = "crossdock-build-", "lock"
_ABSENT = {
    "docker": "the local AWS has no container engine for builds",
    "sam": "this build environment has no SAM CLI; install aws-sam-cli in the buildspec",
    **dict.fromkeys(
        ("apt-get", "apt", "yum", "dnf", "apk", "snap", "brew"),
        "a build here runs on your machine and must not install system packages on it",
    ),
}
"""Commands of CodeBuild's images that are kept from the build, whatever the machine has."""
_OF_IMAGES = ("go", "ruby", "gem", "bundle", "java", "mvn", "gradle", "php", "composer", "dotnet", "jq", "wget", "curl",
              "zip", "unzip")
"""Commands of CodeBuild's images that a build has when this machine has them."""


class Workspace:
    """Directories of a build. `source`: CODEBUILD_SRC_DIR; `home` and `tmp`: HOME and TMPDIR; `control`: ours."""

    def __init__(self) -> None:
        made = Path(tempfile.mkdtemp(prefix=f"new-{_PREFIX}")).resolve()
        self._lock = (made / _LOCK).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.root = made.rename(made.with_name(made.name.removeprefix("new-")))
        self.control, self.home, self.tmp = self.root / "control", self.root / "home", self.root / "tmp"
        self.bin, self.python, self.output = self.root / "bin", self.root / "python", self.root / "output"
        self.source = self._fresh_source()
        for directory in (self.control, self.home, self.tmp, self.bin):
            directory.mkdir()
        self.instead: dict[str, str] = {}
        """URL of a repository at a git host -> address of what stands in for it."""
        self._tools()

    def _fresh_source(self) -> Path:
        path = self.output / f"src{random.randint(10**8, 10**9 - 1)}" / "src"  # noqa: S311  a name, no secret
        path.mkdir(parents=True)
        return path

    def secondary(self) -> Path:
        """A directory for one more source."""
        return self._fresh_source()

    def environment(self) -> dict[str, str]:
        """The variables of a build environment that come from no one: nothing of ours is among them."""
        own = [self.python / "bin", self.home / ".npm/bin", self.home / ".local/bin", self.bin]
        return {
            "PATH": os.pathsep.join([*map(str, own), *toolchain.SYSTEM_PATH]),
            "HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            "LANG": "C.UTF-8",
            "AWS_PAGER": "",
            "GIT_CEILING_DIRECTORIES": str(self.root),
            "GIT_TERMINAL_PROMPT": "0",
            "NPM_CONFIG_PREFIX": str(self.home / ".npm"),
            "NPM_CONFIG_UPDATE_NOTIFIER": "false",
            "UV_PYTHON": str(self.python / "bin/python"),
            # Whom this machine trusts beside the known authorities, as where a proxy looks into TLS.
            **{name: os.environ[name] for name in ("NODE_EXTRA_CA_CERTS",) if os.environ.get(name)},
        }

    def git_config(self, *, credentials: bool) -> None:
        """Git's configuration of this build: with `credentials`, git asks the AWS CLI for those of CodeCommit, as
        `git-credential-helper: yes` does; and it finds what stands in for repositories at git hosts."""
        text = "".join(f'[url "{address}"]\n\tinsteadOf = {url}\n' for url, address in self.instead.items())
        if credentials:
            text += ('[credential]\n\thelper = "!aws codecommit credential-helper --ignore-host-check $@"\n'
                     "\tuseHttpPath = true\n")
        (self.home / ".gitconfig").write_text(text, encoding="utf-8")

    def node(self, program: Path) -> None:
        """Put a Node.js of this machine on the PATH, with the commands beside it."""
        for name in ("node", "npm", "npx", "corepack"):
            if program.with_name(name).exists() and not (self.bin / name).exists():
                (self.bin / name).symlink_to(program.with_name(name))

    def remove(self) -> None:
        """Remove everything."""
        remove(self.root)
        self._lock.close()

    def _tools(self) -> None:
        toolchain.write_aws(self.bin)
        for name, because in _ABSENT.items():
            toolchain.write_absent(self.bin, name, because)
        for name in _OF_IMAGES:
            if not toolchain.on_system(name):
                toolchain.write_absent(self.bin, name, "CodeBuild's images have it, this machine does not")


def sweep() -> None:
    """Remove the directories of builds whose process was killed; those of others that run keep theirs locked."""
    for directory in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # not ours, or gone by now, or locked: somebody's who lives
            if directory.lstat().st_uid == os.getuid():
                with (directory / _LOCK).open("r+") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    remove(directory)


def remove(directory: Path) -> None:
    """Remove a tree, also where a tool took write permission away from directories."""
    for path, names, _ in os.walk(directory):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                inner = Path(path, name)
                if not inner.is_symlink():
                    inner.chmod(inner.stat().st_mode | stat.S_IRWXU)
    shutil.rmtree(directory, ignore_errors=True)
