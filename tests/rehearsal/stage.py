"""A copy of examples/hello under names and ids of its own, and the programs that a person uses on it.

Everything goes through the installed console script, the AWS CLI and git as processes of their own: nothing of
crossdock is imported here.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
HELLO = Path(__file__).parents[2] / "examples" / "hello"
BIN = Path(sys.executable).parent
CROSSDOCK, AWS = str(BIN / "crossdock"), str(BIN / "aws")
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "XDG_CACHE_HOME", "PYENV_ROOT", "PIP_INDEX_URL", "PIP_CONFIG_FILE",
        "PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
"""What the programs see of the environment that the tests run in: nothing of AWS, git or Python."""


@dataclass(frozen=True, slots=True)
class Done:
    """A program that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output as one JSON document."""
        return json.loads(self.out)

    def well(self) -> Done:
        """Itself, when it ended well."""
        assert self.code == 0, f"exit code {self.code}\n{self.out}\n{self.err}"
        return self


def plain_environment(**more: str) -> dict[str, str]:
    """The environment of a person who has none of AWS's settings."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | more


def run(
    *argv: str, cwd: Path | None = None, environment: Mapping[str, str] | None = None, timeout: float = 120
) -> Done:
    """A program with nothing on its standard input."""
    done = subprocess.run(
        argv, cwd=cwd, env=dict(plain_environment() if environment is None else environment), capture_output=True,
        text=True, errors="replace", check=False, stdin=subprocess.DEVNULL, timeout=timeout,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A platform of two accounts in `root`, with one service below services/greeter."""

    root: Path
    platform: str
    branch: str
    shared: str
    nonprod: str
    organization: str
    variables: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def service(self) -> Path:
        return self.root / "services" / "greeter"

    @property
    def templates(self) -> Path:
        return self.root / ".crossdock" / "assembly" / "templates"

    @property
    def repository(self) -> str:
        return f"{self.platform}-greeter"

    @property
    def pipeline(self) -> str:
        """Also the name of the stack that it deploys and of the function in it."""
        return f"{self.platform}-development-greeter"

    def crossdock(self, *arguments: str, timeout: float = 120) -> Done:
        """crossdock in the platform's folder."""
        return run(CROSSDOCK, *arguments, cwd=self.root, timeout=timeout)

    def rehearse(self, *options: str, timeout: float = 120) -> tuple[Done, dict[str, Any]]:
        """A rehearsal and its report."""
        file = self.root / ".report.json"
        file.unlink(missing_ok=True)
        done = self.crossdock("rehearse", "--report", str(file), *options, timeout=timeout)
        return done, json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def as_account(self, account: str) -> dict[str, str]:
        """The environment in which a shell acts as an account, as `crossdock local env` prints it."""
        if account not in self.variables:
            self.variables[account] = self.crossdock("local", "env", account, "--json").well().json
        return plain_environment(**self.variables[account], AWS_PAGER="cat")

    def aws(self, account: str, *arguments: str, **more: str) -> Done:
        """The AWS CLI as an account's administrator; `more` are variables, empty ones taken away."""
        environment = {name: value for name, value in (self.as_account(account) | more).items() if value}
        return run(AWS, *arguments, "--output", "json", cwd=self.root, environment=environment)

    def write(self, path: str, text: str) -> None:
        """A file of the service, anew."""
        (self.service / path).write_text(text, encoding="utf-8")

    def swap(self, path: str, old: str, new: str) -> None:
        """Change one place in a file of the service."""
        swap(self.service / path, old, new)

    def revise(self, nonce: str) -> None:
        """Give the service's source another revision."""
        file = self.service / "greeter" / "greeting.py"
        lines = file.read_text(encoding="utf-8").splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith("REVISION = "))
        lines[at] = f'REVISION = "{nonce}"'
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def endpoint(self) -> str:
        """Where the API answers, as `crossdock status` tells."""
        return str(self.crossdock("status", "--json").well().json["deliveries"][0]["endpoint"])


