"""Git's plumbing on a bare repository, in an environment that nothing outside this program configures."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ZERO = "0" * 40
_HEX = re.compile(r"[0-9a-f]{40}")


class GitError(Exception):
    """A git command failed; the message is git's own."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables for a git process: no system, user or inherited configuration, no prompt."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        **(extra or {}),
    }


def run(directory: Path, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
    """Standard output of `git --git-dir directory args`. GitError when it fails."""
    done = subprocess.run(
        ["git", "--git-dir", str(directory), *args], input=stdin, env=environment(env), capture_output=True, check=False
    )
    if done.returncode:
        raise GitError(done.stderr.decode(errors="replace").strip() or f"git {args[0]} ended with {done.returncode}")
    return done.stdout


def text(directory: Path, *args: str) -> str:
    """Standard output of a git command as text, without the last line's end."""
    return run(directory, *args).decode(errors="replace").removesuffix("\n")


def create(directory: Path) -> None:
    """A new bare repository without hooks, in which nothing runs behind our back."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["git", "init", "--quiet", "--bare", "--template=", str(directory)],
        env=environment(), capture_output=True, check=False,
    )
    if done.returncode:
        raise GitError(done.stderr.decode(errors="replace").strip())
    for key, value in {"gc.auto": "0", "receive.autogc": "false", "http.receivepack": "true"}.items():
        run(directory, "config", key, value)
    # `git archive` must give the tree as it is, whatever its .gitattributes say; this file outranks them.
    (directory / "info").mkdir(exist_ok=True)
    (directory / "info" / "attributes").write_text("* -export-ignore -export-subst\n", encoding="utf-8")


def references(directory: Path) -> dict[str, str]:
    """Full reference name -> commit id; annotated tags are peeled."""
    lines = text(directory, "for-each-ref", "--format=%(refname) %(objectname) %(*objectname)").splitlines()
    return {parts[0]: parts[-1] for parts in (line.split() for line in lines)}


def branches(directory: Path) -> dict[str, str]:
    """Branch name -> commit id."""
    prefix = "refs/heads/"
    return {n.removeprefix(prefix): c for n, c in references(directory).items() if n.startswith(prefix)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """A commit, and when it was written and committed as git's raw dates (`1484167798 -0800`)."""

    commit: str
    message: str
    written: str
    committed: str


def tip(directory: Path, specifier: str) -> Tip | None:
    """The commit that a specifier stands for (see `resolve`); None when there is none."""
    commit = resolve(directory, specifier)
    if commit is None:
        return None
    shown = text(directory, "show", "-s", "--date=raw", "--format=%ad%n%cd%n%B", commit)
    written, committed, message = shown.split("\n", 2)
    return Tip(commit=commit, message=message.rstrip("\n"), written=written, committed=committed)


def changed_files(directory: Path, before: str, after: str) -> tuple[str, ...]:
    """Paths that differ between two commits; all of the second's when there is no first."""
    if not before or before == ZERO:
        return tuple(text(directory, "ls-tree", "-r", "--name-only", "-z", after).split("\0")[:-1])
    return tuple(text(directory, "diff", "--name-only", "-z", before, after).split("\0")[:-1])


def valid_branch(directory: Path, name: str) -> bool:
    """Whether git would take this name for a branch."""
    try:
        run(directory, "check-ref-format", f"refs/heads/{name}")
    except GitError:
        return False
    return True


def resolve(directory: Path, specifier: str) -> str | None:
    """The commit that an id, a branch, a tag or a full reference name stands for; None if there is none."""
    candidates = (
        [specifier] if _HEX.fullmatch(specifier) or specifier == "HEAD" or specifier.startswith("refs/")
        else [f"refs/heads/{specifier}", f"refs/tags/{specifier}"]
    )
    for candidate in candidates:
        try:
            return text(directory, "rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}")
        except GitError:
            continue
    return None


def archive(directory: Path, commit: str) -> bytes:
    """The commit's tree as a zip file, without `.git`."""
    return run(directory, "archive", "--format=zip", commit)
