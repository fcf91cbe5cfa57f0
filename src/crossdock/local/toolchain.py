"""What of this machine a build or function runs on: interpreters found by version, and the directories of the system.

Nothing is downloaded. Where the machine lacks the version asked for, another is given, and `Found.note` says so.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

SYSTEM_PATH = tuple(
    path for path in ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin")
    if Path(path).is_dir()
)
"""Where a build finds the system's own tools; nothing else of the user's PATH is visible to it."""
PROGRAMS = {"golang": "go", "ruby": "ruby", "java": "java", "php": "php", "dotnet": "dotnet"}
"""Runtimes of CodeBuild's images, beside Python and Node.js, and the program that stands for each."""
_HERE = ".".join(str(part) for part in sys.version_info[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A runtime on this machine.

    version  the two numbers for Python (`3.11`), the major number for Node.js (`20`)
    exact    whether it is the version that was asked for
    """

    name: str
    wanted: str
    version: str
    program: Path
    exact: bool

    def note(self, who: str) -> str:
        """The sentence for the report, empty when nothing was substituted. `who`: "build of shop-api"."""
        return "" if self.exact else f"{who} asked for {self.name} {self.wanted}, ran on {self.name} {self.version}"


def python(wanted: str = "") -> Found:
    """An interpreter for a version like `3.12`; empty, `latest` and `3.x`: the one that runs now."""
    wanted = wanted.removeprefix("python")
    number = re.fullmatch(r"(3\.\d+)(?:\.\d+)?", wanted)
    if number and number[1] != _HERE:
        program = _python(number[1])
        if program is not None:
            return Found(name="python", wanted=wanted, version=number[1], program=program, exact=True)
    exact = wanted in ("", "latest", "3.x", "3") or bool(number and number[1] == _HERE)
    return Found(name="python", wanted=wanted, version=_HERE, program=Path(sys.executable), exact=exact)


def on_system(program: str) -> bool:
    """Whether builds find a program among the system's own."""
    return shutil.which(program, path=os.pathsep.join(SYSTEM_PATH)) is not None


def node(wanted: str = "") -> Found | None:
    """The machine's Node.js, None when it has none. Versions are compared by their major number."""
    program = shutil.which("node")
    version = _answer([program, "--version"]) if program else ""
    number = re.match(r"v(\d+)\.", version)
    if program is None or not number:
        return None
    major = wanted.removeprefix("nodejs").removesuffix(".x").partition(".")[0]
    return Found(
        name="nodejs", wanted=wanted, version=number[1], program=Path(program),
        exact=major in ("", "latest", number[1]),
    )


def instead(wanted: Found, used: Found) -> Found:
    """What was wanted, and that another had to do."""
    return replace(used, wanted=wanted.wanted, exact=False)


def make_python(found: Found, directory: Path, cache: Path) -> None:
    """A virtual environment with pip and setuptools, made without network. Raises OSError with what went wrong.

    pip and setuptools lie once in `cache`, after the environment's own packages on its path: copying their thousand
    files would cost more than all the rest, and a build that upgrades them gets its own, since these are outside.
    """
    seeds = _seeds(found, cache)
    _virtualenv(found, directory, cache, "--no-pip", "--no-setuptools")
    packages = next(directory.glob("lib/python*/site-packages"))
    (packages / "_seeds.pth").write_text(f"import site; site.addsitedir({str(seeds)!r})\n", encoding="utf-8")
    # There is no user's site in an environment: what --user would put there goes where everything goes.
    strip = 'for word do shift; [ "$word" = --user ] || set -- "$@" "$word"; done\n'
    for name in ("pip", "pip3", f"pip{found.version}"):
        launch(directory / "bin" / name, f"{strip}exec {shlex.quote(str(directory / 'bin/python'))} -m pip \"$@\"")


def _seeds(found: Found, cache: Path) -> Path:
    """pip and setuptools as virtualenv brings them, installed once for each of its releases and each Python."""
    release = importlib.metadata.version("virtualenv")
    seeds = cache / "seeds" / f"virtualenv-{release}-python-{found.version}"
    if not seeds.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            made = Path(scratch, "seeds")
            _virtualenv(found, made, cache, "--setuptools", "bundle")
            packages = next(made.glob("lib/python*/site-packages"))
            seeds.parent.mkdir(exist_ok=True)
            # Another build may have been faster, and what it made is as good.
            with contextlib.suppress(OSError):
                packages.rename(seeds)
    return seeds


def _virtualenv(found: Found, directory: Path, cache: Path, *options: str) -> None:
    done = subprocess.run(
        [
            sys.executable, "-I", "-m", "virtualenv", "--quiet", "--no-download", "--no-periodic-update", *options,
            "--app-data", str(cache / "virtualenv"), "--python", str(found.program), str(directory),
        ],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("VIRTUALENV_")},
    )
    if done.returncode:
        raise OSError(f"no virtual environment could be made from {found.program}: {done.stderr or done.stdout}")


def write_aws(directory: Path) -> None:
    """Put an `aws` into this directory: the AWS CLI beside this program, whatever Python the build itself uses."""
    launch(directory / "aws", f"exec {shlex.quote(sys.executable)} -I -m awscli \"$@\"")


def write_absent(directory: Path, name: str, because: str) -> None:
    """Put a command there that answers as a shell does to an unknown one, with the reason."""
    launch(directory / name, f"echo {shlex.quote(f'{name}: not found ({because})')} >&2\nexit 127")


def launch(path: Path, script: str) -> None:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


@functools.cache
def _python(version: str) -> Path | None:
    check = "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2], sep='\\n')"
    for candidate in _candidates(version):
        program, _, found = _answer([str(candidate), "-I", "-c", check]).partition("\n")
        if found == version and program:
            return Path(program)
    return None


def _candidates(version: str) -> Iterator[Path]:
    """A shim on PATH may stand for nothing, so each candidate is asked for its version."""
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    home, program = Path.home(), f"bin/python{version}"
    for root, pattern in (
        (Path(os.environ.get("PYENV_ROOT", home / ".pyenv")), f"versions/{version}.*/{program}"),
        (Path(os.environ.get("XDG_DATA_HOME", home / ".local/share")), f"uv/python/cpython-{version}.*/{program}"),
        (Path("/opt/homebrew/bin"), f"python{version}"),
        (Path("/usr/local/bin"), f"python{version}"),
        (Path("/usr/bin"), f"python{version}"),
    ):
        if os.path.isdir(root):  # noqa: PTH112  False, not an error, for what we may not look into
            yield from sorted(root.glob(pattern), reverse=True)


def _answer(argv: list[str]) -> str:
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, timeout=20, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