def make(root: Path) -> Stage:
    """A copy in `root` with ids, names and a branch that nothing can have foreseen."""
    dice = random.SystemRandom()
    shared, nonprod = (f"{number:012d}" for number in dice.sample(range(10**11, 10**12), 2))
    word = "".join(dice.choices("abcdefghijkmnpqrstuvwxyz", k=6))
    stage = Stage(
        root=root, platform=f"p{word}", branch=f"lane/{word[::-1]}", shared=shared, nonprod=nonprod,
        organization="o-" + "".join(dice.choices("abcdefghij0123456789", k=10)),
    )
    shutil.copytree(HELLO, root, ignore=shutil.ignore_patterns(".crossdock", "__pycache__"))
    file = root / "crossdock.yaml"
    for old, new in (
        ("platform: hello", f"platform: {stage.platform}"), ("111111111111", shared), ("222222222222", nonprod),
        ("branch: develop", f"branch: {stage.branch}"), ("o-a1b2c3d4e5", stage.organization),
    ):
        swap(file, old, new)
    return stage


def swap(file: Path, old: str, new: str) -> None:
    """Change the one place in a file where a text stands."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def git(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Plain git, as somebody."""
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))}
    return run("git", *arguments, cwd=folder, environment=plain_environment(**who) | dict(environment or {})
               ).well().out.strip()


HELPER = f"!{AWS} codecommit credential-helper --ignore-host-check $@"
_WITH_HELPER = ("-c", "credential.helper=", "-c", f"credential.helper={HELPER}", "-c", "credential.useHttpPath=true")


def remote(stage: Stage, folder: Path, *arguments: str) -> str:
    """Plain git with the AWS CLI's credential helper, as the shared account's administrator."""
    return git(folder, *_WITH_HELPER, *arguments, environment=stage.as_account("shared"))


def clone_url(stage: Stage) -> str:
    """Where the service's repository is, as CodeCommit tells."""
    found = stage.aws("shared", "codecommit", "get-repository", "--repository-name", stage.repository).well().json
    return str(found["repositoryMetadata"]["cloneUrlHttp"])


def clone(stage: Stage, folder: Path) -> Path:
    """A clone of the service's repository."""
    remote(stage, folder.parent, "clone", "--quiet", "--branch", stage.branch, clone_url(stage), folder.name)
    return folder


def push(stage: Stage, copy: Path) -> str:
    """Commit what was changed in a clone and push it; the commit."""
    git(copy, "commit", "--quiet", "--all", "--message", "By hand")
    remote(stage, copy, "push", "--quiet")
    return git(copy, "rev-parse", "HEAD")


def ended(stage: Stage, commit: str) -> dict[str, Any] | None:
    """The delivery of a commit as `crossdock status` tells it, once it has ended."""
    found: dict[str, Any] = stage.crossdock("status", "--json").well().json["deliveries"][0]
    return found if found["commit"] == commit and found["status"] != "InProgress" else None


def left_of(folder: Path) -> list[str]:
    """Processes whose command line, environment or folder names this folder, and what is mounted below it."""
    name, found = os.fsencode(folder), []
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            said = (process / "cmdline").read_bytes()
            inside = folder in [(process / "cwd").resolve(), *(process / "cwd").resolve().parents]
            if inside or name in said or name in (process / "environ").read_bytes():
                found.append(f"{process.name}: {said.replace(bytes(1), b' ').decode(errors='replace')}")
        except OSError:  # it ended, or is another user's
            continue
    mounts = Path("/proc/self/mounts")
    text = mounts.read_text(encoding="utf-8") if mounts.exists() else ""
    return found + [f"mount: {line}" for line in text.splitlines() if str(folder) in line]


def eventually(look: Callable[[], T | None], *, seconds: float = 60) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"nothing within {seconds:.0f} s"
        time.sleep(0.1)
    return found


def get(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """What a URL on this machine answers."""
    return _ask(urllib.request.Request(url, headers=dict(headers or {})))  # noqa: S310  loopback


def post(url: str, body: str, headers: Mapping[str, str]) -> tuple[int, str]:
    """What a URL on this machine answers to a body."""
    return _ask(urllib.request.Request(url, data=body.encode(), headers=dict(headers), method="POST"))  # noqa: S310


def _ask(request: urllib.request.Request) -> tuple[int, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=40) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code), error.read().decode()
